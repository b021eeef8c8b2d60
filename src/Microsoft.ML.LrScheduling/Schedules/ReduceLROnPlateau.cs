using System.Globalization;
using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Multiplies the rate by <see cref="Factor"/> when a metric has not improved for more than <see cref="Patience"/> epochs.
/// </summary>
/// <remarks>
/// <para>
/// At each step the metric is held against a bar set by the best one so far. Where lower is better (<see cref="PlateauMode.Min"/>), it
/// improves when metric &lt; best − |best| · threshold (<see cref="ThresholdMode.Rel"/>) or metric &lt; best − threshold
/// (<see cref="ThresholdMode.Abs"/>); with <see cref="PlateauMode.Max"/> the signs turn. An improvement becomes the best and clears the
/// count of bad epochs; anything else adds one to it. When the count exceeds the patience, every rate becomes max(rate · factor, minLr),
/// unless that would change it by no more than eps; then <see cref="Cooldown"/> epochs follow in which bad epochs do not count.
/// </para>
/// <para>
/// With patience 2, two epochs without improvement are forgiven; after the third the rate is cut. It always steps once an epoch, and as a
/// later part of a <see cref="SequentialLR"/> it goes on from the rate that the part before it ends with. Source: PyTorch's
/// <c>torch.optim.lr_scheduler.ReduceLROnPlateau</c>. One difference: where the best metric is negative, PyTorch's relative bar lies on
/// the wrong side of it.
/// </para>
/// </remarks>
/// <example>
/// <code>
/// double[] losses = [5, 4, 4, 4, 4, 3];
/// var rates = LrSchedule.ReduceLROnPlateau(factor: 0.1, patience: 2).Preview(epochs: 6, stepsPerEpoch: 1, [1.0], losses).Rates();
/// Console.WriteLine(string.Join(", ", rates.Select(rate => $"{rate:G3}")));   // 1, 1, 1, 1, 1, 0.1
/// </code>
/// </example>
[JsonConverter(typeof(LrScheduleJsonConverter))]
public sealed record ReduceLROnPlateau : LrSchedule
{
    internal ReduceLROnPlateau()
    {
    }

    /// <summary>
    /// The metric to watch; null (the default) for the one that the trainer's options name, or that is given to each step.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of <see cref="Schedules.Metric"/>.</exception>
    public Metric? Metric { get; init => field = value is { } metric ? Argument.Defined(metric, "metric") : null; }

    /// <summary>
    /// Whether a lower or a higher metric is better; null (the default) for what is known of the metric, or lower where none is named.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of <see cref="PlateauMode"/>.</exception>
    public PlateauMode? Mode { get; init => field = value is { } mode ? Argument.Defined(mode, "mode") : null; }

    /// <summary>The factor of each cut, in (0, 1). Default: 0.1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside (0, 1).</exception>
    public double Factor { get; init => field = Argument.Fraction(value, "factor"); } = 0.1;

    /// <summary>The bad epochs that are forgiven, at least 0. Default: 10.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public int Patience { get; init => field = Argument.AtLeast(value, 0, "patience"); } = 10;

    /// <summary>By how much a metric must be better to count, in [0, ∞). Default: 0.0001.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative, NaN or infinite.</exception>
    public double Threshold { get; init => field = Argument.NonNegative(value, "threshold"); } = 1e-4;

    /// <summary>Whether the threshold is a part of the best metric (Rel, the default) or an amount (Abs).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of <see cref="Schedules.ThresholdMode"/>.</exception>
    public ThresholdMode ThresholdMode { get; init => field = Argument.Defined(value, "thresholdMode"); } = ThresholdMode.Rel;

    /// <summary>The epochs after a cut in which bad epochs do not count, at least 0. Default: 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public int Cooldown { get; init => field = Argument.AtLeast(value, 0, "cooldown"); }

    /// <summary>
    /// The rate below which no cut goes, in [0, ∞), for all parameter groups or one a group. Default: 0. In a
    /// <see cref="Schedules.ChainedScheduler"/> it bounds the rate of the chain.
    /// </summary>
    /// <exception cref="ArgumentException">There is no value.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A value is negative, NaN or infinite.</exception>
    public PerGroup<double> MinLr { get; init => field = PerGroup.Checked(value, "minLr", Argument.NonNegative); } = 0.0;

