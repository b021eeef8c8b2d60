using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Rises in a straight line, then falls with a root of time. With <c>n = t + shift</c> and <c>w = warmupSteps</c> the factor is
/// <c>startFactor + (1 − startFactor) · n / w</c> for n &lt; w, then <c>(s / (n − w + s))^power</c>, s = timescale.
/// </summary>
/// <remarks>
/// With w = 1 and all else by default there is no rise: <c>initial / √(t + 1)</c>. Source: Vaswani et al., "Attention is all you need",
/// NeurIPS 2017, section 5.3 (Noam), where s = w; fairseq's <c>inverse_sqrt</c> has shift 0, and Hugging Face's
/// <c>get_inverse_sqrt_schedule</c> a timescale too.
/// </remarks>
/// <example>
/// <code>
/// var rates = LrSchedule.InverseSquareRootLR(warmupSteps: 3).Preview(epochs: 6, stepsPerEpoch: 1, 1.0).Rates();
/// Console.WriteLine(string.Join(", ", rates.Select(rate => $"{rate:G3}")));   // 0.333, 0.667, 1, 0.866, 0.775, 0.707
/// </code>
/// </example>
[JsonConverter(typeof(LrScheduleJsonConverter))]
public sealed record InverseSquareRootLR : FactorSchedule
{
    internal InverseSquareRootLR()
    {
    }

    /// <summary>The steps of the rise, at least 0. Default: 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public RunLength WarmupSteps { get; init => field = RunLength.AtLeast(value, 0, "warmupSteps"); } = 1;

    /// <summary>The number that the first step has, at least 0. Default: 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public int Shift { get; init => field = Argument.AtLeast(value, 0, "shift"); } = 1;

    /// <summary>
    /// The steps in which the fall comes to <c>1 / 2^power</c>, in (0, ∞); null (the default) for warmupSteps, or 1 where that is 0.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is zero, negative, NaN or infinite.</exception>
    public double? Timescale { get; init => field = value is { } steps ? Argument.Positive(steps, "timescale") : null; }

    /// <summary>The power of the fall, in [0, ∞). Default: 0.5.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative, NaN or infinite.</exception>
    public double Power { get; init => field = Argument.NonNegative(value, "power"); } = 0.5;

    /// <summary>The factor at which the rise begins, in [0, 1]. Default: 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside [0, 1].</exception>
    public double StartFactor { get; init => field = Argument.UpToOne(value, "startFactor"); }

    internal override double FactorAt(long step)
    {
        double n = step + Shift, w = WarmupSteps.Steps;
        if (n < w) return StartFactor == 0 ? n / w : StartFactor + (1 - StartFactor) * n / w;
        var scale = Timescale ?? Math.Max(1, w);
        var part = scale / (n - w + scale);
        return Power == 0.5 ? Math.Sqrt(part) : Math.Pow(part, Power);
    }
}

public abstract partial record LrSchedule
{
    /// <summary>Rises in a straight line, then falls with a root of time. See <see cref="Schedules.InverseSquareRootLR"/>.</summary>
    /// <param name="warmupSteps">The steps of the rise, at least 0; 1 if left out.</param>
    /// <param name="shift">The number that the first step has, at least 0.</param>
    /// <param name="timescale">The steps in which the fall comes to 1 / 2^power, in (0, ∞); null for warmupSteps.</param>
    /// <param name="power">The power of the fall, in [0, ∞).</param>
    /// <param name="startFactor">The factor at which the rise begins, in [0, 1].</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static InverseSquareRootLR InverseSquareRootLR(
        RunLength? warmupSteps = null, int shift = 1, double? timescale = null, double power = 0.5, double startFactor = 0) =>
        new() { WarmupSteps = warmupSteps ?? 1, Shift = shift, Timescale = timescale, Power = power, StartFactor = startFactor };
}
