using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Raises the rate to <c>min(rate / factor, maxLr)</c> when a metric has improved in more than <see cref="Patience"/> consecutive epochs,
/// and lowers it to <c>max(rate · factor, minLr)</c> when the metric has not improved in more than <see cref="Patience"/> consecutive
/// epochs.
/// </summary>
/// <remarks>
/// The metric is ignored for <see cref="Warmup"/> epochs after the rate rises, and for <see cref="Cooldown"/> epochs after it falls. The
/// schedule resets to its initial rates when a decrease finds or leaves all groups at minLr for the <see cref="ResetStart"/>-th time since
/// the last increase. As a later part of a <see cref="SequentialLR"/>, the schedule continues from the final rate of the previous part;
/// its resets return to that rate. Source: Hugging Face Transformers' <c>GreedyLR</c>; Subramanian and Ganapathiraman, "Zeroth-order
/// GreedyLR", 2023.
/// </remarks>
/// <example>
/// <code>
/// var schedule = LrSchedule.GreedyLR(factor: 0.5, patience: 0);
/// var rates = schedule.Preview(epochs: 4, stepsPerEpoch: 1, [0.1], metrics: [3, 2, 2, 2]).Rates();
/// Console.WriteLine(string.Join(", ", rates.Select(rate => $"{rate:G3}")));   // 0.1, 0.2, 0.4, 0.2
/// </code>
/// </example>
[JsonConverter(typeof(LrScheduleJsonConverter))]
public sealed record GreedyLR : MetricSchedule
{
    internal GreedyLR()
    {
    }

    /// <inheritdoc/>
    public override PlateauMode? Mode { get; init => field = value is { } mode ? Argument.Defined(mode, "mode") : null; }

    /// <summary>The factor of each decrease and the divisor of each increase, in (0, 1). Default: 0.95.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside (0, 1).</exception>
    public double Factor { get; init => field = Argument.Fraction(value, "factor"); } = 0.95;

    /// <summary>The patience, at least 0: the rate changes after more consecutive good or bad epochs than this. Default: 10.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public int Patience { get; init => field = Argument.AtLeast(value, 0, "patience"); } = 10;

    /// <summary>The change that a metric must exceed to count as an improvement, in [0, ∞). Default: 0.000001.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative, NaN or infinite.</exception>
    public override double Threshold { get; init => field = Argument.NonNegative(value, "threshold"); } = 1e-6;

    /// <summary>Whether the threshold is absolute (Abs, the default) or relative to the best metric (Rel).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of <see cref="Schedules.ThresholdMode"/>.</exception>
    public override ThresholdMode ThresholdMode { get; init => field = Argument.Defined(value, "thresholdMode"); } = ThresholdMode.Abs;

    /// <summary>The number of epochs after a decrease in which the metric is ignored, at least 0. Default: 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public int Cooldown { get; init => field = Argument.AtLeast(value, 0, "cooldown"); }

    /// <summary>The number of epochs after an increase in which the metric is ignored, at least 0. Default: 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public int Warmup { get; init => field = Argument.AtLeast(value, 0, "warmup"); }

    /// <summary>The minimum rate, in [0, ∞): one value for all parameter groups, or one per group. Default: 0.001.</summary>
    /// <exception cref="ArgumentException">The list is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A value is negative, NaN or infinite.</exception>
    public PerGroup<double> MinLr { get; init => field = PerGroup.Checked(value, "minLr", Argument.NonNegative); } = 1e-3;

    /// <summary>The maximum rate, in [0, ∞): one value for all parameter groups, or one per group. Default: 1.</summary>
    /// <exception cref="ArgumentException">The list is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A value is negative, NaN or infinite.</exception>
    public PerGroup<double> MaxLr { get; init => field = PerGroup.Checked(value, "maxLr", Argument.NonNegative); } = 1.0;

    /// <summary>Changes of a rate by this amount or less are skipped, in [0, ∞). Default: 1e-8.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative, NaN or infinite.</exception>
    public double Eps { get; init => field = Argument.NonNegative(value, "eps"); } = 1e-8;

    /// <summary>
    /// Whether the schedule uses the mean of the last <see cref="WindowSize"/> metrics instead of the last metric. Default: false.
    /// </summary>
    public bool Smooth { get; init; }

    /// <summary>The number of metrics in the mean of <see cref="Smooth"/>, at least 1. Default: 50.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int WindowSize { get; init => field = Argument.AtLeast(value, 1, "windowSize"); } = 50;

