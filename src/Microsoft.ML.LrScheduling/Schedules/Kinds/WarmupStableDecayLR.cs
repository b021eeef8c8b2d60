using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Rises, stays, and falls at the end: from <c>initial · startFactor</c> to <c>initial</c> in warmupSteps, there for
/// stableSteps, down to <c>initial · endFactor</c> in decaySteps, and there for good.
/// </summary>
/// <remarks>
/// Rise and fall have a shape each: see <see cref="RampType"/>. A run shorter than warmup and decay together ends before the decay does.
/// Source: Hu et al., "MiniCPM", 2024, section 4 (the WSD scheduler); the shapes are those of Hugging Face's <c>get_wsd_schedule</c>,
/// Megatron-LM's WSD and fairseq's <c>tri_stage</c>.
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

    /// <summary>The steps of the rise, at least 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public required RunLength WarmupSteps { get; init => field = RunLength.AtLeast(value, 0, "warmupSteps"); }

    /// <summary>The steps at the initial rate, at least 0; null (the default) takes what the training run leaves.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public long? StableSteps { get; init => field = value is { } steps ? Argument.AtLeast(steps, 0, "stableSteps") : null; }

    /// <summary>The steps of the fall, at least 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public required RunLength DecaySteps { get; init => field = RunLength.AtLeast(value, 0, "decaySteps"); }

    /// <summary>The factor at the beginning, in [0, 1]. Default: 0.01.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside [0, 1].</exception>
    public double StartFactor { get; init => field = Argument.UpToOne(value, "startFactor"); } = 0.01;

    /// <summary>The factor at the end, in [0, 1]. Default: 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside [0, 1].</exception>
    public double EndFactor { get; init => field = Argument.UpToOne(value, "endFactor"); }

    /// <summary>The shape of the fall. Default: half a cosine.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of <see cref="RampType"/>.</exception>
    public RampType DecayType { get; init => field = Argument.Defined(value, "decayType"); }

    /// <summary>The shape of the rise. Default: a straight line.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of <see cref="RampType"/>.</exception>
    public RampType WarmupType { get; init => field = Argument.Defined(value, "warmupType"); } = RampType.Linear;

    /// <summary>How many waves of a cosine the fall has, in [0, ∞), where it is along one. Default: 0.5.</summary>
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
            throw Argument.OutOfRange("startFactor", "in (0, 1] where warmupType is geometric", StartFactor);
        if (DecayType == RampType.Geometric && EndFactor == 0)
            throw Argument.OutOfRange("endFactor", "in (0, 1] where decayType is geometric", EndFactor);
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
    /// <summary>Rises, stays, and falls at the end. See <see cref="Schedules.WarmupStableDecayLR"/>.</summary>
    /// <param name="warmupSteps">The steps of the rise, at least 0.</param>
    /// <param name="decaySteps">The steps of the fall, at least 0.</param>
    /// <param name="stableSteps">The steps at the initial rate, at least 0; null takes what the training run leaves.</param>
    /// <param name="startFactor">The factor at the beginning, in [0, 1].</param>
    /// <param name="endFactor">The factor at the end, in [0, 1].</param>
    /// <param name="decayType">The shape of the fall.</param>
    /// <param name="warmupType">The shape of the rise.</param>
    /// <param name="numCycles">How many waves of a cosine the fall has, in [0, ∞), where it is along one.</param>
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
