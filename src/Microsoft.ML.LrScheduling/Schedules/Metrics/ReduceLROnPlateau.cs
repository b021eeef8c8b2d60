using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Multiplies the rate by <see cref="Factor"/> when a metric has not improved for more than <see cref="Patience"/> epochs.
/// </summary>
/// <remarks>
/// <para>
/// After each epoch the metric is compared with the best value so far (see <see cref="MetricSchedule"/>). If it has improved, it becomes
/// the best value and the count of bad epochs is reset to 0. Otherwise the count increases by 1. When the count exceeds the patience,
/// every rate becomes max(rate · factor, minLr), unless this changes the rate by eps or less. In the next <see cref="Cooldown"/> epochs
/// bad epochs do not count. <see cref="Counting"/> selects the way in which other libraries count.
/// </para>
/// <para>
/// For example, with patience 2 the rate is reduced after the third consecutive epoch without improvement. The schedule always steps once
/// per epoch. As a later part of a <see cref="SequentialLR"/>, it continues from the final rate of the previous part. Source: PyTorch's
/// <c>torch.optim.lr_scheduler.ReduceLROnPlateau</c>. There is one difference: with a relative threshold and a negative best metric,
/// PyTorch compares with a value on the wrong side of the best metric.
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
public sealed record ReduceLROnPlateau : MetricSchedule
{
    internal ReduceLROnPlateau()
    {
    }

    /// <inheritdoc/>
    public override Metric? Metric { get; init => field = value is { } metric ? Argument.Defined(metric, "metric") : null; }

    /// <inheritdoc/>
    public override PlateauMode? Mode { get; init => field = value is { } mode ? Argument.Defined(mode, "mode") : null; }

    /// <summary>The factor of each reduction, in (0, 1). Default: 0.1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside (0, 1).</exception>
    public double Factor { get; init => field = Argument.Fraction(value, "factor"); } = 0.1;

    /// <summary>
    /// The patience, at least 0. With the default counting, the rate is reduced after more consecutive bad epochs than this. Default: 10.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public int Patience { get; init => field = Argument.AtLeast(value, 0, "patience"); } = 10;

    /// <summary>The change that a metric must exceed to count as an improvement, in [0, ∞). Default: 0.0001.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative, NaN or infinite.</exception>
    public override double Threshold { get; init => field = Argument.NonNegative(value, "threshold"); } = 1e-4;

    /// <summary>Whether the threshold is relative to the best metric (Rel, the default) or absolute (Abs).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of <see cref="Schedules.ThresholdMode"/>.</exception>
    public override ThresholdMode ThresholdMode { get; init => field = Argument.Defined(value, "thresholdMode"); } = ThresholdMode.Rel;

    /// <summary>The number of epochs after a reduction in which bad epochs do not count, at least 0. Default: 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public int Cooldown { get; init => field = Argument.AtLeast(value, 0, "cooldown"); }

    /// <summary>
    /// The minimum rate, in [0, ∞): one value for all parameter groups, or one per group. Default: 0. In a
    /// <see cref="Schedules.ChainedScheduler"/> it is the minimum of the rate of the chain.
    /// </summary>
    /// <exception cref="ArgumentException">The list is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A value is negative, NaN or infinite.</exception>
    public PerGroup<double> MinLr { get; init => field = PerGroup.Checked(value, "minLr", Argument.NonNegative); } = 0.0;

    /// <summary>Reductions of a rate by this amount or less are skipped, in [0, ∞). Default: 1e-8.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative, NaN or infinite.</exception>
    public double Eps { get; init => field = Argument.NonNegative(value, "eps"); } = 1e-8;

    /// <inheritdoc/>
    public override NanPolicy NanPolicy { get; init => field = Argument.Defined(value, "nanPolicy"); } = NanPolicy.Bad;

    /// <summary>How patience and cooldown are counted. Default: as in PyTorch.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of <see cref="PatienceCounting"/>.</exception>
    public PatienceCounting Counting { get; init => field = Argument.Defined(value, "counting"); }

    /// <summary>The number of consecutive bad epochs that do not reduce the rate yet; one more does.</summary>
    internal int Forgiven => Counting is PatienceCounting.Keras or PatienceCounting.ScikitLearn ? Math.Max(0, Patience - 1) : Patience;

    internal override bool HasFloor => MinLr.Any(static least => least > 0);

    internal override void CheckStart(int groupCount)
    {
        PerGroup.CheckGroupCount(MinLr, "minLr", groupCount);
        base.CheckStart(groupCount);
    }

