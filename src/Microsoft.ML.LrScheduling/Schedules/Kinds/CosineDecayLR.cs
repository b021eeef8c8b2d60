using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Decreases along half a cosine and then stays at the final rate. With <c>p = min(t, totalIters) / totalIters</c>, the factor is
/// <c>endFactor + (1 − endFactor) · ((1 + cos(π · p^kDecay)) / 2)^exponent</c>.
/// </summary>
/// <remarks>
/// This schedule stays at its minimum; <see cref="CosineAnnealingLR"/> rises again. Source: Keras' <c>CosineDecay</c> and Optax'
/// <c>cosine_decay_schedule</c>, where endFactor is called alpha; kDecay is timm's <c>k_decay</c> (Zhang and Li, "k-decay", 2020).
/// </remarks>
/// <example>
/// <code>
/// var rates = LrSchedule.CosineDecayLR(totalIters: 4, endFactor: 0.1).Preview(epochs: 6, stepsPerEpoch: 1, 1.0).Rates();
/// Console.WriteLine(string.Join(", ", rates.Select(rate => $"{rate:G3}")));   // 1, 0.868, 0.55, 0.232, 0.1, 0.1
/// </code>
/// </example>
[JsonConverter(typeof(LrScheduleJsonConverter))]
public sealed record CosineDecayLR : FactorSchedule
{
    internal CosineDecayLR()
    {
    }

    /// <summary>The number of steps of the decay, at least 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public required RunLength TotalIters { get; init => field = RunLength.AtLeast(value, 1, "totalIters"); }

    /// <summary>The final factor, in [0, ∞). Default: 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative, NaN or infinite.</exception>
    public double EndFactor { get; init => field = Argument.NonNegative(value, "endFactor"); }

    /// <summary>The exponent of the cosine, in [0, ∞). Default: 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative, NaN or infinite.</exception>
    public double Exponent { get; init => field = Argument.NonNegative(value, "exponent"); } = 1;

    /// <summary>The exponent of p, in (0, ∞). Above 1 the rate decreases later. Default: 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is zero, negative, NaN or infinite.</exception>
    public double KDecay { get; init => field = Argument.Positive(value, "kDecay"); } = 1;

    internal override double FactorAt(long step)
    {
        if (step >= TotalIters.Steps) return Exponent == 0 ? 1 : EndFactor;
        var way = (double)step / TotalIters.Steps;
        // Equal to (1 + cos(π · p)) / 2, but accurate near the end, where that formula loses digits.
        var sine = Math.Sin(Math.PI / 2 * (1 - (KDecay == 1 ? way : Math.Pow(way, KDecay))));
        return Curves.FromOne(EndFactor, Exponent == 1 ? sine * sine : Math.Pow(sine * sine, Exponent));
    }
}

public abstract partial record LrSchedule
{
    /// <summary>
    /// Creates a schedule that decreases along half a cosine and then stays at the final rate. See <see cref="Schedules.CosineDecayLR"/>.
    /// </summary>
    /// <param name="totalIters">The number of steps of the decay, at least 1.</param>
    /// <param name="endFactor">The final factor, in [0, ∞).</param>
    /// <param name="exponent">The exponent of the cosine, in [0, ∞).</param>
    /// <param name="kDecay">The exponent of p, the fraction of the steps, in (0, ∞).</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static CosineDecayLR CosineDecayLR(RunLength totalIters, double endFactor = 0, double exponent = 1, double kDecay = 1) =>
        new() { TotalIters = totalIters, EndFactor = endFactor, Exponent = exponent, KDecay = kDecay };
}
