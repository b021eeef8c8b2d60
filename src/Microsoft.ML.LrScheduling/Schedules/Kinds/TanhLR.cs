using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Decreases along a hyperbolic tangent and then stays at the final rate. With <c>p = t / totalIters</c>, the factor is <c>endFactor + (1
/// − endFactor) · (1 − tanh(lowerBound · (1 − p) + upperBound · p)) / 2</c> for p &lt; 1, then endFactor.
/// </summary>
/// <remarks>
/// Source: Hsueh et al., "Stochastic gradient descent with hyperbolic-tangent decay", 2019; timm's <c>TanhLRScheduler</c>.
/// </remarks>
/// <example>
/// <code>
/// var rates = LrSchedule.TanhLR(totalIters: 5).Preview(epochs: 6, stepsPerEpoch: 1, 1.0).Rates();
/// Console.WriteLine(string.Join(", ", rates.Select(rate => $"{rate:G3}")));   // 1, 1, 0.998, 0.881, 0.119, 0
/// </code>
/// </example>
[JsonConverter(typeof(LrScheduleJsonConverter))]
public sealed record TanhLR : FactorSchedule
{
    internal TanhLR()
    {
    }

    /// <summary>The number of steps of the decay, at least 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public required RunLength TotalIters { get; init => field = RunLength.AtLeast(value, 1, "totalIters"); }

    /// <summary>The argument of the hyperbolic tangent at the start: a finite number. Default: −7.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is NaN or infinite.</exception>
    public double LowerBound { get; init => field = Argument.Finite(value, "lowerBound"); } = -7;

    /// <summary>The argument of the hyperbolic tangent at the end: a finite number. Default: 3.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is NaN or infinite.</exception>
    public double UpperBound { get; init => field = Argument.Finite(value, "upperBound"); } = 3;

    /// <summary>The final factor, in [0, 1]. Default: 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside [0, 1].</exception>
    public double EndFactor { get; init => field = Argument.UpToOne(value, "endFactor"); }

    internal override double FactorAt(long step)
    {
        if (step >= TotalIters.Steps) return EndFactor;
        var way = (double)step / TotalIters.Steps;
        // Equal to (1 − tanh x) / 2, but accurate if tanh x is near 1, where that formula loses digits.
        return Curves.FromOne(EndFactor, 1 / (1 + Math.Exp(2 * (LowerBound * (1 - way) + UpperBound * way))));
    }
}

public abstract partial record LrSchedule
{
    /// <summary>
    /// Creates a schedule that decreases along a hyperbolic tangent and then stays at the final rate. See <see cref="Schedules.TanhLR"/>.
    /// </summary>
    /// <param name="totalIters">The number of steps of the decay, at least 1.</param>
    /// <param name="lowerBound">The argument of the hyperbolic tangent at the start: a finite number.</param>
    /// <param name="upperBound">The argument of the hyperbolic tangent at the end: a finite number.</param>
    /// <param name="endFactor">The final factor, in [0, 1].</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static TanhLR TanhLR(RunLength totalIters, double lowerBound = -7, double upperBound = 3, double endFactor = 0) =>
        new() { TotalIters = totalIters, LowerBound = lowerBound, UpperBound = upperBound, EndFactor = endFactor };
}
