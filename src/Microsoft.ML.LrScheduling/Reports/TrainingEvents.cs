using System.Globalization;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Reports;

/// <summary>What the schedule and early stopping did in a training, and why, in sentences.</summary>
internal static class TrainingEvents
{
    // More changes of the rate than these are told in one sentence.
    private const int MostChanges = 12;

    /// <summary>What happened, each with the epoch that it happened after.</summary>
    /// <param name="history">The training.</param>
    /// <param name="options">Its options; null where they are not known.</param>
    public static IEnumerable<(int Epoch, string Text)> Of(TrainingHistory history, LinearTrainerOptions? options)
    {
        if (history.Epochs.Count == 0) return [];
        var last = history.Epochs[^1].Epoch;
        // A history from a file may lack rates.
        List<(int, string)> events = history.Epochs.All(epoch => epoch.LearningRates.Count > 0) ? [.. RateChanges(history, options)] : [];
        if (options?.EarlyStopping is { } rule && history.BestEpoch is { } best)
            events.Add((last, Stopping(history, rule, rule.Metric ?? options.MonitoredMetric, best, last)));
        if (history.StopReason == StopReason.Diverged) events.Add((last, "Training diverged in the next epoch."));
        if (history.StopReason == StopReason.Pruned) events.Add((last, "The sweep stopped the trial: others were better at this epoch."));
        if (history.StopReason == StopReason.Cancelled) events.Add((last, "Training was cancelled."));
        return events;
    }

    private static IEnumerable<(int, string)> RateChanges(TrainingHistory history, LinearTrainerOptions? options)
    {
        var (first, final) = (history.Epochs[0].LearningRates[0], history.Epochs[^1].LearningRates[0]);
        var changes = history.Epochs.Zip(history.Epochs.Skip(1))
            .Where(pair => pair.First.LearningRates[0] != pair.Second.LearningRates[0]).ToArray();
        var isByBatch = history.Epochs.Any(epoch => epoch.BatchLearningRates.Count > 0)
            || history is { Schedule: null, ScheduleText: null } || history.Schedule is { StepsByBatch: true };
        if (changes.Length > MostChanges || (isByBatch && changes.Length > 0))
        {
            var highest = history.Epochs.MaxBy(epoch => epoch.LearningRates[0])!;
            yield return (history.Epochs[^1].Epoch,
                $"The rate went from {Number(first)} in epoch 1 to {Number(final)} in epoch {history.Epochs[^1].Epoch}, "
                + (isByBatch ? "changing with each minibatch" : $"changing {changes.Length} times")
                + (highest.LearningRates[0] > first && highest.Epoch > 1
                    ? $"; it was highest in epoch {highest.Epoch}, {Number(highest.LearningRates[0])}."
                    : "."));
            yield break;
        }

        var reasons = Reasons(history, options);
        foreach (var (before, after) in changes)
            yield return (before.Epoch,
                $"The rate went from {Number(before.LearningRates[0])} to {Number(after.LearningRates[0])}"
                + (reasons.TryGetValue(before.Epoch, out var why) ? $": {why}" : "."));
    }

    /// <summary>Why what watches a metric changed the rate after some epochs: it is walked along again.</summary>
    private static Dictionary<int, string> Reasons(TrainingHistory history, LinearTrainerOptions? options)
    {
        var reasons = new Dictionary<int, string>();
        if (options?.Schedules is not [{ NeedsMetric: true, StepsByBatch: false } schedule, ..]) return reasons;
        // Of several it is not known which of them a state is of.
        if (Watchers(schedule).ToArray() is not [var watcher]) return reasons;
        try
        {
            double[] initial = [.. history.Epochs[0].LearningRates];
            var scheduler = schedule.Start(options.Schedules.Count == 1 ? initial : initial[..1]);
            foreach (var epoch in history.Epochs)
            {
                var (rate, before) = (scheduler.LearningRates[0], StateOf(scheduler.Save().Schedule, watcher.GetType().Name));
                scheduler.Advance(ScheduleInterval.Epoch, watched => epoch[watched]);
                var now = scheduler.LearningRates[0];
                if (now != rate && before is not null
                    && watcher.ReasonOf(before, now > rate, watcher.Metric ?? options.MonitoredMetric, Number) is { } reason)
                    reasons[epoch.Epoch] = reason;
            }
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // A history from a file need not be one of its own options.
            reasons.Clear();
        }

        return reasons;
    }

    private static IEnumerable<MetricSchedule> Watchers(LrSchedule schedule) =>
        schedule is MetricSchedule watcher ? [watcher] : schedule.Parts.SelectMany(Watchers);

    private static ScheduleState? StateOf(ScheduleState state, string kind) => state.Kind == kind
        ? state
        : state.Parts.Select(part => StateOf(part, kind)).FirstOrDefault(part => part is not null);

    private static string Stopping(TrainingHistory history, EarlyStopping rule, Metric metric, int best, int last)
    {
        var value = history.Epochs.FirstOrDefault(epoch => epoch.Epoch == best)?[metric];
        var text = $"Epoch {best} has the best {metric}" + (value is { } known ? $", {Number(known)}. " : ". ");
        text += history.StopReason == StopReason.EarlyStopped
            ? $"The {last - best} epochs after it were not better: the patience was reached, and training ended. "
            : last > best ? $"Training ended before the patience of {rule.Patience} epochs was reached. " : "";
        return text + $"The model is that of epoch {(rule.RestoreBestWeights ? best : last)}.";
    }

    // As the page shows numbers.
    private static string Number(double number)
    {
        if (number == 0 || !double.IsFinite(number)) return number.ToString(CultureInfo.InvariantCulture);
        return Math.Abs(number) is >= 1e-4 and < 1e7
            ? double.Parse(number.ToString("G6", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)
                .ToString("0.##########", CultureInfo.InvariantCulture)
            : number.ToString("0.###e0", CultureInfo.InvariantCulture);
    }
}
