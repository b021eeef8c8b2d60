namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>Part of a batch that a worker is training.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="First">The index of its first trial in the batch, from 0.</param>
/// <param name="Count">The number of trials.</param>
[GenerateSerializer]
[Immutable]
internal sealed record TakenPart(string Batch, int First, int Count);
