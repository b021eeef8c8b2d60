using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Falls from the initial rate to a minimum along half a cosine, again and again:
/// <c>rate = etaMin + (initial · cycleDecay^i − etaMin) · (1 + cos(π · tCur / tI)) / 2</c>, tCur steps after restart i, which begins a
/// period of tI steps.
/// </summary>
/// <remarks>
/// The first period, i = 0, has <see cref="T0"/> steps, each further one <see cref="TMult"/> times as many: restart i is at step
/// <c>t0 · (tMult^i − 1) / (tMult − 1)</c>, which need not be whole. Source: Loshchilov and Hutter, "SGDR", ICLR 2017, and PyTorch's
/// <c>torch.optim.lr_scheduler.CosineAnnealingWarmRestarts</c>; the decay and the limit are those of timm's <c>CosineLRScheduler</c>.
/// </remarks>
/// <example>
/// <code>
/// var rates = LrSchedule.CosineAnnealingWarmRestarts(t0: 2, tMult: 2).Preview(epochs: 7, stepsPerEpoch: 1, 1.0).Rates();
/// Console.WriteLine(string.Join(", ", rates.Select(rate => $"{rate:G3}")));   // 1, 0.5, 1, 0.854, 0.5, 0.146, 1
/// </code>
/// </example>
[JsonConverter(typeof(LrScheduleJsonConverter))]
public sealed record CosineAnnealingWarmRestarts : LrSchedule
{
    // Far more than what powers and quotients are rounded by, and less than a step of any run.
    private const double Rounding = 1e-13;
    private const long Endless = 1L << 62;

    internal CosineAnnealingWarmRestarts()
    {
    }

    /// <summary>The steps of the first period, at least 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public required RunLength T0 { get; init => field = RunLength.AtLeast(value, 1, "t0"); }

    /// <summary>How many times longer each period is than the one before, in [1, ∞). Default: 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1, NaN or infinite.</exception>
    public double TMult { get; init => field = Argument.OneOrMore(value, "tMult"); } = 1;

    /// <summary>The minimum rate, in [0, ∞). Default: 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative, NaN or infinite.</exception>
    public double EtaMin { get; init => field = Argument.NonNegative(value, "etaMin"); }

    /// <summary>The factor of each peak to the one before, in (0, 1]. Default: 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside (0, 1].</exception>
    public double CycleDecay { get; init => field = Argument.PositiveUpToOne(value, "cycleDecay"); } = 1;

    /// <summary>How many periods there are, at least 1, after which the rate stays at the minimum; null (the default) for no end.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int? CycleLimit { get; init => field = value is { } cycles ? Argument.AtLeast(cycles, 1, "cycleLimit") : null; }

    private protected override ScheduleRun Begin(ParameterGroups groups) => new Run(this).Begun(groups);

    // No run sees the end of a period that is so many times longer.
    private double Growth => Math.Min(TMult, Endless);

    /// <summary>The step of a restart, which need not be whole.</summary>
    private double RestartAt(long cycle) =>
        Growth == 1 ? cycle * (double)T0.Steps : Math.Min(T0.Steps * (Math.Pow(Growth, cycle) - 1) / (Growth - 1), Endless);

    /// <summary>The last restart that a step is not before; one that is off by rounding alone counts.</summary>
    private long CycleAt(long step)
    {
        if (Growth == 1) return step / T0.Steps;
        var cycle = (long)(Math.Log(1 + step * (Growth - 1) / T0.Steps) / Math.Log(Growth));
        // The logarithm may be off by one.
        if (RestartAt(cycle + 1) <= step * (1 + Rounding)) cycle++;
        return cycle > 0 && RestartAt(cycle) > step * (1 + Rounding) ? cycle - 1 : cycle;
    }

    private sealed class Run(CosineAnnealingWarmRestarts schedule) : SteppingRun(schedule)
    {
        // The period that the last step was in: it follows from the step, and saves counting from the first one each time.
        private readonly HalfCosine _down = new(0, schedule.T0.Steps);
        private long _start;
        private double _end = schedule.T0.Steps;
        private double _peak = 1;
        private bool _hasEnded;

        public override void Set(long step, ParameterGroups groups)
        {
            if (step >= _end * (1 - Rounding)) Restart(step);
            var (weight, minimum) = (_hasEnded ? 0 : _down.At(step - _start), schedule.EtaMin);
            if (_peak == 1) groups.SetBetween(minimum, weight);
            else groups.SetBetween(minimum, weight, _peak);
        }

        private void Restart(long step)
        {
            var cycle = schedule.CycleAt(step);
            var restart = schedule.RestartAt(cycle);
            (_start, _end) = ((long)restart, schedule.RestartAt(cycle + 1));
            if (cycle < (schedule.CycleLimit ?? long.MaxValue))
            {
                _peak = Math.Pow(schedule.CycleDecay, cycle);
                if (schedule.Growth > 1) _down.Span(restart - _start, _end - _start);
            }
            else (_hasEnded, _end) = (true, double.PositiveInfinity);
        }
    }
}

public abstract partial record LrSchedule
{
    /// <summary>Falls along half a cosine, again and again. See <see cref="Schedules.CosineAnnealingWarmRestarts"/>.</summary>
    /// <param name="t0">The steps of the first period, at least 1.</param>
    /// <param name="tMult">How many times longer each period is than the one before, in [1, ∞).</param>
    /// <param name="etaMin">The minimum rate, in [0, ∞).</param>
    /// <param name="cycleDecay">The factor of each peak to the one before, in (0, 1].</param>
    /// <param name="cycleLimit">How many periods there are, at least 1; null for no end.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static CosineAnnealingWarmRestarts CosineAnnealingWarmRestarts(
        RunLength t0, double tMult = 1, double etaMin = 0, double cycleDecay = 1, int? cycleLimit = null) =>
        new() { T0 = t0, TMult = tMult, EtaMin = etaMin, CycleDecay = cycleDecay, CycleLimit = cycleLimit };
}
