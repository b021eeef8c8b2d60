using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>The metrics that schedules and early stopping of a trainer watch.</summary>
internal static class WatchedMetrics
{
    /// <summary>The name of each schedule or rule that watches a metric, with the metric.</summary>
    public static IEnumerable<(string Watcher, Metric Metric)> Of(LinearTrainerOptions options)
    {
        foreach (var schedule in options.Schedules.OfType<LrSchedule>())
            foreach (var (watcher, metric) in schedule.WatchedMetrics)
                yield return (watcher.GetType().Name, metric ?? options.MonitoredMetric);
        if (options.EarlyStopping is { } rule) yield return (nameof(EarlyStopping), rule.Metric ?? options.MonitoredMetric);
    }

    /// <summary>The metric that the log shows beside the losses: the first watched metric that is not a loss, if there is one.</summary>
    public static Metric LoggedFor(LinearTrainerOptions options) => Of(options).Select(watched => watched.Metric)
        .FirstOrDefault(metric => metric is not (Metric.TrainingLoss or Metric.ValidationLoss), options.MonitoredMetric);

    /// <summary>Checks that nothing watches a metric of validation rows, for a training without such rows.</summary>
    /// <exception cref="InvalidOperationException">A schedule or early stopping does; the message names it.</exception>
    public static void CheckNoneNeedsValidation(LinearTrainerOptions options)
    {
        foreach (var (watcher, metric) in Of(options))
            if (metric.NeedsValidation())
                throw new InvalidOperationException(
                    $"{watcher} watches {metric}, and there is no validation data. "
                    + "Set ValidationFraction in (0, 1), call Fit(trainData, validationData), or let it watch TrainingLoss.");
    }
}
