using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>Computes the score of a trial from its history.</summary>
internal static class TrialScore
{
    /// <summary>Returns a metric after an epoch, or after the last one; null if it is not defined, infinite or NaN.</summary>
    /// <param name="epochs">The epochs.</param>
    /// <param name="epoch">The epoch; null for the last one. If a journal has omitted it, the last epoch before it counts.</param>
    /// <param name="metric">The metric.</param>
    public static double? After(IReadOnlyList<EpochRecord> epochs, int? epoch, Metric metric) =>
        Measured(epochs, epoch, metric) is { } score && double.IsFinite(score) ? score : null;

    /// <summary>Does the same, but also returns an infinite value or NaN.</summary>
    public static double? Measured(IReadOnlyList<EpochRecord> epochs, int? epoch, Metric metric)
    {
        var last = epochs.Count - 1;
        while (last >= 0 && epochs[last].Epoch > epoch) last--;
        return last >= 0 ? epochs[last][metric] : null;
    }
}
