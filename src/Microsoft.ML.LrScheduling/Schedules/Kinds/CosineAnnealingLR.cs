using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Moves between the initial rate and a minimum rate along a cosine: <c>rate(t) = etaMin + (initial − etaMin) · (1 + cos(π · t / tMax)) /
/// 2</c>.
/// </summary>
/// <remarks>
/// The rate reaches the minimum at step <see cref="TMax"/> and then rises again, as in the formula. Use <see cref="CosineDecayLR"/> for a
/// rate that stays at the minimum. Source: Loshchilov and Hutter, "SGDR", ICLR 2017, and PyTorch's
/// <c>torch.optim.lr_scheduler.CosineAnnealingLR</c>.
/// </remarks>
/// <example>
/// <code>
/// var rates = LrSchedule.CosineAnnealingLR(tMax: 4).Preview(epochs: 7, stepsPerEpoch: 1, 1.0).Rates();
/// Console.WriteLine(string.Join(", ", rates.Select(rate => $"{rate:G3}")));   // 1, 0.854, 0.5, 0.146, 0, 0.146, 0.5
/// </code>
/// </example>
[JsonConverter(typeof(LrScheduleJsonConverter))]
public sealed record CosineAnnealingLR : LrSchedule
{
    internal CosineAnnealingLR()
    {
    }

    /// <summary>The number of steps to the minimum, at least 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public required RunLength TMax { get; init => field = RunLength.AtLeast(value, 1, "tMax"); }

    /// <summary>The minimum rate, in [0, ∞). Default: 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative, NaN or infinite.</exception>
    public double EtaMin { get; init => field = Argument.NonNegative(value, "etaMin"); }

    private protected override ScheduleRun Begin(ParameterGroups groups) => new Run(this).Begun(groups);

    private sealed class Run(CosineAnnealingLR schedule) : SteppingRun(schedule)
    {
        // The cosine repeats after 2 · tMax steps. The first step of the current period is cached, which saves a division at each step.
        private readonly long _tMax = schedule.TMax.Steps;
        private readonly long _wave = 2 * schedule.TMax.Steps;
        private readonly HalfCosine _down = new(0, schedule.TMax.Steps);
        private long _waveStart;

        public override void Set(long step, ParameterGroups groups)
        {
            if (step - _waveStart >= _wave) _waveStart = step - step % _wave;
            // After the minimum the curve is mirrored.
            groups.SetBetween(schedule.EtaMin, _down.At(_tMax - Math.Abs(_tMax - (step - _waveStart))));
        }
    }
}

public abstract partial record LrSchedule
{
    /// <summary>
    /// Creates a schedule that moves between the initial rate and a minimum rate along a cosine. See
    /// <see cref="Schedules.CosineAnnealingLR"/>.
    /// </summary>
    /// <param name="tMax">The number of steps to the minimum, at least 1.</param>
    /// <param name="etaMin">The minimum rate, in [0, ∞).</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static CosineAnnealingLR CosineAnnealingLR(RunLength tMax, double etaMin = 0) => new() { TMax = tMax, EtaMin = etaMin };
}
