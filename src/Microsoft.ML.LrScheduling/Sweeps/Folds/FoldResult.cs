namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>The score of a trial on the rows of a fold, on which it was not trained.</summary>
/// <param name="Fold">The fold, from 0.</param>
/// <param name="Trial">The trial's number in the sweep.</param>
/// <param name="Score">The metric; null if it is not defined, or if training diverged or failed.</param>
/// <param name="Failure">Why there is no score; null if there is one.</param>
internal sealed record FoldResult(int Fold, int Trial, double? Score, string? Failure);
