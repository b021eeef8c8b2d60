namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>How a trial did on a part of the rows that it had not seen.</summary>
/// <param name="Fold">The part, from 0.</param>
/// <param name="Trial">The trial's number in the sweep.</param>
/// <param name="Score">The metric; null where it is not defined, or training diverged or failed.</param>
/// <param name="Failure">Why there is no score; null where there is one.</param>
internal sealed record FoldResult(int Fold, int Trial, double? Score, string? Failure);
