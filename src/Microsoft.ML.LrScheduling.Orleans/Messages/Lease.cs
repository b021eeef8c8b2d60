namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>A worker's claim on part of a batch.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="First">The index of its first trial in the batch, from 0.</param>
/// <param name="Count">The number of trials.</param>
/// <param name="Number">The number of the lease in the study.</param>
/// <param name="Rows">The rows to train on.</param>
[GenerateSerializer]
[Immutable]
internal sealed record Lease(string Batch, int First, int Count, long Number, StudyRows Rows);
