using System.Globalization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>A schedule that watches a metric and checks once per epoch whether it has improved.</summary>
/// <remarks>
/// At each step the metric is compared with the best value so far. If lower is better (<see cref="PlateauMode.Min"/>), the metric has
/// improved when metric &lt; best − |best| · threshold (<see cref="ThresholdMode.Rel"/>) or metric &lt; best − threshold
/// (<see cref="ThresholdMode.Abs"/>). With <see cref="PlateauMode.Max"/> it has improved when metric &gt; best + |best| · threshold or
/// metric &gt; best + threshold.
/// </remarks>
public abstract record MetricSchedule : LrSchedule
{
    private protected MetricSchedule()
    {
    }

    // Abstract, because the text and JSON forms list the properties of a type in the order of their declarations in that type.

    /// <summary>
    /// The metric to watch; null (the default) for the MonitoredMetric of the trainer's options, or for the metric that you pass to each
    /// step.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of <see cref="Schedules.Metric"/>.</exception>
    public abstract Metric? Metric { get; init; }

    /// <summary>
    /// Whether a lower or a higher metric is better; null (the default) for the direction of the metric, or for lower if
    /// <see cref="Metric"/> is null.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of <see cref="PlateauMode"/>.</exception>
    public abstract PlateauMode? Mode { get; init; }

    /// <summary>The change that a metric must exceed to count as an improvement, in [0, ∞).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative, NaN or infinite.</exception>
    public abstract double Threshold { get; init; }

    /// <summary>Whether the threshold is relative to the best metric (Rel) or absolute (Abs).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of <see cref="Schedules.ThresholdMode"/>.</exception>
    public abstract ThresholdMode ThresholdMode { get; init; }

    /// <summary>
    /// How the schedule handles a metric that is NaN or infinite, or that is not defined for the validation rows. Default:
    /// <see cref="NanPolicy.Bad"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of <see cref="Schedules.NanPolicy"/>.</exception>
    public abstract NanPolicy NanPolicy { get; init; }

    /// <summary>Always <see cref="ScheduleInterval.Epoch"/>, because the metric is measured once per epoch.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not <see cref="ScheduleInterval.Epoch"/>.</exception>
    public sealed override ScheduleInterval Interval
    {
        get => ScheduleInterval.Epoch;
        init
        {
            if (value != ScheduleInterval.Epoch)
                throw Argument.OutOfRange(
                    "interval", $"Epoch, since {GetType().Name} watches a metric that is measured once an epoch", value);
        }
    }

    /// <inheritdoc/>
    public sealed override LrSchedule WithInterval(ScheduleInterval interval) => this;

    /// <inheritdoc/>
    public sealed override bool NeedsMetric => true;

    internal sealed override IEnumerable<(LrSchedule Watcher, Metric? Metric)> WatchedMetrics => [(this, Metric)];

    internal sealed override LrSchedule Watching(Metric metric) => Metric is null ? this with { Metric = metric } : this;

    // With this policy the NaN of a forecast takes no step.
    internal sealed override LrSchedule Foretold => this with { NanPolicy = NanPolicy.Ignore };

    // The metric can be missing, or NaN although the policy does not allow it.
    internal sealed override bool MayFail => true;

    internal sealed override bool TakesOverEnd => true;

    internal override void CheckSettings()
    {
        var isMax = Better == PlateauMode.Max;
        if (Metric is { } metric && metric.HigherIsBetter() != isMax)
            throw new ArgumentException(
                $"mode must be {(isMax ? PlateauMode.Min : PlateauMode.Max)} for {metric}, " +
                $"of which a {(isMax ? "lower" : "higher")} value is better. Received: {Mode}", "mode");
    }

    /// <summary>Why a step has changed the rate, as the end of a sentence; null if this schedule did not change it.</summary>
    /// <param name="before">The state of the schedule before the step.</param>
    /// <param name="hasRisen">Whether the rate has risen.</param>
    /// <param name="metric">The metric that it watches.</param>
    /// <param name="number">Formats a number.</param>
    internal abstract string? ReasonOf(ScheduleState before, bool hasRisen, Metric metric, Func<double, string> number);

