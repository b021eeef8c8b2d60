using System.Globalization;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Reports;

/// <summary>Describes in sentences what the schedule and early stopping did in a training, and why.</summary>
internal static class TrainingEvents
{
    // If there are more changes of the rate, one sentence summarizes them.
    private const int MostChanges = 12;

    /// <summary>Returns the events, each with the epoch after which it happened.</summary>
    /// <param name="history">The training.</param>
    /// <param name="options">The options of the training; null if they are not known.</param>
    /// <param name="rates">The rates of each parameter group.</param>
    public static IEnumerable<(int Epoch, string Text)> Of(
        TrainingHistory history, LinearTrainerOptions? options, IReadOnlyList<RateCurve> rates)
    {
        if (history.Epochs.Count == 0) return [];
        var last = history.Epochs[^1].Epoch;
        var events = new List<(int Epoch, string Text)>();
        // A history from a file can have epochs without rates.
        if (history.Epochs.All(epoch => epoch.LearningRates.Count > 0))
        {
            var hasBias = rates.Count > 1 && RateWalk.ScheduleOf(history, options, group: 1).IsOwn;
            for (var group = 0; group < (hasBias ? 2 : 1); group++)
            {
                var subject = !hasBias ? "The rate" : group == 0 ? "The rate of the weights" : "The rate of the bias";
                events.AddRange(RateChanges(history, options, group, rates[group], subject));
            }
        }

        if (options?.EarlyStopping is { } rule
            && Stopping(history, rule, rule.Metric ?? options.MonitoredMetric, last) is { } stopping)
            events.Add((last, stopping));
        if (history.StopReason == StopReason.Diverged)
            events.Add((last, history.Divergence ?? $"Training diverged {Divergence(history)}."));
        if (history.StopReason == StopReason.Pruned) events.Add((last, "The sweep stopped the trial: others were better at this epoch."));
        if (history.StopReason == StopReason.Cancelled) events.Add((last, "Training was cancelled."));
        return events.OrderBy(told => told.Epoch);
    }

    /// <summary>Returns in which epoch training diverged, and the last loss before.</summary>
    public static string Divergence(TrainingHistory history) => history.Epochs is [.., var last]
        ? $"in epoch {last.Epoch + 1}, after a training loss of {Number(last.TrainingLoss)} in epoch {last.Epoch}"
        : "in epoch 1";

    private static IEnumerable<(int Epoch, string Text)> RateChanges(
        TrainingHistory history, LinearTrainerOptions? options, int group, RateCurve rates, string subject)
    {
        var last = history.Epochs[^1].Epoch;
        if (rates.IsByBatch)
        {
            if (rates.Y.Distinct().Count() > 1) yield return (last, ByBatch(history, group, rates, subject));
            yield break;
        }

        var changes = history.Epochs.Zip(history.Epochs.Skip(1))
            .Where(pair => pair.First.LearningRates[group] != pair.Second.LearningRates[group]).ToArray();
        if (changes.Length > MostChanges)
        {
            var (first, final) = (history.Epochs[0].LearningRates[group], history.Epochs[^1].LearningRates[group]);
            var highest = history.Epochs.MaxBy(epoch => epoch.LearningRates[group])!;
            yield return (last,
                $"{subject} went from {Number(first)} in epoch 1 to {Number(final)} in epoch {last}, changing {changes.Length} times"
                + (highest.LearningRates[group] > first
                    ? $"; it was highest in epoch {highest.Epoch}, {Number(highest.LearningRates[group])}." : "."));
            yield break;
        }

        var reasons = Reasons(history, options, group);
        foreach (var (before, after) in changes)
            yield return (before.Epoch,
                $"{subject} went from {Number(before.LearningRates[group])} to {Number(after.LearningRates[group])}"
                + (reasons.TryGetValue(before.Epoch, out var why) ? $": {why}" : "."));
    }

