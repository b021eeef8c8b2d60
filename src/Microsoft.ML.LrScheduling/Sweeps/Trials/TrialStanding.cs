using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>How far a trial has come that has not ended.</summary>
/// <param name="Number">Its number in the sweep.</param>
/// <param name="Epochs">Its epochs so far.</param>
internal sealed record TrialStanding(int Number, IReadOnlyList<EpochRecord> Epochs);
