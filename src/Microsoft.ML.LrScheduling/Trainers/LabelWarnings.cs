namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>What is to be said before training of labels that are all the same, and of metrics that are not defined for them.</summary>
/// <param name="options">The options of the trainer.</param>
/// <param name="rows">The rows.</param>
internal sealed class LabelWarnings(LinearTrainerOptions options, TrainerRows rows)
{
    /// <summary>The warnings, each a sentence or two.</summary>
    public IEnumerable<string> All()
    {
        if (rows.Training.HasOneLabel)
            yield return $"All training rows have the label {rows.Task.LabelText(rows.Training.Label(0))}. There is nothing to tell apart, "
                + "and the model predicts that label for any row like them.";
        if (rows.Validation is not { } validation) yield break;
        foreach (var (watcher, metric) in options.WatchedMetrics.Distinct())
            if (rows.Task.Scores.Undefined(validation).Contains(metric))
                yield return $"{watcher} watches {metric}, which is not defined for these validation rows: all have the same label. "
                    + (watcher == nameof(options.EarlyStopping) ? "No epoch counts as better." : "Its nanPolicy says what that means.");
    }
}
