namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>Part of a batch whose results are stored, or that was given up.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="First">The index of its first trial in the batch, from 0.</param>
/// <param name="Count">The number of trials.</param>
/// <param name="Failure">The reason for giving up; null if the results are stored.</param>
/// <param name="IsTakenApart">Whether the trial trained alone, because workers had failed to train it together with others.</param>
[GenerateSerializer]
[Immutable]
internal sealed record FinishedPart(string Batch, int First, int Count, string? Failure, bool IsTakenApart = false);