    /// <summary>The number of decreases with all groups at minLr after which the schedule resets, at least 1. Default: 500.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int ResetStart { get; init => field = Argument.AtLeast(value, 1, "resetStart"); } = 500;

    /// <inheritdoc/>
    public override Metric? Metric { get; init => field = value is { } metric ? Argument.Defined(metric, "metric") : null; }

    /// <inheritdoc/>
    public override NanPolicy NanPolicy { get; init => field = Argument.Defined(value, "nanPolicy"); } = NanPolicy.Bad;

    internal override void CheckSettings()
    {
        base.CheckSettings();
        PerGroup.CheckAtLeast(MaxLr, "maxLr", MinLr, "minLr");
    }

    internal override void CheckStart(int groupCount)
    {
        PerGroup.CheckGroupCount(MinLr, "minLr", groupCount);
        PerGroup.CheckGroupCount(MaxLr, "maxLr", groupCount);
        base.CheckStart(groupCount);
    }

    internal override string? ReasonOf(ScheduleState before, bool hasRisen, Metric metric, Func<double, string> number)
    {
        if (before is not { Values: [var best, var good, var bad, ..] }) return null;
        if (hasRisen && good >= Patience) return $"{metric} had become better in {Beyond(good + 1, Patience)}";
        if (bad < Patience) return null;
        return hasRisen
            ? $"it had fallen to minLr {ResetStart} times since the last rise, and was reset."
            : $"{metric} {NotBetter(best, number)} for {Beyond(bad + 1, Patience)}";
    }

    private protected override ScheduleRun Begin(ParameterGroups groups) => new Run(this, groups);

    private sealed class Run(GreedyLR schedule, ParameterGroups groups) : MetricRun(schedule)
    {
        // The number of values in a saved state before the initial rates.
        private const int Fixed = 7;

        private readonly double[] _start = [.. groups.LearningRates];
        private readonly Queue<double> _window = [];
        private readonly Comparison _comparison = new(schedule);
        private double _best = new Comparison(schedule).Worst, _sum;
        private int _good, _bad, _cooldownLeft, _warmupLeft, _resetLeft = schedule.ResetStart;

        protected override void Take(double metric, ParameterGroups groups)
        {
            var current = schedule.Smooth ? MeanWith(metric) : metric;
            if (_cooldownLeft > 0) _cooldownLeft--;
            else if (_warmupLeft > 0) _warmupLeft--;
            else if (_comparison.Improves(current, _best)) (_best, _good, _bad) = (current, _good + 1, 0);
            else (_good, _bad) = (0, _bad + 1);

            if (_good > schedule.Patience)
            {
                Rise(groups);
                (_warmupLeft, _good) = (schedule.Warmup, 0);
            }
            else if (_bad > schedule.Patience)
            {
                Fall(groups);
                (_cooldownLeft, _bad) = (schedule.Cooldown, 0);
            }
        }

        private double MeanWith(double metric)
        {
            // A NaN in the sum would make all later means NaN.
            if (double.IsNaN(metric)) return metric;
            _window.Enqueue(metric);
            _sum += metric;
            if (_window.Count > schedule.WindowSize) _sum -= _window.Dequeue();
            return _sum / _window.Count;
        }

        private void Rise(ParameterGroups groups)
        {
            var rates = groups.LearningRates;
            for (var group = 0; group < rates.Length; group++)
            {
                var rate = Math.Min(rates[group] / schedule.Factor, schedule.MaxLr.ForGroup(group));
                if (rate - rates[group] > schedule.Eps) rates[group] = rate;
            }

            _resetLeft = schedule.ResetStart;
        }

        private void Fall(ParameterGroups groups)
        {
            var (rates, isAboveLeast) = (groups.LearningRates, false);
            for (var group = 0; group < rates.Length; group++)
            {
                var least = schedule.MinLr.ForGroup(group);
                var rate = Math.Max(rates[group] * schedule.Factor, least);
                if (rates[group] - rate > schedule.Eps) rates[group] = rate;
                isAboveLeast |= rates[group] > least;
            }

            if (isAboveLeast || --_resetLeft > 0) return;
            _start.CopyTo(rates, 0);
            _window.Clear();
            (_best, _sum, _good, _warmupLeft, _resetLeft) = (_comparison.Worst, 0, 0, 0, schedule.ResetStart);
        }

