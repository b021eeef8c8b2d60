namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>Trials of a batch whose results are there, or that were given up.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="First">The place of the first of them in the batch, from 0.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Failure">Why they were given up; null where they were not.</param>
/// <param name="IsTakenApart">Whether they trained alone since workers had failed to train them together with others.</param>
[GenerateSerializer]
[Immutable]
internal sealed record FinishedPart(string Batch, int First, int Count, string? Failure, bool IsTakenApart = false);
