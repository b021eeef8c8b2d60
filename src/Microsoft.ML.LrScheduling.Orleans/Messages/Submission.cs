namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>Trials that are to be trained, and are kept as bytes.</summary>
/// <param name="Batch">A hash of them.</param>
/// <param name="Count">How many there are.</param>
/// <param name="IsWhole">Whether all train together, also where workers wait.</param>
/// <param name="Rung">The rung at which they stand, in epochs; 0 where they begin. The highest are given out first.</param>
/// <param name="KeepsStates">Whether it is kept where they stand in the end.</param>
[GenerateSerializer]
[Immutable]
internal sealed record Submission(string Batch, int Count, bool IsWhole = false, int Rung = 0, bool KeepsStates = false);