    internal override string? ReasonOf(ScheduleState before, bool hasRisen, Metric metric, Func<double, string> number) =>
        !hasRisen && before is { Values: [var best, var bad, _] } && bad >= Forgiven
            ? $"{metric} {NotBetter(best, number)} for {Beyond(bad + 1, Patience)}"
            : null;

    private protected override ScheduleRun Begin(ParameterGroups groups) => new Run(this);

    private sealed class Run(ReduceLROnPlateau schedule) : MetricRun(schedule)
    {
        private readonly Comparison _comparison = new(schedule);
        private readonly PatienceCounting _counting = schedule.Counting;
        private readonly int _forgiven = schedule.Forgiven;
        private double _best = new Comparison(schedule).Worst;
        private int _badEpochs;
        private int _cooldownLeft;

        protected override void Take(double metric, ParameterGroups groups)
        {
            if (_counting == PatienceCounting.Paddle && _cooldownLeft > 0)
            {
                _cooldownLeft--;
                return;
            }

            var isGood = _counting <= PatienceCounting.Keras ? _comparison.Improves(metric, _best) : IsGoodOtherwise(metric);
            _badEpochs = isGood ? 0 : _badEpochs + 1;
            if (isGood || (_counting == PatienceCounting.ScikitLearn && _comparison.IsBetter(metric, _best))) _best = metric;
            if (_cooldownLeft > 0)
            {
                _cooldownLeft--;
                // Keras counts the last epoch of a cooldown.
                _badEpochs = _counting == PatienceCounting.Keras && _cooldownLeft == 0 && !isGood ? 1 : 0;
            }

            if (_badEpochs <= _forgiven) return;
            Cut(groups);
            _cooldownLeft = schedule.Cooldown;
            _badEpochs = 0;
        }

        // For PaddlePaddle and scikit-learn, which round the required value differently. In scikit-learn it is enough to reach that value.
        private bool IsGoodOtherwise(double metric) =>
            double.IsInfinity(_best) ? _comparison.IsBetter(metric, _best)
            : _counting == PatienceCounting.Paddle ? _comparison.IsBetter(metric, _comparison.BarOf(_best))
            : double.IsFinite(metric) && !_comparison.IsBetter(_comparison.BarOf(_best), metric);

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

        private protected override ScheduleState SaveCore() =>
            new() { Step = StepCount, Values = [_best, _badEpochs, _cooldownLeft] };

        private protected override bool RestoreCore(ScheduleState state)
        {
            if (state is not { Values: [var best, >= 0 and var badEpochs, >= 0 and var cooldownLeft], Parts: [] }
                || double.IsNaN(best) || badEpochs > _forgiven || cooldownLeft > schedule.Cooldown
                || !double.IsInteger(badEpochs) || !double.IsInteger(cooldownLeft))
                return false;
            (StepCount, _best, _badEpochs, _cooldownLeft) = (state.Step, best, (int)badEpochs, (int)cooldownLeft);
            return true;
        }
    }
}

public abstract partial record LrSchedule
{
    /// <summary>
    /// Creates a schedule that multiplies the rate by a factor when a metric stops improving. See
    /// <see cref="Schedules.ReduceLROnPlateau"/>.
    /// </summary>
    /// <param name="mode">Whether a lower or a higher metric is better; null for the direction of the metric.</param>
    /// <param name="factor">The factor of each reduction, in (0, 1).</param>
    /// <param name="patience">
    /// The patience, at least 0. With the default counting, the rate is reduced after more consecutive bad epochs than this.
    /// </param>
    /// <param name="threshold">The change that a metric must exceed to count as an improvement, in [0, ∞).</param>
    /// <param name="thresholdMode">Whether the threshold is relative to the best metric or absolute.</param>
    /// <param name="cooldown">The number of epochs after a reduction in which bad epochs do not count, at least 0.</param>
    /// <param name="minLr">The minimum rate, in [0, ∞): one value for all parameter groups, or one per group. Default: 0.</param>
    /// <param name="eps">Reductions of a rate by this amount or less are skipped, in [0, ∞).</param>
    /// <param name="metric">The metric to watch; null for the MonitoredMetric of the trainer's options.</param>
    /// <param name="nanPolicy">How the schedule handles a metric that is NaN or infinite.</param>
    /// <param name="counting">How patience and cooldown are counted.</param>
    /// <exception cref="ArgumentException">minLr is an empty list, or mode contradicts the metric.</exception>
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
        NanPolicy nanPolicy = NanPolicy.Bad,
        PatienceCounting counting = PatienceCounting.PyTorch) => Checked(new ReduceLROnPlateau
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
            Counting = counting,
        });
}
