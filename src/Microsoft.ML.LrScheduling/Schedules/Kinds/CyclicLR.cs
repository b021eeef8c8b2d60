using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Cycles the rate linearly between a base rate and a maximum rate. If <see cref="CycleMomentum"/> is true, it cycles the momentum in the
/// opposite direction.
/// </summary>
/// <remarks>
/// <para>
/// Let <c>u = stepSizeUp</c>, <c>d = stepSizeDown</c> and <c>cycle = ⌊1 + t / (u + d)⌋</c>, and let <c>h</c> rise from 0 to 1 in u steps
/// and fall to 0 in d steps. Then <c>rate(t) = baseLr + (maxLr − baseLr) · h · scale</c> and <c>momentum(t) = maxMomentum − (maxMomentum −
/// baseMomentum) · h · scale</c>. The scale is 1 (<see cref="CyclicMode.Triangular"/>), <c>1 / 2^(cycle − 1)</c>
/// (<see cref="CyclicMode.Triangular2"/>), <c>gamma^t</c> (<see cref="CyclicMode.ExpRange"/>), or the value of <see cref="ScaleFn"/>.
/// </para>
/// <para>
/// The initial rate has no effect. The schedule steps after each minibatch unless you set <see cref="LrSchedule.Interval"/>. Source:
/// Smith, "Cyclical learning rates for training neural networks", WACV 2017, and PyTorch's <c>torch.optim.lr_scheduler.CyclicLR</c>.
/// </para>
/// </remarks>
/// <example>
/// <code>
/// var rates = LrSchedule.CyclicLR(baseLr: 0.1, maxLr: 0.5, stepSizeUp: 2).Preview(epochs: 1, stepsPerEpoch: 7, 1.0).Rates();
/// Console.WriteLine(string.Join(", ", rates.Select(rate => $"{rate:G3}")));   // 0.1, 0.3, 0.5, 0.3, 0.1, 0.3, 0.5
/// </code>
/// </example>
[JsonConverter(typeof(LrScheduleJsonConverter))]
public sealed record CyclicLR : LrSchedule
{
    internal CyclicLR()
    {
    }

    /// <summary>The lowest rate, in [0, ∞): one value for all parameter groups, or one per group.</summary>
    /// <exception cref="ArgumentException">The list is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A value is negative, NaN or infinite.</exception>
    public required PerGroup<double> BaseLr { get; init => field = PerGroup.Checked(value, "baseLr", Argument.NonNegative); }

    /// <summary>
    /// The highest rate of the first cycle, in [0, ∞) and at least <see cref="BaseLr"/>: one value for all parameter groups, or one per
    /// group.
    /// </summary>
    /// <exception cref="ArgumentException">The list is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A value is negative, NaN or infinite.</exception>
    public required PerGroup<double> MaxLr { get; init => field = PerGroup.Checked(value, "maxLr", Argument.NonNegative); }

    /// <summary>The number of steps from the base rate to the maximum, at least 1. Default: 2000.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public RunLength StepSizeUp { get; init => field = RunLength.AtLeast(value, 1, "stepSizeUp"); } = 2000;

    /// <summary>
    /// The number of steps from the maximum to the base rate, at least 1; null (the default) for the same as <see cref="StepSizeUp"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public RunLength? StepSizeDown
    {
        get;
        init => field = value is { } steps ? RunLength.AtLeast(steps, 1, "stepSizeDown") : null;
    }

    /// <summary>
    /// How the height of the cycles changes, if <see cref="ScaleFn"/> is null. Default: <see cref="CyclicMode.Triangular"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of <see cref="CyclicMode"/>.</exception>
    public CyclicMode Mode { get; init => field = Argument.Defined(value, "mode"); }

    /// <summary>The factor per step in <see cref="CyclicMode.ExpRange"/>, in [0, 1]. Default: 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside [0, 1].</exception>
    public double Gamma { get; init => field = Argument.UpToOne(value, "gamma"); } = 1.0;

    /// <summary>
    /// The scale as a function of the cycle (from 1) or of the step; null (the default) for the scale of <see cref="Mode"/>.
    /// </summary>
    public ScheduleFunction? ScaleFn { get; init => field = ScheduleFunction.OfStepAlone(value, "scaleFn"); }