    /// <summary>A cut that changes a rate by no more than this is left out, in [0, ∞). Default: 1e-8.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative, NaN or infinite.</exception>
    public double Eps { get; init => field = Argument.NonNegative(value, "eps"); } = 1e-8;

    /// <summary>
    /// What a metric means that is NaN or infinite, or in training not defined for the validation rows. Default: a bad epoch.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of <see cref="Schedules.NanPolicy"/>.</exception>
    public NanPolicy NanPolicy { get; init => field = Argument.Defined(value, "nanPolicy"); } = NanPolicy.Bad;

    /// <summary>Always <see cref="ScheduleInterval.Epoch"/>: the metric is measured once an epoch.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is another one.</exception>
    public override ScheduleInterval Interval
    {
        get => ScheduleInterval.Epoch;
        init
        {
            if (value != ScheduleInterval.Epoch)
                throw Argument.OutOfRange(
                    "interval", "Epoch, since ReduceLROnPlateau watches a metric that is measured once an epoch", value);
        }
    }

    /// <inheritdoc/>
    public override LrSchedule WithInterval(ScheduleInterval interval) => this;

    /// <inheritdoc/>
    public override bool NeedsMetric => true;

    internal override IEnumerable<Metric?> WatchedMetrics => [Metric];

    private PlateauMode EffectiveMode => Mode ?? (Metric?.HigherIsBetter() == true ? PlateauMode.Max : PlateauMode.Min);

    internal override LrSchedule Watching(Metric metric) => Metric is null ? this with { Metric = metric } : this;

    // A metric that is none is then no step.
    internal override LrSchedule Foretold => this with { NanPolicy = NanPolicy.Ignore };

    // Its metric may be missing, or none that the policy allows.
    internal override bool MayFail => true;

    internal override bool TakesOverEnd => true;

    internal override bool HasFloor => MinLr.Any(static least => least > 0);

    internal override void CheckStart(int groupCount)
    {
        PerGroup.CheckGroupCount(MinLr, "minLr", groupCount);
        base.CheckStart(groupCount);
    }

    internal override void CheckSettings()
    {
        if (Metric is { } metric && metric.HigherIsBetter() != (EffectiveMode == PlateauMode.Max))
            throw new ArgumentException(
                $"mode must be {(metric.HigherIsBetter() ? PlateauMode.Max : PlateauMode.Min)} for {metric}, " +
                $"of which a {(metric.HigherIsBetter() ? "higher" : "lower")} value is better. Received: {Mode}", "mode");
    }

    private protected override ScheduleRun Begin(ParameterGroups groups) => new Run(this);

    private bool IsBetter(double metric, double best)
    {
        var lower = EffectiveMode == PlateauMode.Min;
        if (double.IsInfinity(best)) return lower ? metric < best : metric > best;
        // As PyTorch rounds it: best · (1 ∓ threshold), not best ∓ best · threshold.
        var down = lower ? -1.0 : 1.0;
        var bar = ThresholdMode == ThresholdMode.Abs ? best + down * Threshold : best * (1 + down * Math.Sign(best) * Threshold);
        return lower ? metric < bar : metric > bar;
    }

    private sealed class Run(ReduceLROnPlateau schedule) : ScheduleRun(nameof(ReduceLROnPlateau))
    {
        private long _step;
        private double _best = schedule.EffectiveMode == PlateauMode.Min ? double.PositiveInfinity : double.NegativeInfinity;
        private int _badEpochs;
        private int _cooldownLeft;

        public override void Step(in StepSignal signal, ParameterGroups groups)
        {
            if (!signal.Concerns(ScheduleInterval.Epoch)) return;
            var watched = schedule.Metric ?? Schedules.Metric.ValidationLoss;
            var metric = signal.Metric ?? signal.Metrics?.Invoke(watched) ?? throw new InvalidOperationException(
                $"ReduceLROnPlateau watches {watched}, which was not measured.");
            if (!double.IsFinite(metric) && schedule.NanPolicy != NanPolicy.Bad)
            {
                if (schedule.NanPolicy == NanPolicy.Ignore) return;
                throw new InvalidOperationException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"The {schedule.Metric?.ToString() ?? "metric"} that ReduceLROnPlateau watches became {metric}, and its nanPolicy is "
                    + $"{schedule.NanPolicy}."));
            }

            _step++;
            if (double.IsFinite(metric) && schedule.IsBetter(metric, _best)) (_best, _badEpochs) = (metric, 0);
            else _badEpochs++;

