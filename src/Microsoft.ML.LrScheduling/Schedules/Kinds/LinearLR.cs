using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Changes the factor of the initial rate linearly from startFactor to endFactor: <c>rate(t) = initial · (startFactor + (endFactor −
/// startFactor) · min(t, totalIters) / totalIters)</c>.
/// </summary>
/// <remarks>Source: PyTorch's <c>torch.optim.lr_scheduler.LinearLR</c>.</remarks>
/// <example>
/// <code>
/// var rates = LrSchedule.LinearLR(startFactor: 0.2, totalIters: 4).Preview(epochs: 6, stepsPerEpoch: 1, 1.0).Rates();
/// Console.WriteLine(string.Join(", ", rates.Select(rate => $"{rate:G3}")));   // 0.2, 0.4, 0.6, 0.8, 1, 1
/// </code>
/// </example>
[JsonConverter(typeof(LrScheduleJsonConverter))]
public sealed record LinearLR : FactorSchedule
{
    internal LinearLR()
    {
    }

    /// <summary>The factor before the first step, in [0, 1]. Default: 1/3.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside [0, 1].</exception>
    public double StartFactor { get; init => field = Argument.UpToOne(value, "startFactor"); } = 1.0 / 3;

    /// <summary>The factor from step <see cref="TotalIters"/> on, in [0, 1]. Default: 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside [0, 1].</exception>
    public double EndFactor { get; init => field = Argument.UpToOne(value, "endFactor"); } = 1.0;

    /// <summary>The number of steps from the start factor to the end factor, at least 1. Default: 5.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public RunLength TotalIters { get; init => field = RunLength.AtLeast(value, 1, "totalIters"); } = 5;

    internal override double FactorAt(long step) =>
        step < TotalIters.Steps ? StartFactor + (EndFactor - StartFactor) * step / TotalIters.Steps : EndFactor;
}

public abstract partial record LrSchedule
{
    /// <summary>Creates a schedule that changes the factor of the initial rate linearly. See <see cref="Schedules.LinearLR"/>.</summary>
    /// <param name="startFactor">The factor before the first step, in [0, 1].</param>
    /// <param name="endFactor">The factor from step <paramref name="totalIters"/> on, in [0, 1].</param>
    /// <param name="totalIters">The number of steps from the start factor to the end factor, at least 1. Default: 5.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static LinearLR LinearLR(double startFactor = 1.0 / 3, double endFactor = 1.0, RunLength? totalIters = null) =>
        new() { StartFactor = startFactor, EndFactor = endFactor, TotalIters = totalIters ?? 5 };
}