    private static string ByBatch(TrainingHistory history, int group, RateCurve rates, string subject)
    {
        var (first, last) = (history.Epochs[0], history.Epochs[^1]);
        if (rates.IsSampled)
        {
            var best = history.Epochs.MaxBy(epoch => epoch.LearningRates[group])!;
            return $"{subject} went from {Number(first.LearningRates[group])} at the end of epoch {first.Epoch} to "
                + $"{Number(last.LearningRates[group])} at the end of epoch {last.Epoch}, changing with each minibatch"
                + (best.LearningRates[group] > first.LearningRates[group]
                    ? $"; of the ends of epochs it was highest at that of epoch {best.Epoch}, {Number(best.LearningRates[group])}."
                    : ".");
        }

        var highest = Enumerable.Range(0, rates.Y.Count).MaxBy(i => rates.Y[i]);
        var most = rates.HasHighest ? $", {Number(rates.Y[highest])}" : "";
        return $"{subject} went from {Number(rates.Y[0])} in the first minibatch to {Number(rates.Y[^1])} in the last one, changing "
            + "with each minibatch"
            + (rates.Y[highest] > rates.Y[0] ? $"; it was highest in epoch {(int)rates.X[highest] + 1}{most}." : ".");
    }

    /// <summary>Returns the reasons why a schedule that watches a metric changed the rate, by epoch. It runs the schedule again.</summary>
    private static Dictionary<int, string> Reasons(TrainingHistory history, LinearTrainerOptions? options, int group)
    {
        var reasons = new Dictionary<int, string>();
        if (options is null || group >= options.Schedules.Count) return reasons;
        if (options.Schedules[group] is not { NeedsMetric: true, StepsByBatch: false } schedule) return reasons;
        // With several such schedules, it is not known to which of them a state belongs.
        if (Watchers(schedule).ToArray() is not [var watcher]) return reasons;
        try
        {
            double[] initial = [.. history.Epochs[0].LearningRates];
            var scheduler = schedule.Start(options.Schedules.Count == 1 ? initial : [initial[group]]);
            foreach (var epoch in history.Epochs)
            {
                var (rate, before) = (scheduler.LearningRates[0], StateOf(scheduler.Save().Schedule, watcher.GetType().Name));
                scheduler.Advance(ScheduleInterval.Epoch, watched => epoch[watched] ?? double.NaN);
                var now = scheduler.LearningRates[0];
                if (now != rate && before is not null
                    && watcher.ReasonOf(before, now > rate, watcher.Metric ?? options.MonitoredMetric, Number) is { } reason)
                    reasons[epoch.Epoch] = reason;
            }
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // A history from a file can contradict its options.
            reasons.Clear();
        }

        return reasons;
    }

    private static IEnumerable<MetricSchedule> Watchers(LrSchedule schedule) =>
        schedule is MetricSchedule watcher ? [watcher] : schedule.Parts.SelectMany(Watchers);

    private static ScheduleState? StateOf(ScheduleState state, string kind) => state.Kind == kind
        ? state
        : state.Parts.Select(part => StateOf(part, kind)).FirstOrDefault(part => part is not null);

    private static string? Stopping(TrainingHistory history, EarlyStopping rule, Metric metric, int last)
    {
        var isOver = history.StopReason == StopReason.EarlyStopped;
        if (!history.Epochs.Any(epoch => ReportedTraining.ValueOf(epoch, metric) is not null))
            return $"No epoch has a value of {metric}, so none is the best. "
                + (isOver ? $"The patience of {rule.Patience} epochs was reached, and training ended. " : "")
                + $"The model is that of epoch {last}.";
        if (history.BestEpoch is not { } best) return null;
        var value = history.Epochs.Where(epoch => epoch.Epoch == best).Select(epoch => ReportedTraining.ValueOf(epoch, metric))
            .FirstOrDefault();
        var text = $"Epoch {best} has the best {metric}" + (value is { } known ? $", {Number(known)}. " : ". ");
        text += isOver
            ? $"The {last - best} epochs after it were not better: the patience was reached, and training ended. "
            : last > best ? $"Training ended before the patience of {rule.Patience} epochs was reached. " : "";
        return text + $"The model is that of epoch {(rule.RestoreBestWeights ? best : last)}.";
    }

    // Formats numbers in the same way as the page.
    private static string Number(double number)
    {
        if (number == 0 || !double.IsFinite(number)) return number.ToString(CultureInfo.InvariantCulture);
        return Math.Abs(number) is >= 1e-4 and < 1e7
            ? double.Parse(number.ToString("G6", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)
                .ToString("0.##########", CultureInfo.InvariantCulture)
            : number.ToString("0.###e0", CultureInfo.InvariantCulture);
    }
}
