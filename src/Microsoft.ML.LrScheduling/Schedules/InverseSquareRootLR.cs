using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Rises in a straight line, then falls with the square root of time: with <c>n = t + 1</c> and <c>w = warmupSteps</c>,
/// <c>rate(t) = initial · min(n / w, √(w / n))</c>. The initial rate is the highest one, at step <c>w − 1</c>.
/// </summary>
/// <remarks>
/// With w = 1, the default, there is no rise: <c>initial / √(t + 1)</c>. Source: Vaswani et al., "Attention is all you need", NeurIPS
/// 2017, section 5.3.
/// </remarks>
[JsonConverter(typeof(LrScheduleJsonConverter))]
public sealed record InverseSquareRootLR : FactorSchedule
{
    internal InverseSquareRootLR()
    {
    }

    /// <summary>The steps to the highest rate, at least 1. Default: 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int WarmupSteps { get; init => field = Argument.AtLeast(value, 1, "warmupSteps"); } = 1;

    internal override double FactorAt(long step)
    {
        var n = step + 1.0;
        return Math.Min(n / WarmupSteps, Math.Sqrt(WarmupSteps / n));
    }
}

public abstract partial record LrSchedule
{
    /// <summary>
    /// Rises in a straight line, then falls with the square root of time. See <see cref="Schedules.InverseSquareRootLR"/>.
    /// </summary>
    /// <param name="warmupSteps">The steps to the highest rate, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The argument is outside its range.</exception>
    public static InverseSquareRootLR InverseSquareRootLR(int warmupSteps = 1) => new() { WarmupSteps = warmupSteps };
}
