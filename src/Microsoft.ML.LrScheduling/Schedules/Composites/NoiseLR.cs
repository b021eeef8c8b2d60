using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Adds noise to the rate of another schedule: <c>rate(t) = r(t) · (1 + noise(t))</c>, where r(t) is the rate of the other schedule and
/// noise(t) depends only on the seed and t.
/// </summary>
/// <remarks>
/// The noise is either normal, drawn again until it is within (−noisePct, noisePct), or uniform in [−noisePct, noisePct). The numbers are
/// those of <c>torch.Generator().manual_seed(noiseSeed + t)</c> on the CPU. The rate before the first step has no noise. The noise does
/// not affect the state of the other schedule, and the momentum is not changed. A part of a <see cref="SequentialLR"/> that continues
/// from the final rate of the previous part, such as a plateau, also takes over its noise. To avoid this, set <see cref="NoiseEnd"/> to
/// end the noise earlier, or put the noise around the whole sequence. Source: timm's <c>noise_range_t</c>, <c>noise_type</c>,
/// <c>noise_pct</c> and <c>noise_seed</c>, in <c>PlateauLRScheduler</c> and its other schedulers.
/// </remarks>
/// <example>
/// <code>
/// var schedule = LrSchedule.StepLR(stepSize: 100).WithNoise(noiseType: NoiseType.Uniform, noisePct: 0.1);
/// var rates = schedule.Preview(epochs: 4, stepsPerEpoch: 1, 1.0).Rates();
/// Console.WriteLine(string.Join(", ", rates.Select(rate => $"{rate:G3}")));   // 1, 0.991, 1.04, 0.937
/// </code>
/// </example>
[JsonConverter(typeof(LrScheduleJsonConverter))]
public sealed record NoiseLR : SurroundingSchedule
{
    // With a smaller limit the normal noise would take too many draws: at 0.001 it already takes 1,250 on average.
    private const double Least = 0.001;

    internal NoiseLR()
    {
    }

    /// <summary>The other schedule, of any type.</summary>
    /// <exception cref="ArgumentException">The schedules are nested too deeply, or there are too many of them.</exception>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public override required LrSchedule Schedule { get; init => field = Within(value); }

    /// <summary>The first step with noise, at least 0. Default: 0. The rate before the first step never has noise.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public RunLength NoiseStart { get; init => field = RunLength.AtLeast(value, 0, "noiseStart"); } = 0;

    /// <summary>
    /// The first step after the steps with noise, at least <see cref="NoiseStart"/>; null (the default) for noise until the end.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public RunLength? NoiseEnd { get; init => field = value is { } end ? RunLength.AtLeast(end, 0, "noiseEnd") : null; }

    /// <summary>The distribution of the noise: Normal (the default) or Uniform.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of <see cref="Schedules.NoiseType"/>.</exception>
    public NoiseType NoiseType { get; init => field = Argument.Defined(value, "noiseType"); }

    /// <summary>The limit of the noise, as a fraction of the rate, in [0.001, 1]. Default: 0.67.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside [0.001, 1].</exception>
    public double NoisePct
    {
        get;
        init => field = value is >= Least and <= 1 ? value : throw Argument.OutOfRange("noisePct", "in [0.001, 1]", value);
    } = 0.67;

    /// <summary>The seed of the noise, at least 0. Default: 42.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public int NoiseSeed { get; init => field = Argument.AtLeast(value, 0, "noiseSeed"); } = 42;

    internal override void CheckSettings()
    {
        // A fraction and a number of steps are compared once both are steps.
        if (NoiseEnd is { } end && (end.Count < NoiseStart.Count || end.Fraction < NoiseStart.Fraction))
            throw Argument.OutOfRange("noiseEnd", $"at least noiseStart ({NoiseStart})", end);
    }

    // Noise can lower the rate below the floor of the schedule within.
    internal override bool HasFloor => false;

    // The noise is left out: it takes a hundred times as long to compute, and it changes neither which steps fail nor which rates are 0.
    internal override LrSchedule Foretold => Schedule.Foretold;

    private protected override ScheduleRun Begin(ParameterGroups groups) => new Run(this, groups);

    private sealed class Run : SurroundingRun
    {
        private readonly NoiseLR _schedule;
        private readonly TorchGenerator _generator = new();
        private long _step;
        private double _noise;

        public Run(NoiseLR schedule, ParameterGroups groups)
            : base(schedule, groups)
        {
            _schedule = schedule;
            Set(groups);
        }

        protected override void Make(ReadOnlySpan<double> within, Span<double> rates)
        {
            if (_step != StepCount) (_step, _noise) = (StepCount, NoiseAt(StepCount));
            for (var group = 0; group < rates.Length; group++) rates[group] = within[group] + within[group] * _noise;
        }

        private double NoiseAt(long step)
        {
            var (start, end, bound) = (_schedule.NoiseStart.Steps, _schedule.NoiseEnd?.Steps ?? long.MaxValue, _schedule.NoisePct);
            if (step < start || step >= end) return 0;
            _generator.Seed(_schedule.NoiseSeed + step);
            if (_schedule.NoiseType == NoiseType.Uniform) return 2 * (_generator.NextUniform() - 0.5) * bound;
            double noise;
            do noise = _generator.NextNormal();
            while (!(Math.Abs(noise) < bound));
            return noise;
        }
    }
}

public abstract partial record LrSchedule
{
    /// <summary>Creates a schedule that adds noise to the rate of another schedule. See <see cref="Schedules.NoiseLR"/>.</summary>
    /// <param name="schedule">The other schedule.</param>
    /// <param name="noiseStart">The first step with noise, at least 0. Default: 0.</param>
    /// <param name="noiseEnd">The first step after the steps with noise, at least noiseStart; null for noise until the end.</param>
    /// <param name="noiseType">The distribution of the noise.</param>
    /// <param name="noisePct">The limit of the noise, as a fraction of the rate, in [0.001, 1].</param>
    /// <param name="noiseSeed">The seed of the noise, at least 0.</param>
    /// <exception cref="ArgumentException">The schedules are nested too deeply.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static NoiseLR NoiseLR(
        LrSchedule schedule, RunLength? noiseStart = null, RunLength? noiseEnd = null, NoiseType noiseType = NoiseType.Normal,
        double noisePct = 0.67, int noiseSeed = 42) => Checked(new NoiseLR
        {
            Schedule = schedule,
            NoiseStart = noiseStart ?? 0,
            NoiseEnd = noiseEnd,
            NoiseType = noiseType,
            NoisePct = noisePct,
            NoiseSeed = noiseSeed,
        });

    /// <summary>
    /// Returns this schedule with noise: <c>rate(t) = r(t) · (1 + noise(t))</c>, where r(t) is the rate of this schedule. See
    /// <see cref="Schedules.NoiseLR"/>.
    /// </summary>
    /// <param name="noiseStart">The first step with noise, at least 0. Default: 0.</param>
    /// <param name="noiseEnd">The first step after the steps with noise, at least noiseStart; null for noise until the end.</param>
    /// <param name="noiseType">The distribution of the noise.</param>
    /// <param name="noisePct">The limit of the noise, as a fraction of the rate, in [0.001, 1].</param>
    /// <param name="noiseSeed">The seed of the noise, at least 0.</param>
    /// <exception cref="ArgumentException">The schedules are nested too deeply.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public NoiseLR WithNoise(
        RunLength? noiseStart = null, RunLength? noiseEnd = null, NoiseType noiseType = NoiseType.Normal, double noisePct = 0.67,
        int noiseSeed = 42) => NoiseLR(this, noiseStart, noiseEnd, noiseType, noisePct, noiseSeed);
}
