using System.Text.RegularExpressions;
using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>Checks the options of a trainer.</summary>
/// <param name="options">The options.</param>
internal sealed partial class OptionsCheck(LinearTrainerOptions options)
{
    private IEnumerable<Metric> Metrics => options.ValidationMetrics.Prepend(Metric.TrainingLoss);

    /// <summary>Checks each option, and options that depend on each other.</summary>
    /// <exception cref="ArgumentException">An option is not valid; the message names it, its value and the allowed range.</exception>
    public void Run()
    {
        Argument.ColumnName(options.LabelColumnName, nameof(options.LabelColumnName));
        Argument.ColumnName(options.FeatureColumnName, nameof(options.FeatureColumnName));
        if (options.ExampleWeightColumnName is { } weights) Argument.ColumnName(weights, nameof(options.ExampleWeightColumnName));
        ArgumentNullException.ThrowIfNull(options.Optimizer, nameof(options.Optimizer));
        ArgumentNullException.ThrowIfNull(options.TrainingLoss, "Loss");
        options.Optimizer.CheckSettings();
        if (options.NumberOfEpochs is { } epochs) Argument.AtLeast(epochs, 1, nameof(options.NumberOfEpochs));
        if (options.Averaging is { StartEpoch: var start } && start >= options.NumberOfEpochs)
            throw Argument.OutOfRange("Averaging.StartEpoch", $"in [0, {options.NumberOfEpochs}), less than NumberOfEpochs", start);
        Argument.AtLeast(options.BatchSize, 1, nameof(options.BatchSize));
        if (options.LearningRate is { } rate) Argument.Positive(rate, nameof(options.LearningRate));
        if (options.BiasLearningRate is { } biasRate) Argument.Positive(biasRate, nameof(options.BiasLearningRate));
        if (!Metrics.Contains(options.MonitoredMetric))
            throw Argument.OutOfRange(
                nameof(options.MonitoredMetric), $"one of {string.Join(", ", Metrics)}", options.MonitoredMetric);
        Argument.NonNegativeSingle(options.L1Regularization, nameof(options.L1Regularization));
        if (options.L2Regularization is { } l2) Argument.NonNegativeSingle(l2, nameof(options.L2Regularization));
        Argument.FractionOrZero(options.ValidationFraction, nameof(options.ValidationFraction));
        Argument.Defined(options.ValidationSplit, nameof(options.ValidationSplit));
        if (options.SamplingKeyColumnName is { } key) Argument.ColumnName(key, nameof(options.SamplingKeyColumnName));
        Argument.Defined(options.InvalidRows, nameof(options.InvalidRows));
        Argument.Defined(options.Cancellation, nameof(options.Cancellation));
        // A configuration binder can create the object without its required property.
        if (options.Checkpoints is { Folder: null })
            throw Argument.Invalid($"{nameof(options.Checkpoints)}.{nameof(Checkpoints.Folder)}", "be a path", "null");
        if (options.MemoryLimitMB is { } limit) Argument.AtLeast(limit, 1, nameof(options.MemoryLimitMB));
        CheckEngine();
        CheckSchedules();
        options.CheckOwn();
        foreach (var (watcher, metric) in WatchedMetrics.Of(options))
            if (!Metrics.Contains(metric))
                throw new ArgumentException(
                    $"{watcher} watches {metric}, which is not measured here: it must be one of {string.Join(", ", Metrics)}.");
    }

    private void CheckEngine()
    {
        var (engine, device) = (options.Engine, options.Device);
        Argument.Defined(engine, nameof(options.Engine));
        ArgumentNullException.ThrowIfNull(device, nameof(options.Device));
        if (!DeviceName.IsMatch(device)) throw Argument.OutOfRange(nameof(options.Device), "\"cpu\", \"cuda\" or \"cuda:N\"", device);
        if (engine == TrainingEngine.Fused && device != Defaults.Device)
            throw Argument.OutOfRange(
                nameof(options.Engine), $"{TrainingEngine.Auto} or {TrainingEngine.Torch} on the device {device}", engine);
    }

    [GeneratedRegex(@"^(cpu|cuda(:[0-9]{1,3})?)\z")]
    private static partial Regex DeviceName { get; }

    private void CheckSchedules()
    {
        // A rate that is computed from the rows is not known yet. Any value will do here.
        var initial = options.LearningRates(rate: 0.01);
        Check(
            options.LearningRateSchedule, nameof(options.LearningRateSchedule),
            options.BiasLearningRateSchedule is null ? initial : initial[..1]);
        Check(options.BiasLearningRateSchedule, nameof(options.BiasLearningRateSchedule), initial[1..]);

        void Check(LrSchedule? schedule, string name, double[] rates)
        {
            if (schedule is null) return;
            try
            {
                RunOf(schedule, name).Start(rates);
            }
            // A run of one step says nothing about a schedule that takes its length from the run. Its own run is checked before training.
            catch (Exception e) when (!HasRun(schedule) && ScheduleKind.TakesRun(schedule)
                && e is ScheduleException or ArgumentOutOfRangeException)
            {
            }
            catch (InvalidOperationException e) when (e is not ScheduleException)
            {
                throw new ArgumentException($"{name} cannot be started: {e.Message}", name, e);
            }
            // A function of the user can throw any exception.
            catch (Exception e) when (e is not ArgumentException && TrialFailure.IsOne(e))
            {
                throw new ScheduleException(name, schedule, epoch: 1, schedule.StepsByBatch ? 1 : null, e);
            }

            if (schedule.CyclesMomentum && options.Optimizer.CycledMomentum is null)
                throw new ArgumentException(
                    $"{name} cycles the momentum, and {options.Optimizer.GetType().Name} has none: set cycleMomentum to false, or choose "
                    + "another optimizer.", name);
        }
    }

    // A schedule that fits no run is rejected now. Whether it fits this run by minibatch is checked when the number of rows is known.
    private LrSchedule RunOf(LrSchedule schedule, string name)
    {
        var watching = schedule.Watching(options.MonitoredMetric);
        return HasRun(schedule)
            ? RunAhead.InRun(name, watching, options.NumberOfEpochs!.Value, stepsPerEpoch: null)
            : watching.ForRun(1, 1);
    }

    // A schedule that is too short for one minibatch per epoch is also too short for more, unless it takes its length from the run.
    private bool HasRun(LrSchedule schedule) =>
        options.NumberOfEpochs is not null && !(schedule.StepsByBatch && ScheduleKind.TakesRun(schedule));
}
