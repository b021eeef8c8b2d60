using System.Runtime.Intrinsics;
using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>Falls to zero along a polynomial: <c>rate(t) = initial · (1 − min(t, totalIters) / totalIters)^power</c>.</summary>
/// <remarks>Source: PyTorch's <c>torch.optim.lr_scheduler.PolynomialLR</c>.</remarks>
[JsonConverter(typeof(LrScheduleJsonConverter))]
public sealed record PolynomialLR : FactorSchedule
{
    internal PolynomialLR()
    {
    }

    /// <summary>The step from which on the rate is 0, at least 1. Default: 5.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public int TotalIters { get; init => field = Argument.AtLeast(value, 1, "totalIters"); } = 5;

    /// <summary>The power, in (0, ∞). Default: 1, a straight line.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is zero, negative, NaN or infinite.</exception>
    public double Power { get; init => field = Argument.Positive(value, "power"); } = 1.0;

    internal override double FactorAt(long step) => Math.Pow(LeftAt(step), Power);

    internal override void FactorsFrom(long first, Span<double> factors)
    {
        for (var i = 0; i < factors.Length; i++) factors[i] = LeftAt(first + i);
        if (Power == 1) return;
        for (; factors.Length > 0; factors = factors[Vector512<double>.Count..])
            VectorPower.Of(Vector512.Create<double>(factors), Power).CopyTo(factors);
    }

    private double LeftAt(long step) => 1 - (double)Math.Min(step, TotalIters) / TotalIters;
}

public abstract partial record LrSchedule
{
    /// <summary>Falls to zero along a polynomial. See <see cref="Schedules.PolynomialLR"/>.</summary>
    /// <param name="totalIters">The step from which on the rate is 0, at least 1.</param>
    /// <param name="power">The power, in (0, ∞).</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static PolynomialLR PolynomialLR(int totalIters = 5, double power = 1.0) => new() { TotalIters = totalIters, Power = power };
}
