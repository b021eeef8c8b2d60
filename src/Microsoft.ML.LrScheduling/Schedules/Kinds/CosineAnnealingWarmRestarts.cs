using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Decreases from the initial rate to a minimum rate along half a cosine, then restarts: <c>rate = etaMin + (initial · cycleDecay^i −
/// etaMin) · (1 + cos(π · tCur / tI)) / 2</c>. Here i is the number of restarts so far, tCur the number of steps since the last restart,
/// and tI the number of steps in the current period.
/// </summary>
/// <remarks>
/// The first period (i = 0) has <see cref="T0"/> steps. Each later period is <see cref="TMult"/> times as long as the previous one.
/// Restart i is at step <c>t0 · (tMult^i − 1) / (tMult − 1)</c>, which need not be an integer. Source: Loshchilov and Hutter, "SGDR", ICLR
/// 2017, and PyTorch's <c>torch.optim.lr_scheduler.CosineAnnealingWarmRestarts</c>; cycleDecay and cycleLimit are from timm's
/// <c>CosineLRScheduler</c>.
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
    // A relative tolerance: larger than the rounding errors of powers and quotients, but less than one step in any run.
    private const double Rounding = 1e-13;
    private const long Endless = 1L << 62;

    internal CosineAnnealingWarmRestarts()
    {
    }

    /// <summary>The number of steps in the first period, at least 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public required RunLength T0 { get; init => field = RunLength.AtLeast(value, 1, "t0"); }

    /// <summary>The length of each period divided by the length of the previous one, in [1, ∞). Default: 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1, NaN or infinite.</exception>
    public double TMult { get; init => field = Argument.OneOrMore(value, "tMult"); } = 1;

    /// <summary>The minimum rate, in [0, ∞). Default: 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative, NaN or infinite.</exception>
    public double EtaMin { get; init => field = Argument.NonNegative(value, "etaMin"); }

    /// <summary>The peak of each period divided by the peak of the previous one, in (0, 1]. Default: 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside (0, 1].</exception>
    public double CycleDecay { get; init => field = Argument.PositiveUpToOne(value, "cycleDecay"); } = 1;

    /// <summary>
    /// The number of periods, at least 1. After the last period the rate stays at the minimum. Null (the default) means no limit.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int? CycleLimit { get; init => field = value is { } cycles ? Argument.AtLeast(cycles, 1, "cycleLimit") : null; }

    private protected override ScheduleRun Begin(ParameterGroups groups) => new Run(this).Begun(groups);

    // A limit on the growth avoids overflow. No run reaches the end of a period that is this many times longer.
    private double Growth => Math.Min(TMult, Endless);

    /// <summary>The step of a restart, which need not be an integer.</summary>
    private double RestartAt(long cycle) =>
        Growth == 1 ? cycle * (double)T0.Steps : Math.Min(T0.Steps * (Math.Pow(Growth, cycle) - 1) / (Growth - 1), Endless);

    /// <summary>
    /// The number of the last restart at or before a step. A restart counts even if rounding puts it slightly after the step.
    /// </summary>
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
        // The period of the last step. It depends only on the step; it is cached so that each step need not compute it again.
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
    /// <summary>
    /// Creates a schedule that decreases along half a cosine and then restarts. See <see cref="Schedules.CosineAnnealingWarmRestarts"/>.
    /// </summary>
    /// <param name="t0">The number of steps in the first period, at least 1.</param>
    /// <param name="tMult">The length of each period divided by the length of the previous one, in [1, ∞).</param>
    /// <param name="etaMin">The minimum rate, in [0, ∞).</param>
    /// <param name="cycleDecay">The peak of each period divided by the peak of the previous one, in (0, 1].</param>
    /// <param name="cycleLimit">The number of periods, at least 1; null for no limit.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static CosineAnnealingWarmRestarts CosineAnnealingWarmRestarts(
        RunLength t0, double tMult = 1, double etaMin = 0, double cycleDecay = 1, int? cycleLimit = null) =>
        new() { T0 = t0, TMult = tMult, EtaMin = etaMin, CycleDecay = cycleDecay, CycleLimit = cycleLimit };
}
