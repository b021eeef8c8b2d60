using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Rises linearly during a warmup, then decreases with an inverse power of the step, by default the inverse square root. With <c>n = t +
/// shift</c>, <c>w = warmupSteps</c> and <c>s = timescale</c>, the factor is <c>startFactor + (1 − startFactor) · n / w</c> for n &lt; w,
/// then <c>(s / (n − w + s))^power</c>.
/// </summary>
/// <remarks>
/// With the default settings (w = 1) there is no warmup: <c>rate(t) = initial / √(t + 1)</c>. Source: Vaswani et al., "Attention is all
/// you need", NeurIPS 2017, section 5.3 (Noam), where s = w. fairseq's <c>inverse_sqrt</c> has shift 0, and Hugging Face's
/// <c>get_inverse_sqrt_schedule</c> also has a timescale.
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

    /// <summary>The number of steps of the warmup, at least 0. Default: 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public RunLength WarmupSteps { get; init => field = RunLength.AtLeast(value, 0, "warmupSteps"); } = 1;

    /// <summary>The number that is added to t, at least 0. Default: 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public int Shift { get; init => field = Argument.AtLeast(value, 0, "shift"); } = 1;

    /// <summary>
    /// The number of steps after the warmup at which the factor has decreased to <c>1 / 2^power</c>, in (0, ∞); null (the default) for
    /// warmupSteps, or for 1 if warmupSteps is 0.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is zero, negative, NaN or infinite.</exception>
    public double? Timescale { get; init => field = value is { } steps ? Argument.Positive(steps, "timescale") : null; }

    /// <summary>The exponent of the decrease, in [0, ∞). Default: 0.5.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative, NaN or infinite.</exception>
    public double Power { get; init => field = Argument.NonNegative(value, "power"); } = 0.5;

    /// <summary>The factor at the start of the warmup, in [0, 1]. Default: 0.</summary>
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
    /// <summary>
    /// Creates a schedule that rises linearly and then decreases with an inverse power of the step. See
    /// <see cref="Schedules.InverseSquareRootLR"/>.
    /// </summary>
    /// <param name="warmupSteps">The number of steps of the warmup, at least 0. Default: 1.</param>
    /// <param name="shift">The number that is added to t, at least 0.</param>
    /// <param name="timescale">
    /// The number of steps after the warmup at which the factor has decreased to 1 / 2^power, in (0, ∞); null for warmupSteps, or for 1 if
    /// warmupSteps is 0.
    /// </param>
    /// <param name="power">The exponent of the decrease, in [0, ∞).</param>
    /// <param name="startFactor">The factor at the start of the warmup, in [0, 1].</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static InverseSquareRootLR InverseSquareRootLR(
        RunLength? warmupSteps = null, int shift = 1, double? timescale = null, double power = 0.5, double startFactor = 0) =>
        new() { WarmupSteps = warmupSteps ?? 1, Shift = shift, Timescale = timescale, Power = power, StartFactor = startFactor };
}
