using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Reports;

/// <summary>
/// Computes the learning rates of a training by minibatch again from its schedule, because most histories contain only some of them. The
/// result is compared with the rates in the history, as far as there are any.
/// </summary>
/// <param name="history">The training.</param>
/// <param name="options">The options of the training.</param>
/// <param name="group">The parameter group.</param>
internal sealed class RateWalk(TrainingHistory history, LinearTrainerOptions options, int group)
{
    // Rates from a file or from another machine can differ in their last digits.
    private const double Tolerance = 1e-6;

    private readonly int _stepsPerEpoch = StepsPerEpoch(history, options) ?? 0;

    // The index in the scheduler. If each group has its own schedule, each scheduler has only one group.
    private readonly int _place = options.Schedules.Count > 1 ? 0 : group;

    /// <summary>Returns the number of minibatches in an epoch; null if it is not known.</summary>
    public static int? StepsPerEpoch(TrainingHistory history, LinearTrainerOptions? options) =>
        history.TrainingRowCount is > 0 and var rows && options is { BatchSize: > 0 and var size } ? (rows - 1) / size + 1 : null;

    /// <summary>
    /// Returns the schedule of a parameter group (null if it is not known or is the default one), whether its rate can change after each
    /// minibatch, and whether the schedule is only for the bias.
    /// </summary>
    public static (LrSchedule? Schedule, bool IsByBatch, bool IsOwn) ScheduleOf(
        TrainingHistory history, LinearTrainerOptions? options, int group)
    {
        var isOwn = group == 1 && (options?.BiasLearningRateSchedule is not null || history.BiasScheduleText is not null);
        var schedule = isOwn ? options?.BiasLearningRateSchedule : history.Schedule ?? options?.LearningRateSchedule;
        var isDefault = !isOwn && schedule is null && history.ScheduleText is null;
        return (schedule, isDefault || schedule is { StepsByBatch: true }, isOwn);
    }

    /// <summary>
    /// Computes the rates, each with the number of epochs before it. Null if the schedule, the number of rows or the initial rate is not
    /// known, if the result differs from the history, or if there are too many steps.
    /// </summary>
    /// <param name="mostSteps">The maximum number of steps to take one by one.</param>
    /// <param name="mostPoints">If there are more steps: the maximum number of evenly spaced steps to compute.</param>
    /// <returns>The rates, and whether they are the rates of all minibatches.</returns>
    public (List<(double X, double Y)> Points, bool IsWhole)? Find(long mostSteps, int mostPoints)
    {
        if (_stepsPerEpoch == 0 || history.Epochs is not [{ Epoch: 1 } first, ..]) return null;
        var last = history.Epochs[^1].Epoch;
        try
        {
            if (Schedule() is not { } schedule || Start(schedule, first) is not { } start) return null;
            var steps = (long)last * _stepsPerEpoch;
            var points = steps <= Math.Min(mostSteps, RunAhead.LongestWalk(schedule))
                ? (All(start(), last), true)
                : IsByBatchAlone(schedule) && !schedule.NeedsMetric && !schedule.WalksStepByStep
                    ? (Some(start(), steps, Math.Min(steps, mostPoints)), false)
                    : ((List<(double, double)>?)null, false);
            return points is ({ } found, var isWhole) ? (found, isWhole) : null;
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // A history from a file can contradict its options.
            return null;
        }
    }

    private LrSchedule? Schedule()
    {
        var (known, isByBatch, _) = ScheduleOf(history, options, group);
        if (!isByBatch) return null;
        var epochs = options.EpochsFor(_stepsPerEpoch);
        if (known is null) return FitSetup.Falling(epochs, _stepsPerEpoch);
        // Only training calls the functions of a user.
        return ScheduleKind.FunctionsOf(known).Any(function => function.Expression is null)
            ? null
            : known.Watching(options.MonitoredMetric).ForRun(epochs, _stepsPerEpoch);
    }

    // If the initial rate was computed from the rows, it is derived from the recorded rate at the end of the first epoch.
    private Func<LrScheduler>? Start(LrSchedule schedule, EpochRecord first)
    {
        var initial = Initial(rate: 1);
        if (options.LearningRate is null)
        {
            var scheduler = schedule.Start(initial);
            for (var step = 1; step < _stepsPerEpoch; step++) scheduler.Advance(ScheduleInterval.Batch);
            if (!(scheduler.LearningRates[_place] > 0)) return null;
            initial = Initial(first.LearningRates[group] / scheduler.LearningRates[_place]);
        }

        return () => schedule.Start(initial);
    }

    private double[] Initial(double rate) =>
        options.Schedules.Count > 1 ? [options.LearningRates(rate)[group]] : options.LearningRates(rate);

    private List<(double X, double Y)>? All(LrScheduler scheduler, int last)
    {
        var points = new List<(double X, double Y)>();
        var records = history.Epochs.ToDictionary(epoch => epoch.Epoch);
        for (var epoch = 1; epoch <= last; epoch++)
        {
            for (var step = 0; step < _stepsPerEpoch; step++)
            {
                if (step > 0) scheduler.Advance(ScheduleInterval.Batch);
                RateCurve.Add(points, epoch - 1 + (double)step / _stepsPerEpoch, scheduler.LearningRates[_place]);
            }

            var record = records.GetValueOrDefault(epoch);
            if (record is not null && !IsNear(scheduler, record)) return null;
            if (epoch == last) break;
            if (record is null && scheduler.Schedule.NeedsMetric) return null;
            scheduler.Advance(ScheduleInterval.Batch);
            scheduler.Advance(ScheduleInterval.Epoch, metric => record?[metric] ?? double.NaN);
        }

        return points;
    }

    private List<(double X, double Y)>? Some(LrScheduler scheduler, long steps, long count)
    {
        foreach (var record in new[] { history.Epochs[0], history.Epochs[history.Epochs.Count / 2], history.Epochs[^1] })
        {
            scheduler.StepTo((long)record.Epoch * _stepsPerEpoch - 1);
            if (!IsNear(scheduler, record)) return null;
        }

        var points = new List<(double X, double Y)>();
        for (long i = 0; i < count; i++)
        {
            var step = i * (steps - 1) / Math.Max(1, count - 1);
            scheduler.StepTo(step);
            RateCurve.Add(points, (double)step / _stepsPerEpoch, scheduler.LearningRates[_place]);
        }

        return points;
    }

    private bool IsNear(LrScheduler scheduler, EpochRecord record) =>
        Math.Abs(scheduler.LearningRates[_place] - record.LearningRates[group]) <= Tolerance * record.LearningRates[group];

    private static bool IsByBatchAlone(LrSchedule schedule) =>
        schedule.Interval == ScheduleInterval.Batch && schedule.Parts.All(IsByBatchAlone);
}