    /// <summary>The argument of <see cref="ScaleFn"/>. Default: the cycle.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of <see cref="Schedules.ScaleMode"/>.</exception>
    public ScaleMode ScaleMode { get; init => field = Argument.Defined(value, "scaleMode"); }

    /// <summary>Whether the momentum falls while the rate rises, and rises while the rate falls. Default: true.</summary>
    public bool CycleMomentum { get; init; } = true;

    /// <summary>The lowest momentum, in [0, 1): one value for all parameter groups, or one per group. Default: 0.8.</summary>
    /// <exception cref="ArgumentException">The list is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside [0, 1).</exception>
    public PerGroup<double> BaseMomentum { get; init => field = PerGroup.Checked(value, "baseMomentum", Argument.FractionOrZero); } = 0.8;

    /// <summary>The highest momentum, in [0, 1): one value for all parameter groups, or one per group. Default: 0.9.</summary>
    /// <exception cref="ArgumentException">The list is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside [0, 1).</exception>
    public PerGroup<double> MaxMomentum { get; init => field = PerGroup.Checked(value, "maxMomentum", Argument.FractionOrZero); } = 0.9;

    /// <summary>When the schedule takes a step. Default: after each minibatch.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of <see cref="ScheduleInterval"/>.</exception>
    public override ScheduleInterval Interval { get; init => field = Argument.Defined(value, "interval"); } = ScheduleInterval.Batch;

    /// <inheritdoc/>
    public override bool CyclesMomentum => CycleMomentum;

    internal override string OwnRates => "maxLr of CyclicLR";

    internal override bool MayFail => ScaleFn is not null;

    internal override LrSchedule For(RunSpan run)
    {
        var schedule = (CyclicLR)base.For(run);
        return ScaleFn is { NeedsRun: true } scale ? schedule with { ScaleFn = FunctionFor(scale, run) } : schedule;
    }

    internal override LrSchedule Foretold => this with { ScaleFn = ScaleFn?.Foretold };

    // A cycle starts at the lowest rate, where the momentum is highest.
    internal override double InitialMomentum(int group) => MaxMomentum.ForGroup(group);

    private protected override ScheduleRun Begin(ParameterGroups groups) => new Run(this, groups.Count).Begun(groups);

    internal override void CheckStart(int groupCount)
    {
        PerGroup.CheckGroupCount(BaseLr, "baseLr", groupCount);
        PerGroup.CheckGroupCount(MaxLr, "maxLr", groupCount);
        PerGroup.CheckGroupCount(BaseMomentum, "baseMomentum", groupCount);
        PerGroup.CheckGroupCount(MaxMomentum, "maxMomentum", groupCount);
        ScaleFn?.CheckHasRun(this, "scaleFn");
        base.CheckStart(groupCount);
    }

    internal override void CheckSettings()
    {
        if (ScaleFn is { NeedsInitialRate: true })
            throw Argument.Invalid("scaleFn", "not name initial, since the initial rate plays no part in a cycle", ScaleFn);
        PerGroup.CheckAtLeast(MaxLr, "maxLr", BaseLr, "baseLr");
    }

    private sealed class Run(CyclicLR schedule, int groupCount) : SteppingRun(schedule)
    {
        private readonly long _up = schedule.StepSizeUp.Steps;
        private readonly long _down = (schedule.StepSizeDown ?? schedule.StepSizeUp).Steps;
        private readonly IntegerPowers? _powers = schedule is { Mode: CyclicMode.ExpRange, ScaleFn: null } ? new(schedule.Gamma) : null;
        private readonly double[] _low = [.. Enumerable.Range(0, groupCount).Select(schedule.BaseLr.ForGroup)];
        private readonly double[] _rise =
            [.. Enumerable.Range(0, groupCount).Select(group => schedule.MaxLr.ForGroup(group) - schedule.BaseLr.ForGroup(group))];

        // The cycle of the last step. It depends only on the step; it is cached to save a division at each step.
        private long _cycle = 1;
        private long _cycleStart;

