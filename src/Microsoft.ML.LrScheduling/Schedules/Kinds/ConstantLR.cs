using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Multiplies the initial rate by a factor for a number of steps, then returns to the initial rate: <c>rate(t) = initial · factor</c> for
/// <c>t &lt; totalIters</c>, then <c>initial</c>.
/// </summary>
/// <remarks>Source: PyTorch's <c>torch.optim.lr_scheduler.ConstantLR</c>.</remarks>
/// <example>
/// <code>
/// var rates = LrSchedule.ConstantLR(factor: 0.5, totalIters: 3).Preview(epochs: 6, stepsPerEpoch: 1, 1.0).Rates();
/// Console.WriteLine(string.Join(", ", rates.Select(rate => $"{rate:G3}")));   // 0.5, 0.5, 0.5, 1, 1, 1
/// </code>
/// </example>
[JsonConverter(typeof(LrScheduleJsonConverter))]
public sealed record ConstantLR : FactorSchedule
{
    internal ConstantLR()
    {
    }

    /// <summary>The factor of the first steps, in [0, 1]. Default: 1/3.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside [0, 1].</exception>
    public double Factor { get; init => field = Argument.UpToOne(value, "factor"); } = 1.0 / 3;

    /// <summary>The number of steps with the factor, at least 0. Default: 5.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public RunLength TotalIters { get; init => field = RunLength.AtLeast(value, 0, "totalIters"); } = 5;

    internal override bool ChangesAt(long step) => step == TotalIters.Steps;

    internal override double FactorAt(long step) => step < TotalIters.Steps ? Factor : 1;
}

public abstract partial record LrSchedule
{
    /// <summary>
    /// Creates a schedule that multiplies the initial rate by a factor for a number of steps. See <see cref="Schedules.ConstantLR"/>.
    /// </summary>
    /// <param name="factor">The factor of the first steps, in [0, 1].</param>
    /// <param name="totalIters">The number of steps with the factor, at least 0. Default: 5.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static ConstantLR ConstantLR(double factor = 1.0 / 3, RunLength? totalIters = null) =>
        new() { Factor = factor, TotalIters = totalIters ?? 5 };
}
