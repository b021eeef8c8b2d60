namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>A batch that is to be trained. Its trials are stored as bytes before.</summary>
/// <param name="Batch">The name of the batch: a hash of its trials.</param>
/// <param name="Count">The number of trials.</param>
/// <param name="IsWhole">Whether the batch is never split, even if workers are idle.</param>
/// <param name="Rung">The epochs that its trials have trained; 0 for new trials. Workers get the highest rung first.</param>
/// <param name="KeepsStates">Whether workers store the state of each trial at the end of the leg.</param>
[GenerateSerializer]
[Immutable]
internal sealed record Submission(string Batch, int Count, bool IsWhole = false, int Rung = 0, bool KeepsStates = false);
