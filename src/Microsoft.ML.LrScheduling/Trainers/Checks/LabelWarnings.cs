using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>Warnings before training about labels that are all the same, and about metrics that are not defined for them.</summary>
/// <param name="options">The options of the trainer.</param>
/// <param name="rows">The rows.</param>
internal sealed class LabelWarnings(LinearTrainerOptions options, TrainerRows rows)
{
    /// <summary>Returns the warnings.</summary>
    public IEnumerable<string> All()
    {
        if (rows.Training.OnlyLabel is { } label)
            yield return $"All training rows{Weighted(rows.Training)} have the label {rows.Task.LabelText(label)}. There is nothing to "
                + "learn, and the model predicts that label for any similar row.";
        if (rows.Validation is not { } validation) yield break;
        foreach (var (watcher, metric) in WatchedMetrics.Of(options).Distinct())
            if (rows.Task.Scores.Undefined(validation).Contains(metric))
                yield return Undefined(watcher, metric) + watcher switch
                {
                    nameof(options.EarlyStopping) => "No epoch counts as better.",
                    nameof(CustomLR) => "Its functions see NaN.",
                    _ => "Its nanPolicy says how that is handled.",
                };
    }

    /// <summary>Throws if a schedule with the policy Throw watches a metric that is not defined for the validation rows.</summary>
    /// <exception cref="InvalidOperationException">There is such a schedule. The message names it.</exception>
    public void RefuseUndefined()
    {
        if (rows.Validation is not { } validation) return;
        var undefined = rows.Task.Scores.Undefined(validation).ToArray();
        foreach (var watcher in options.Schedules.OfType<LrSchedule>().SelectMany(Within).OfType<MetricSchedule>())
            if (watcher is { NanPolicy: NanPolicy.Throw, Metric: { } metric } && undefined.Contains(metric))
                throw new InvalidOperationException(Undefined(watcher.GetType().Name, metric)
                    + "Its nanPolicy is Throw. Set it to Bad or Ignore, watch another metric, or give other validation rows.");
    }

    private static string Weighted(TrainingSet rows) => rows.HasWeights ? " with a weight above 0" : "";

    private static string Undefined(string watcher, Metric metric) =>
        $"{watcher} watches {metric}, which is not defined for these validation rows: all have the same label. ";

    private static IEnumerable<LrSchedule> Within(LrSchedule schedule) => schedule.Parts.SelectMany(Within).Prepend(schedule);
}
