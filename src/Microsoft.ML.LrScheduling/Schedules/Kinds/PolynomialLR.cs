using System.Runtime.Intrinsics;
using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Decreases along a polynomial: <c>rate(t) = initial · (endFactor + (1 − endFactor) · (1 − min(t, totalIters) / totalIters)^power)</c>.
/// </summary>
/// <remarks>
/// With <see cref="Cycle"/>, the rate rises again after the end of each decay: the smallest multiple of totalIters that is at least t
/// replaces totalIters in the formula. Source: PyTorch's <c>torch.optim.lr_scheduler.PolynomialLR</c>; endFactor and cycle are from Keras'
/// and Paddle's <c>PolynomialDecay</c>.
/// </remarks>
/// <example>
/// <code>
/// var rates = LrSchedule.PolynomialLR(totalIters: 4, power: 2).Preview(epochs: 6, stepsPerEpoch: 1, 1.0).Rates();
/// Console.WriteLine(string.Join(", ", rates.Select(rate => $"{rate:G3}")));   // 1, 0.562, 0.25, 0.0625, 0, 0
/// </code>
/// </example>
[JsonConverter(typeof(LrScheduleJsonConverter))]
public sealed record PolynomialLR : FactorSchedule
{
    internal PolynomialLR()
    {
    }

    /// <summary>The number of steps of the decay, at least 1. Default: 5.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public RunLength TotalIters { get; init => field = RunLength.AtLeast(value, 1, "totalIters"); } = 5;

    /// <summary>The exponent of the polynomial, in [0, ∞). Default: 1, a straight line. With 0 the rate does not change.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative, NaN or infinite.</exception>
    public double Power { get; init => field = Argument.NonNegative(value, "power"); } = 1.0;

    /// <summary>The final factor, in [0, ∞). Default: 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative, NaN or infinite.</exception>
    public double EndFactor { get; init => field = Argument.NonNegative(value, "endFactor"); }

    /// <summary>Whether the rate rises again after the end of each decay and falls for another totalIters steps. Default: false.</summary>
    public bool Cycle { get; init; }

    internal override double FactorAt(long step) => Curves.FromOne(EndFactor, Math.Pow(LeftAt(step), Power));

    internal override void FactorsFrom(long first, Span<double> factors)
    {
        for (var i = 0; i < factors.Length; i++) factors[i] = LeftAt(first + i);
        if (Power == 0) factors.Fill(1);
        else if (Power != 1)
            for (var rest = factors; rest.Length > 0; rest = rest[Vector512<double>.Count..])
                VectorPower.Of(Vector512.Create<double>(rest), Power).CopyTo(rest);
        if (EndFactor == 0) return;
        foreach (ref var factor in factors) factor = Curves.FromOne(EndFactor, factor);
    }

    private double LeftAt(long step)
    {
        var end = TotalIters.Steps;
        if (Cycle) end *= Math.Max(1, (step + end - 1) / end);
        return 1 - (double)Math.Min(step, end) / end;
    }
}

public abstract partial record LrSchedule
{
    /// <summary>Creates a schedule that decreases along a polynomial. See <see cref="Schedules.PolynomialLR"/>.</summary>
    /// <param name="totalIters">The number of steps of the decay, at least 1. Default: 5.</param>
    /// <param name="power">The exponent of the polynomial, in [0, ∞).</param>
    /// <param name="endFactor">The final factor, in [0, ∞).</param>
    /// <param name="cycle">
    /// Whether the rate rises again after the end of each decay and falls for another <paramref name="totalIters"/> steps.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static PolynomialLR PolynomialLR(
        RunLength? totalIters = null, double power = 1.0, double endFactor = 0, bool cycle = false) =>
        new() { TotalIters = totalIters ?? 5, Power = power, EndFactor = endFactor, Cycle = cycle };
}
