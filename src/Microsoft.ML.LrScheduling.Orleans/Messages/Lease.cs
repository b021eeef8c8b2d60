namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>Trials that a worker has taken.</summary>
/// <param name="Batch">The batch that they belong to.</param>
/// <param name="First">The place of the first of them in the batch, from 0.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Number">The number of the lease in the study.</param>
/// <param name="Rows">The rows.</param>
[GenerateSerializer]
[Immutable]
internal sealed record Lease(string Batch, int First, int Count, long Number, StudyRows Rows);
