using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Falls from the initial rate to a minimum along half a cosine, again and again:
/// <c>rate = etaMin + (initial − etaMin) · (1 + cos(π · tCur / tI)) / 2</c>, tCur steps after the last restart of a period of tI
/// steps.
/// </summary>
/// <remarks>
/// The first period has <see cref="T0"/> steps, each further one <see cref="TMult"/> times as many. Source: Loshchilov and Hutter,
/// "SGDR", ICLR 2017, and PyTorch's <c>torch.optim.lr_scheduler.CosineAnnealingWarmRestarts</c>.
/// </remarks>
[JsonConverter(typeof(LrScheduleJsonConverter))]
public sealed record CosineAnnealingWarmRestarts : LrSchedule
{
    internal CosineAnnealingWarmRestarts()
    {
    }

    /// <summary>The steps of the first period, at least 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public required int T0 { get; init => field = Argument.AtLeast(value, 1, "t0"); }

    /// <summary>How many times longer each period is than the one before, at least 1. Default: 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int TMult { get; init => field = Argument.AtLeast(value, 1, "tMult"); } = 1;

    /// <summary>The minimum rate, in [0, ∞). Default: 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative, NaN or infinite.</exception>
    public double EtaMin { get; init => field = Argument.NonNegative(value, "etaMin"); }

    internal override ScheduleRun Begin(ParameterGroups groups) => new Run(this).Begun(groups);

    private sealed class Run(CosineAnnealingWarmRestarts schedule) : SteppingRun(schedule)
    {
        // The period that the last step was in: it follows from the step, and saves counting from the first one each time.
        private readonly HalfCosine _down = new(0, schedule.T0);
        private long _restart;
        private long _period = schedule.T0;

        public override void Set(long step, ParameterGroups groups)
        {
            if (step - _restart >= _period) Restart(step);
            groups.SetBetween(schedule.EtaMin, _down.At(step - _restart));
        }

        private void Restart(long step)
        {
            if (schedule.TMult == 1)
            {
                _restart = step - step % _period;
                return;
            }

            while (step - _restart >= _period && _period <= long.MaxValue / schedule.TMult)
            {
                _restart += _period;
                _period *= schedule.TMult;
            }

            _down.Span(0, _period);
        }
    }
}

public abstract partial record LrSchedule
{
    /// <summary>Falls along half a cosine, again and again. See <see cref="Schedules.CosineAnnealingWarmRestarts"/>.</summary>
    /// <param name="t0">The steps of the first period, at least 1.</param>
    /// <param name="tMult">How many times longer each period is than the one before, at least 1.</param>
    /// <param name="etaMin">The minimum rate, in [0, ∞).</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static CosineAnnealingWarmRestarts CosineAnnealingWarmRestarts(int t0, int tMult = 1, double etaMin = 0) =>
        new() { T0 = t0, TMult = tMult, EtaMin = etaMin };
}