        public override void Set(long step, ParameterGroups groups)
        {
            var height = HeightAt(step);
            var (rates, momenta) = (groups.LearningRates, groups.Momenta);
            for (var group = 0; group < rates.Length; group++) rates[group] = _low[group] + _rise[group] * height;

            if (!schedule.CycleMomentum) return;
            for (var group = 0; group < momenta.Length; group++)
            {
                var high = schedule.MaxMomentum.ForGroup(group);
                momenta[group] = high - (high - schedule.BaseMomentum.ForGroup(group)) * height;
            }
        }

        private double HeightAt(long step)
        {
            var (up, length) = (_up, _up + _down);
            if (step - _cycleStart >= length) (_cycle, _cycleStart) = (1 + step / length, step - step % length);
            var position = step - _cycleStart;
            var height = position <= up ? (double)position / up : (double)(length - position) / _down;
            // At the base rate the scale has no effect, and a scale such as 1 / x is not defined at step 0.
            return height == 0 ? 0 : height * ScaleAt(step);
        }

        private double ScaleAt(long step) => schedule.ScaleFn is { } scale
            ? scale.Factor(schedule.ScaleMode == ScaleMode.Cycle ? _cycle : step, double.NaN, schedule, "scaleFn")
            : schedule.Mode switch
            {
                CyclicMode.Triangular2 => Math.ScaleB(1, (int)Math.Max(1 - _cycle, -2000)),
                CyclicMode.ExpRange => _powers!.Of(step),
                _ => 1,
            };
    }
}

public abstract partial record LrSchedule
{
    /// <summary>
    /// Creates a schedule that cycles linearly between a base rate and a maximum rate. See <see cref="Schedules.CyclicLR"/>.
    /// </summary>
    /// <param name="baseLr">The lowest rate, in [0, ∞): one value for all parameter groups, or one per group.</param>
    /// <param name="maxLr">The highest rate of the first cycle, at least <paramref name="baseLr"/>.</param>
    /// <param name="stepSizeUp">The number of steps from the base rate to the maximum, at least 1. Default: 2000.</param>
    /// <param name="stepSizeDown">
    /// The number of steps from the maximum to the base rate, at least 1; null for the same as <paramref name="stepSizeUp"/>.
    /// </param>
    /// <param name="mode">How the height of the cycles changes.</param>
    /// <param name="gamma">The factor per step in <see cref="CyclicMode.ExpRange"/>, in [0, 1].</param>
    /// <param name="scaleFn">The scale as a function of the cycle or the step; null for the scale of <paramref name="mode"/>.</param>
    /// <param name="scaleMode">The argument of <paramref name="scaleFn"/>.</param>
    /// <param name="cycleMomentum">Whether the momentum falls while the rate rises, and rises while the rate falls.</param>
    /// <param name="baseMomentum">The lowest momentum, in [0, 1). Default: 0.8.</param>
    /// <param name="maxMomentum">The highest momentum, in [0, 1). Default: 0.9.</param>
    /// <exception cref="ArgumentException">A list is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static CyclicLR CyclicLR(
        PerGroup<double> baseLr,
        PerGroup<double> maxLr,
        RunLength? stepSizeUp = null,
        RunLength? stepSizeDown = null,
        CyclicMode mode = CyclicMode.Triangular,
        double gamma = 1.0,
        ScheduleFunction? scaleFn = null,
        ScaleMode scaleMode = ScaleMode.Cycle,
        bool cycleMomentum = true,
        PerGroup<double>? baseMomentum = null,
        PerGroup<double>? maxMomentum = null) => Checked(new CyclicLR
        {
            BaseLr = baseLr,
            MaxLr = maxLr,
            StepSizeUp = stepSizeUp ?? 2000,
            StepSizeDown = stepSizeDown,
            Mode = mode,
            Gamma = gamma,
            ScaleFn = scaleFn,
            ScaleMode = scaleMode,
            CycleMomentum = cycleMomentum,
            BaseMomentum = baseMomentum ?? 0.8,
            MaxMomentum = maxMomentum ?? 0.9,
        });
}