        private protected override ScheduleState SaveCore() => new()
        {
            Step = StepCount,
            Values = [_best, _good, _bad, _cooldownLeft, _warmupLeft, _resetLeft, _sum, .. _start, .. _window],
        };

        private protected override bool RestoreCore(ScheduleState state)
        {
            var values = state.Values.AsSpan();
            var groups = _start.Length;
            if (values.Length < Fixed + groups || state.Parts.Count > 0 || double.IsNaN(values[0])) return false;
            var start = values.Slice(Fixed, groups);
            var window = values[(Fixed + groups)..];
            ReadOnlySpan<int> most =
                [schedule.Patience, schedule.Patience, schedule.Cooldown, schedule.Warmup, schedule.ResetStart];
            for (var i = 0; i < most.Length; i++)
                if (!(values[1 + i] >= 0 && values[1 + i] <= most[i] && double.IsInteger(values[1 + i])))
                    return false;
            foreach (var rate in start)
                if (!(rate >= 0 && double.IsFinite(rate)))
                    return false;
            if (window.Length > (schedule.Smooth ? schedule.WindowSize : 0)) return false;
            StepCount = state.Step;
            (_best, _good, _bad) = (values[0], (int)values[1], (int)values[2]);
            (_cooldownLeft, _warmupLeft, _resetLeft, _sum) = ((int)values[3], (int)values[4], (int)values[5], values[6]);
            start.CopyTo(_start);
            _window.Clear();
            foreach (var metric in window) _window.Enqueue(metric);
            return true;
        }
    }
}

public abstract partial record LrSchedule
{
    /// <summary>
    /// Creates a schedule that raises the rate while a metric improves and lowers it while the metric does not improve. See
    /// <see cref="Schedules.GreedyLR"/>.
    /// </summary>
    /// <param name="mode">Whether a lower or a higher metric is better; null for the direction of the metric.</param>
    /// <param name="factor">The factor of each decrease and the divisor of each increase, in (0, 1).</param>
    /// <param name="patience">The patience, at least 0: the rate changes after more consecutive good or bad epochs than this.</param>
    /// <param name="threshold">The change that a metric must exceed to count as an improvement, in [0, ∞).</param>
    /// <param name="thresholdMode">Whether the threshold is absolute or relative to the best metric.</param>
    /// <param name="cooldown">The number of epochs after a decrease in which the metric is ignored, at least 0.</param>
    /// <param name="warmup">The number of epochs after an increase in which the metric is ignored, at least 0.</param>
    /// <param name="minLr">The minimum rate, in [0, ∞): one value for all parameter groups, or one per group. Default: 0.001.</param>
    /// <param name="maxLr">The maximum rate, in [0, ∞): one value for all parameter groups, or one per group. Default: 1.</param>
    /// <param name="eps">Changes of a rate by this amount or less are skipped, in [0, ∞).</param>
    /// <param name="smooth">Whether the schedule uses the mean of the last metrics instead of the last metric.</param>
    /// <param name="windowSize">The number of metrics in that mean, at least 1.</param>
    /// <param name="resetStart">The number of decreases with all groups at minLr after which the schedule resets, at least 1.</param>
    /// <param name="metric">The metric to watch; null for the MonitoredMetric of the trainer's options.</param>
    /// <param name="nanPolicy">How the schedule handles a metric that is NaN or infinite.</param>
    /// <exception cref="ArgumentException">minLr or maxLr is an empty list, or mode contradicts the metric.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static GreedyLR GreedyLR(
        PlateauMode? mode = null,
        double factor = 0.95,
        int patience = 10,
        double threshold = 1e-6,
        ThresholdMode thresholdMode = ThresholdMode.Abs,
        int cooldown = 0,
        int warmup = 0,
        PerGroup<double>? minLr = null,
        PerGroup<double>? maxLr = null,
        double eps = 1e-8,
        bool smooth = false,
        int windowSize = 50,
        int resetStart = 500,
        Metric? metric = null,
        NanPolicy nanPolicy = NanPolicy.Bad) => Checked(new GreedyLR
        {
            Mode = mode,
            Factor = factor,
            Patience = patience,
            Threshold = threshold,
            ThresholdMode = thresholdMode,
            Cooldown = cooldown,
            Warmup = warmup,
            MinLr = minLr ?? 1e-3,
            MaxLr = maxLr ?? 1.0,
            Eps = eps,
            Smooth = smooth,
            WindowSize = windowSize,
            ResetStart = resetStart,
            Metric = metric,
            NanPolicy = nanPolicy,
        });
}
