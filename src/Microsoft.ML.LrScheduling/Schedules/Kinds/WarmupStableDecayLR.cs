using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Warms up, stays constant, then decays: the rate rises from <c>initial · startFactor</c> to <c>initial</c> in warmupSteps, stays there
/// for stableSteps, falls to <c>initial · endFactor</c> in decaySteps, and then stays at that rate.
/// </summary>
/// <remarks>
/// You can choose the shapes of the warmup and the decay: see <see cref="RampType"/>. If the run is shorter than warmup and decay
/// together, it ends before the decay is complete. Source: Hu et al., "MiniCPM", 2024, section 4 (the WSD scheduler); the shapes are those
/// of Hugging Face's <c>get_wsd_schedule</c>, Megatron-LM's WSD and fairseq's <c>tri_stage</c>.
/// </remarks>
/// <example>
/// <code>
/// var schedule = LrSchedule.WarmupStableDecayLR(warmupSteps: 2, decaySteps: 2, startFactor: 0);
/// var rates = schedule.Preview(epochs: 7, stepsPerEpoch: 1, 1.0).Rates();
/// Console.WriteLine(string.Join(", ", rates.Select(rate => $"{rate:G3}")));   // 0, 0.5, 1, 1, 1, 1, 0.5
/// </code>
/// </example>
[JsonConverter(typeof(LrScheduleJsonConverter))]
public sealed record WarmupStableDecayLR : FactorSchedule
{
    internal WarmupStableDecayLR()
    {
    }

    /// <summary>The number of steps of the warmup, at least 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public required RunLength WarmupSteps { get; init => field = RunLength.AtLeast(value, 0, "warmupSteps"); }

    /// <summary>The number of steps at the initial rate, at least 0; null (the default) for the rest of the training run.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public long? StableSteps { get; init => field = value is { } steps ? Argument.AtLeast(steps, 0, "stableSteps") : null; }

    /// <summary>The number of steps of the decay, at least 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public required RunLength DecaySteps { get; init => field = RunLength.AtLeast(value, 0, "decaySteps"); }

    /// <summary>The factor at the start of the warmup, in [0, 1]. Default: 0.01.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside [0, 1].</exception>
    public double StartFactor { get; init => field = Argument.UpToOne(value, "startFactor"); } = 0.01;

    /// <summary>The factor at the end of the decay, in [0, 1]. Default: 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside [0, 1].</exception>
    public double EndFactor { get; init => field = Argument.UpToOne(value, "endFactor"); }

    /// <summary>The shape of the decay. Default: half a cosine.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of <see cref="RampType"/>.</exception>
    public RampType DecayType { get; init => field = Argument.Defined(value, "decayType"); }

    /// <summary>The shape of the warmup. Default: a straight line.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of <see cref="RampType"/>.</exception>
    public RampType WarmupType { get; init => field = Argument.Defined(value, "warmupType"); } = RampType.Linear;

    /// <summary>The number of periods of the cosine in the decay, in [0, ∞), if its shape is a cosine. Default: 0.5.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative, NaN or infinite.</exception>
    public double NumCycles { get; init => field = Argument.NonNegative(value, "numCycles"); } = 0.5;

    internal override LrSchedule For(RunSpan run)
    {
        var schedule = (WarmupStableDecayLR)base.For(run);
        var others = schedule.WarmupSteps.Steps + schedule.DecaySteps.Steps;
        return StableSteps is null ? schedule with { StableSteps = Math.Max(0, StepsAtEndOf(run) - others) } : schedule;
    }

    internal override double FactorAt(long step)
    {
        if (step < WarmupSteps.Steps) return Curves.Rise(WarmupType, StartFactor, (double)step / WarmupSteps.Steps);
        var fall = step - WarmupSteps.Steps - StableSteps!.Value;
        if (fall < 0) return 1;
        return fall < DecaySteps.Steps ? Curves.Fall(DecayType, EndFactor, (double)fall / DecaySteps.Steps, NumCycles) : EndFactor;
    }

    internal override void CheckSettings()
    {
        if (WarmupType == RampType.Geometric && StartFactor == 0)
            throw Argument.OutOfRange("startFactor", "in (0, 1] if warmupType is geometric", StartFactor);
        if (DecayType == RampType.Geometric && EndFactor == 0)
            throw Argument.OutOfRange("endFactor", "in (0, 1] if decayType is geometric", EndFactor);
    }

    internal override void CheckStart(int groupCount)
    {
        base.CheckStart(groupCount);
        if (StableSteps is null)
            throw new InvalidOperationException(
                "stableSteps of WarmupStableDecayLR is taken from a training run: give it, or call ForRun(epochs, stepsPerEpoch).");
    }
}

public abstract partial record LrSchedule
{
    /// <summary>Creates a schedule that warms up, stays constant, then decays. See <see cref="Schedules.WarmupStableDecayLR"/>.</summary>
    /// <param name="warmupSteps">The number of steps of the warmup, at least 0.</param>
    /// <param name="decaySteps">The number of steps of the decay, at least 0.</param>
    /// <param name="stableSteps">The number of steps at the initial rate, at least 0; null for the rest of the training run.</param>
    /// <param name="startFactor">The factor at the start of the warmup, in [0, 1].</param>
    /// <param name="endFactor">The factor at the end of the decay, in [0, 1].</param>
    /// <param name="decayType">The shape of the decay.</param>
    /// <param name="warmupType">The shape of the warmup.</param>
    /// <param name="numCycles">The number of periods of the cosine in the decay, in [0, ∞), if its shape is a cosine.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static WarmupStableDecayLR WarmupStableDecayLR(
        RunLength warmupSteps,
        RunLength decaySteps,
        long? stableSteps = null,
        double startFactor = 0.01,
        double endFactor = 0,
        RampType decayType = RampType.Cos,
        RampType warmupType = RampType.Linear,
        double numCycles = 0.5) => Checked(new WarmupStableDecayLR
        {
            WarmupSteps = warmupSteps,
            StableSteps = stableSteps,
            DecaySteps = decaySteps,
            StartFactor = startFactor,
            EndFactor = endFactor,
            DecayType = decayType,
            WarmupType = warmupType,
            NumCycles = numCycles,
        });
}
