using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Runs one cycle over a whole training run: the rate rises from a low value to a maximum, then falls to a much lower value. The momentum
/// moves in the opposite direction.
/// </summary>
/// <remarks>
/// <para>
/// The rate begins at <c>maxLr / divFactor</c>, reaches maxLr at step <c>pctStart · totalSteps − 1</c>, and ends at <c>maxLr / (divFactor
/// · finalDivFactor)</c> at step <c>totalSteps − 1</c>. With <see cref="ThreePhase"/> the rate first returns to its start value at step
/// <c>2 · pctStart · totalSteps − 2</c>, as fast as it rose, and then falls to the final rate. The momentum falls from maxMomentum to
/// baseMomentum while the rate rises, and rises back while the rate falls. Each phase is half a cosine or a straight line.
/// </para>
/// <para>
/// The initial rate has no effect. The schedule steps after each minibatch unless you set <see cref="LrSchedule.Interval"/>. After the
/// last step the rate does not change. A training run must not be longer than the schedule. Source: Smith and Topin, "Super-convergence",
/// 2018, and PyTorch's <c>torch.optim.lr_scheduler.OneCycleLR</c>.
/// </para>
/// </remarks>
/// <example>
/// <code>
/// var rates = LrSchedule.OneCycleLR(maxLr: 0.1).Preview(epochs: 2, stepsPerEpoch: 3, 0.1).Rates();
/// Console.WriteLine(string.Join(", ", rates.Select(rate => $"{rate:G3}")));   // 0.004, 0.0994, 0.0812, 0.0463, 0.0133, 4E-07
/// </code>
/// </example>
[JsonConverter(typeof(LrScheduleJsonConverter))]
public sealed record OneCycleLR : LrSchedule
{
    internal OneCycleLR()
    {
    }

    /// <summary>The maximum rate, in (0, ∞): one value for all parameter groups, or one per group.</summary>
    /// <exception cref="ArgumentException">The list is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A value is zero, negative, NaN or infinite.</exception>
    public required PerGroup<double> MaxLr { get; init => field = PerGroup.Checked(value, "maxLr", Argument.Positive); }

    /// <summary>The number of steps in the cycle, at least 1; null (the default) for the length of the training run.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public long? TotalSteps { get; init => field = value is { } steps ? Argument.AtLeast(steps, 1, "totalSteps") : null; }

    /// <summary>The fraction of the cycle in which the rate rises, in [0, 1]. Default: 0.3.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside [0, 1].</exception>
    public double PctStart { get; init => field = Argument.UpToOne(value, "pctStart"); } = 0.3;

    /// <summary>The shape of the phases. Default: half a cosine.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of <see cref="Schedules.AnnealStrategy"/>.</exception>
    public AnnealStrategy AnnealStrategy { get; init => field = Argument.Defined(value, "annealStrategy"); }

    /// <summary>Whether the momentum falls while the rate rises, and rises while the rate falls. Default: true.</summary>
    public bool CycleMomentum { get; init; } = true;

    /// <summary>The lowest momentum, in [0, 1): one value for all parameter groups, or one per group. Default: 0.85.</summary>
    /// <exception cref="ArgumentException">The list is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside [0, 1).</exception>
    public PerGroup<double> BaseMomentum { get; init => field = PerGroup.Checked(value, "baseMomentum", Argument.FractionOrZero); } = 0.85;

    /// <summary>The highest momentum, in [0, 1): one value for all parameter groups, or one per group. Default: 0.95.</summary>
    /// <exception cref="ArgumentException">The list is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside [0, 1).</exception>
    public PerGroup<double> MaxMomentum { get; init => field = PerGroup.Checked(value, "maxMomentum", Argument.FractionOrZero); } = 0.95;

    /// <summary>The maximum rate divided by the rate at the start of the cycle, in (0, ∞). Default: 25.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is zero, negative, NaN or infinite.</exception>
    public double DivFactor { get; init => field = Argument.Positive(value, "divFactor"); } = 25.0;

