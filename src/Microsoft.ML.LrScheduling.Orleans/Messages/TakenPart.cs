namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>Trials of a batch that a worker trains.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="First">The place of the first of them in the batch, from 0.</param>
/// <param name="Count">How many there are.</param>
[GenerateSerializer]
[Immutable]
internal sealed record TakenPart(string Batch, int First, int Count);
