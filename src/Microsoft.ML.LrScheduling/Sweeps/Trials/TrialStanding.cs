using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>The progress of a trial that has not ended.</summary>
/// <param name="Number">The trial's number in the sweep.</param>
/// <param name="Epochs">The records of its epochs so far.</param>
internal sealed record TrialStanding(int Number, IReadOnlyList<EpochRecord> Epochs);