    /// <summary>The rate at the start of the cycle divided by the final rate, in (0, ∞). Default: 10,000.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is zero, negative, NaN or infinite.</exception>
    public double FinalDivFactor { get; init => field = Argument.Positive(value, "finalDivFactor"); } = 1e4;

    /// <summary>Whether the rate first returns to its start value before it falls to the final rate. Default: false.</summary>
    public bool ThreePhase { get; init; }

    /// <summary>When the schedule takes a step. Default: after each minibatch.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of <see cref="ScheduleInterval"/>.</exception>
    public override ScheduleInterval Interval { get; init => field = Argument.Defined(value, "interval"); } = ScheduleInterval.Batch;

    /// <inheritdoc/>
    public override bool CyclesMomentum => CycleMomentum;

    internal override string OwnRates => "maxLr of OneCycleLR";

    internal override LrSchedule For(RunSpan run)
    {
        var steps = StepsAtEndOf(run);
        if (TotalSteps is null) return this with { TotalSteps = Math.Max(1, steps) };
        return TotalSteps >= steps
            ? this
            : throw Argument.OutOfRange(
                "totalSteps",
                $"at least {steps}, the steps of {nameof(OneCycleLR)} in the training run (one "
                    + $"{(Interval == ScheduleInterval.Batch ? "a minibatch" : "an epoch")}), or left out", TotalSteps);
    }

    internal override double InitialMomentum(int group) => new Run(this, groupCount: group + 1).MomentumAt(0, group);

    private protected override ScheduleRun Begin(ParameterGroups groups) => new Run(this, groups.Count).Begun(groups);

    internal override void CheckStart(int groupCount)
    {
        if (TotalSteps is null)
            throw new InvalidOperationException(
                "totalSteps of OneCycleLR is taken from a training run: give it, or call ForRun(epochs, stepsPerEpoch).");
        PerGroup.CheckGroupCount(MaxLr, "maxLr", groupCount);
        PerGroup.CheckGroupCount(BaseMomentum, "baseMomentum", groupCount);
        PerGroup.CheckGroupCount(MaxMomentum, "maxMomentum", groupCount);
    }

    private sealed class Run : SteppingRun
    {
        private readonly long _last;
        private readonly long _top;
        private readonly long _home;
        private readonly Way[] _ways;

        public Run(OneCycleLR schedule, int groupCount)
            : base(schedule)
        {
            var total = schedule.TotalSteps!.Value;
            _last = total - 1;
            var top = schedule.PctStart * total - 1;
            // With two phases, the second phase lasts until the end, and the third one is empty.
            var home = schedule.ThreePhase ? 2 * schedule.PctStart * total - 2 : _last;
            (_top, _home) = ((long)Math.Floor(top), (long)Math.Floor(home));
            double[] Rates(Func<double, double> ofPeak) =>
                [.. Enumerable.Range(0, groupCount).Select(group => ofPeak(schedule.MaxLr.ForGroup(group)))];
            double[] Momenta(PerGroup<double> momenta) =>
                schedule.CycleMomentum ? [.. Enumerable.Range(0, groupCount).Select(momenta.ForGroup)] : [];
            double Start(double peak) => Math.Min(peak / schedule.DivFactor, double.MaxValue);
            double End(double peak) => Math.Min(Start(peak) / schedule.FinalDivFactor, double.MaxValue);
            var (start, peak, end) = (Rates(Start), Rates(peak => peak), Rates(End));
            var (low, high) = (Momenta(schedule.BaseMomentum), Momenta(schedule.MaxMomentum));
            _ways =
            [
                Between(0, top, start, peak, high, low),
                Between(top, home, peak, schedule.ThreePhase ? start : end, low, high),
                Between(home, _last, start, end, high, high),
            ];

            // The same rounding as in PyTorch: a cosine is computed from its end, a straight line from its start.
            Way Between(double first, double last, double[] from, double[] to, double[] momentumFrom, double[] momentumTo) =>
                schedule.AnnealStrategy == AnnealStrategy.Cos
                    ? new(first, last, new HalfCosine(first, last), from, to, momentumFrom, momentumTo)
                    : new(first, last, Cosine: null, to, from, momentumTo, momentumFrom);
        }

