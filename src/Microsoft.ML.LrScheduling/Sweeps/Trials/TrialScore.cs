using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>What the score of a trial follows from.</summary>
internal static class TrialScore
{
    /// <summary>A metric after an epoch, or after the last one; null where it is not defined, or there is none.</summary>
    /// <param name="epochs">The epochs.</param>
    /// <param name="epoch">The epoch; null for the last one. Of one that a journal has left out, the last one before counts.</param>
    /// <param name="metric">The metric.</param>
    public static double? After(IReadOnlyList<EpochRecord> epochs, int? epoch, Metric metric) =>
        Measured(epochs, epoch, metric) is { } score && double.IsFinite(score) ? score : null;

    /// <summary>The same, also where it is infinite or NaN, which is no score.</summary>
    public static double? Measured(IReadOnlyList<EpochRecord> epochs, int? epoch, Metric metric)
    {
        var last = epochs.Count - 1;
        while (last >= 0 && epochs[last].Epoch > epoch) last--;
        return last >= 0 ? epochs[last][metric] : null;
    }
}
