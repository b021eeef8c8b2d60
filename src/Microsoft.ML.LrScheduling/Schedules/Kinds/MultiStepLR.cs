using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Multiplies the rate by <see cref="Gamma"/> at each milestone: <c>rate(t) = initial · gamma^(number of milestones ≤ t)</c>.
/// </summary>
/// <remarks>
/// For example, with the initial rate 0.05 and <c>MultiStepLR(milestones: [30, 80], gamma: 0.1)</c>, the rate is 0.05 before step 30,
/// 0.005 from step 30, and 0.0005 from step 80. A milestone given twice multiplies twice; one at 0 multiplies from the start. Source:
/// PyTorch's <c>torch.optim.lr_scheduler.MultiStepLR</c>.
/// </remarks>
/// <example>
/// <code>
/// var rates = LrSchedule.MultiStepLR(milestones: [2, 5], gamma: 0.1).Preview(epochs: 6, stepsPerEpoch: 1, 1.0).Rates();
/// Console.WriteLine(string.Join(", ", rates.Select(rate => $"{rate:G3}")));   // 1, 1, 0.1, 0.1, 0.1, 0.01
/// </code>
/// </example>
[JsonConverter(typeof(LrScheduleJsonConverter))]
public sealed record MultiStepLR : FactorSchedule
{
    internal MultiStepLR()
    {
    }

    /// <summary>The steps at which the rate is multiplied, each at least 0, in ascending order. Equal milestones are allowed.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A milestone is negative, or less than the one before it.</exception>
    public required ValueList<RunLength> Milestones { get; init => field = Schedules.Milestones.Checked(value); }

    /// <summary>The factor at each milestone, in [0, ∞). Default: 0.1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative, NaN or infinite.</exception>
    public double Gamma { get; init => field = Argument.NonNegative(value, "gamma"); } = 0.1;

    internal override bool ChangesAt(long step) => Schedules.Milestones.Contains(step, Milestones);

    internal override double FactorAt(long step) => Math.Pow(Gamma, Schedules.Milestones.CountUpTo(step, Milestones));
}

public abstract partial record LrSchedule
{
    /// <summary>
    /// Creates a schedule that multiplies the rate by <paramref name="gamma"/> at each milestone. See <see cref="Schedules.MultiStepLR"/>.
    /// </summary>
    /// <param name="milestones">The steps at which the rate is multiplied, each at least 0, in ascending order.</param>
    /// <param name="gamma">The factor at each milestone, in [0, ∞).</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static MultiStepLR MultiStepLR(ValueList<RunLength> milestones, double gamma = 0.1) =>
        new() { Milestones = milestones, Gamma = gamma };
}