        public override void Set(long step, ParameterGroups groups)
        {
            var weight = WeightAt(step, out var way);
            var (rates, first, second) = (groups.LearningRates, way.First, way.Second);
            for (var group = 0; group < rates.Length; group++) rates[group] = Curves.Between(first[group], second[group], weight);
            var (momenta, firstMomenta, secondMomenta) = (groups.Momenta, way.FirstMomenta, way.SecondMomenta);
            for (var group = 0; group < firstMomenta.Length; group++)
                momenta[group] = Curves.Between(firstMomenta[group], secondMomenta[group], weight);
        }

        public double MomentumAt(long step, int group)
        {
            var weight = WeightAt(step, out var way);
            return Curves.Between(way.FirstMomenta[group], way.SecondMomenta[group], weight);
        }

        /// <summary>
        /// Returns the phase of a step (up, down and, with three phases, on to the final rate), and the weight of the first values there.
        /// </summary>
        private double WeightAt(long step, out Way way)
        {
            var now = Math.Min(step, _last);
            way = _ways[now <= _top ? 0 : now <= _home ? 1 : 2];
            return way.WeightAt(now);
        }
    }

    /// <summary>
    /// A phase: a weighted mean of two rates and of two momenta per parameter group. The first values have the weight w, the second ones
    /// 1 − w.
    /// </summary>
    private sealed record Way(
        double Start, double End, HalfCosine? Cosine, double[] First, double[] Second, double[] FirstMomenta, double[] SecondMomenta)
    {
        public double WeightAt(long step) => Cosine is not null ? Cosine.At(step) : End > Start ? (step - Start) / (End - Start) : 1;
    }
}

public abstract partial record LrSchedule
{
    /// <summary>Creates a schedule of one cycle over a whole training run. See <see cref="Schedules.OneCycleLR"/>.</summary>
    /// <param name="maxLr">The maximum rate, in (0, ∞): one value for all parameter groups, or one per group.</param>
    /// <param name="totalSteps">The number of steps in the cycle, at least 1; null for the length of the training run.</param>
    /// <param name="pctStart">The fraction of the cycle in which the rate rises, in [0, 1].</param>
    /// <param name="annealStrategy">The shape of the phases.</param>
    /// <param name="cycleMomentum">Whether the momentum falls while the rate rises, and rises while the rate falls.</param>
    /// <param name="baseMomentum">The lowest momentum, in [0, 1). Default: 0.85.</param>
    /// <param name="maxMomentum">The highest momentum, in [0, 1). Default: 0.95.</param>
    /// <param name="divFactor">The maximum rate divided by the rate at the start of the cycle, in (0, ∞).</param>
    /// <param name="finalDivFactor">The rate at the start of the cycle divided by the final rate, in (0, ∞).</param>
    /// <param name="threePhase">Whether the rate first returns to its start value before it falls to the final rate.</param>
    /// <exception cref="ArgumentException">A list is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static OneCycleLR OneCycleLR(
        PerGroup<double> maxLr,
        long? totalSteps = null,
        double pctStart = 0.3,
        AnnealStrategy annealStrategy = AnnealStrategy.Cos,
        bool cycleMomentum = true,
        PerGroup<double>? baseMomentum = null,
        PerGroup<double>? maxMomentum = null,
        double divFactor = 25.0,
        double finalDivFactor = 1e4,
        bool threePhase = false) => new()
        {
            MaxLr = maxLr,
            TotalSteps = totalSteps,
            PctStart = pctStart,
            AnnealStrategy = annealStrategy,
            CycleMomentum = cycleMomentum,
            BaseMomentum = baseMomentum ?? 0.85,
            MaxMomentum = maxMomentum ?? 0.95,
            DivFactor = divFactor,
            FinalDivFactor = finalDivFactor,
            ThreePhase = threePhase,
        };
}