            if (_cooldownLeft > 0)
            {
                _cooldownLeft--;
                _badEpochs = 0;
            }

            if (_badEpochs <= schedule.Patience) return;
            Cut(groups);
            _cooldownLeft = schedule.Cooldown;
            _badEpochs = 0;
        }

        public override double FloorOf(int group, ParameterGroups groups) =>
            schedule.MinLr.ForGroup(group) is var least && groups.LearningRates[group] >= least ? least : 0;

        private void Cut(ParameterGroups groups)
        {
            var rates = groups.LearningRates;
            for (var group = 0; group < rates.Length; group++)
            {
                var cut = Math.Max(rates[group] * schedule.Factor, schedule.MinLr.ForGroup(group));
                if (rates[group] - cut > schedule.Eps) rates[group] = cut;
            }
        }

        private protected override ScheduleState SaveCore() => new() { Step = _step, Values = [_best, _badEpochs, _cooldownLeft] };

        private protected override bool RestoreCore(ScheduleState state)
        {
            if (state is not { Values: [var best, >= 0 and var badEpochs, >= 0 and var cooldownLeft], Parts: [] }
                || double.IsNaN(best) || badEpochs > schedule.Patience || cooldownLeft > schedule.Cooldown
                || !double.IsInteger(badEpochs) || !double.IsInteger(cooldownLeft))
                return false;
            (_step, _best, _badEpochs, _cooldownLeft) = (state.Step, best, (int)badEpochs, (int)cooldownLeft);
            return true;
        }
    }
}

/// <summary>Which metric is better.</summary>
public enum PlateauMode
{
    /// <summary>The lower one, as of a loss.</summary>
    Min,

    /// <summary>The higher one, as of an accuracy.</summary>
    Max,
}

/// <summary>How a threshold is meant.</summary>
public enum ThresholdMode
{
    /// <summary>As a part of the best metric.</summary>
    Rel,

    /// <summary>As an amount.</summary>
    Abs,
}

/// <summary>What a metric means that is NaN or infinite, or in training not defined for the validation rows.</summary>
public enum NanPolicy
{
    /// <summary>A bad epoch.</summary>
    Bad,

    /// <summary>Nothing: the schedule takes no step.</summary>
    Ignore,

    /// <summary>An error: the step throws <see cref="InvalidOperationException"/>, and the scheduler takes no further one.</summary>
    Throw,
}

public abstract partial record LrSchedule
{
    /// <summary>Multiplies the rate by a factor when a metric stops improving. See <see cref="Schedules.ReduceLROnPlateau"/>.</summary>
    /// <param name="mode">Whether a lower or a higher metric is better; null for what is known of the metric.</param>
    /// <param name="factor">The factor of each cut, in (0, 1).</param>
    /// <param name="patience">The bad epochs that are forgiven, at least 0.</param>
    /// <param name="threshold">By how much a metric must be better to count, in [0, ∞).</param>
    /// <param name="thresholdMode">Whether the threshold is a part of the best metric or an amount.</param>
    /// <param name="cooldown">The epochs after a cut in which bad epochs do not count, at least 0.</param>
    /// <param name="minLr">The rate below which no cut goes, in [0, ∞), for all groups or one a group; 0 if left out.</param>
    /// <param name="eps">A cut that changes a rate by no more than this is left out, in [0, ∞).</param>
    /// <param name="metric">The metric to watch; null for the one that the trainer's options name.</param>
    /// <param name="nanPolicy">What a metric means that is NaN or infinite.</param>
    /// <exception cref="ArgumentException">minLr is an empty list, or mode is not the better direction of the metric.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static ReduceLROnPlateau ReduceLROnPlateau(
        PlateauMode? mode = null,
        double factor = 0.1,
        int patience = 10,
        double threshold = 1e-4,
        ThresholdMode thresholdMode = ThresholdMode.Rel,
        int cooldown = 0,
        PerGroup<double>? minLr = null,
        double eps = 1e-8,
        Metric? metric = null,
        NanPolicy nanPolicy = NanPolicy.Bad) => Checked(new ReduceLROnPlateau
        {
            Mode = mode,
            Factor = factor,
            Patience = patience,
            Threshold = threshold,
            ThresholdMode = thresholdMode,
            Cooldown = cooldown,
            MinLr = minLr ?? 0.0,
            Eps = eps,
            Metric = metric,
            NanPolicy = nanPolicy,
        });
}
