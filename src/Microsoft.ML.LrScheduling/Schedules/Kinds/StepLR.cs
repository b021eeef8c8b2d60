using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Multiplies the rate by <see cref="Gamma"/> every <see cref="StepSize"/> steps: <c>rate(t) = initial · gamma^⌊t / stepSize⌋</c>.
/// </summary>
/// <remarks>
/// For example, with the initial rate 0.05 and <c>StepLR(stepSize: 30, gamma: 0.1)</c>, the rate is 0.05 for epochs 0–29, 0.005 for 30–59,
/// and 0.0005 for 60–89. Source: PyTorch's <c>torch.optim.lr_scheduler.StepLR</c>.
/// </remarks>
/// <example>
/// <code>
/// var rates = LrSchedule.StepLR(stepSize: 2, gamma: 0.1).Preview(epochs: 6, stepsPerEpoch: 1, 1.0).Rates();
/// Console.WriteLine(string.Join(", ", rates.Select(rate => $"{rate:G3}")));   // 1, 1, 0.1, 0.1, 0.01, 0.01
/// </code>
/// </example>
[JsonConverter(typeof(LrScheduleJsonConverter))]
public sealed record StepLR : FactorSchedule
{
    internal StepLR()
    {
    }

    /// <summary>The number of steps between two reductions, at least 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public required RunLength StepSize { get; init => field = RunLength.AtLeast(value, 1, "stepSize"); }

    /// <summary>The factor of each reduction, in [0, ∞). Default: 0.1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative, NaN or infinite.</exception>
    public double Gamma { get; init => field = Argument.NonNegative(value, "gamma"); } = 0.1;

    internal override bool ChangesAt(long step) => step % StepSize.Steps == 0;

    internal override double FactorAt(long step) => Math.Pow(Gamma, step / StepSize.Steps);
}

public abstract partial record LrSchedule
{
    /// <summary>
    /// Creates a schedule that multiplies the rate by <paramref name="gamma"/> every <paramref name="stepSize"/> steps. See
    /// <see cref="Schedules.StepLR"/>.
    /// </summary>
    /// <param name="stepSize">The number of steps between two reductions, at least 1.</param>
    /// <param name="gamma">The factor of each reduction, in [0, ∞).</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static StepLR StepLR(RunLength stepSize, double gamma = 0.1) => new() { StepSize = stepSize, Gamma = gamma };
}