    /// <summary>That a metric was not better than the best value so far, or had none yet.</summary>
    private protected static string NotBetter(double best, Func<double, string> number) =>
        double.IsFinite(best) ? $"had not become better than {number(best)}" : "had no value";

    /// <summary>The end of the sentence: the number of consecutive epochs, compared with the patience.</summary>
    private protected static string Beyond(double epochs, int patience) =>
        $"{epochs} epoch{(epochs == 1 ? "" : "s")}, "
            + (epochs > patience ? $"more than the patience of {patience}." : "which is the patience.");

    private PlateauMode Better => Mode ?? (Metric?.HigherIsBetter() == true ? PlateauMode.Max : PlateauMode.Min);

    /// <summary>
    /// Compares metrics by the settings of a schedule. It caches the settings, because reading them at each step is slow.
    /// </summary>
    private protected readonly struct Comparison(MetricSchedule schedule)
    {
        private readonly bool _isLower = schedule.Better == PlateauMode.Min;
        private readonly bool _isAmount = schedule.ThresholdMode == ThresholdMode.Abs;
        private readonly double _threshold = schedule.Threshold;

        /// <summary>The start value of the best metric, worse than any metric.</summary>
        public double Worst => _isLower ? double.PositiveInfinity : double.NegativeInfinity;

        /// <summary>Whether a metric is better than another one, without the threshold.</summary>
        public bool IsBetter(double metric, double than) => _isLower ? metric < than : metric > than;

        /// <summary>Whether a metric is better than the best one by more than the threshold. NaN is never better.</summary>
        public bool Improves(double metric, double best)
        {
            if (double.IsInfinity(best)) return IsBetter(metric, best);
            var up = _isLower ? -1.0 : 1.0;
            // The same rounding as in PyTorch: best · (1 ∓ threshold), not best ∓ best · threshold.
            return IsBetter(metric, _isAmount ? best + up * _threshold : best * (1 + up * Math.Sign(best) * _threshold));
        }

        /// <summary>
        /// The value that a metric must pass, rounded as in PaddlePaddle and scikit-learn: best ∓ |best| · threshold.
        /// </summary>
        public double BarOf(double best)
        {
            var amount = _isAmount ? _threshold : Math.Abs(best) * _threshold;
            return _isLower ? best - amount : best + amount;
        }
    }

    private double MetricOf(in StepSignal signal)
    {
        var watched = Metric ?? Schedules.Metric.ValidationLoss;
        return signal.Metrics?.Invoke(watched)
            ?? throw new InvalidOperationException($"{GetType().Name} watches {watched}, which was not measured.");
    }

    /// <summary>A run that takes a step with the metric after each epoch.</summary>
    private protected abstract class MetricRun(MetricSchedule schedule) : ScheduleRun(schedule.GetType().Name)
    {
        /// <summary>The number of steps taken.</summary>
        protected long StepCount { get; set; }

        /// <summary>Takes a step.</summary>
        /// <param name="metric">The metric; NaN if it is NaN or infinite, which makes the epoch a bad one.</param>
        /// <param name="groups">The parameter groups to change.</param>
        protected abstract void Take(double metric, ParameterGroups groups);

        public sealed override void Step(in StepSignal signal, ParameterGroups groups)
        {
            if (!signal.Concerns(ScheduleInterval.Epoch)) return;
            var metric = signal.Metric ?? schedule.MetricOf(signal);
            if (!double.IsFinite(metric) && schedule.NanPolicy != NanPolicy.Bad)
            {
                if (schedule.NanPolicy == NanPolicy.Ignore) return;
                throw new InvalidOperationException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"The {schedule.Metric?.ToString() ?? "metric"} that {schedule.GetType().Name} watches became {metric}, and its "
                    + $"nanPolicy is {schedule.NanPolicy}."));
            }

            StepCount++;
            Take(double.IsFinite(metric) ? metric : double.NaN, groups);
        }
    }
}
