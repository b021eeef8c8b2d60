using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Decays the rate by <see cref="Gamma"/> every <see cref="DecaySteps"/> steps: <c>rate(t) = initial · gamma^(t / decaySteps)</c>. With
/// <see cref="Staircase"/> the exponent is <c>⌊t / decaySteps⌋</c>.
/// </summary>
/// <remarks>
/// By default the rate is multiplied by gamma at each step. Source: PyTorch's <c>torch.optim.lr_scheduler.ExponentialLR</c>; decaySteps
/// and staircase are from Keras' <c>ExponentialDecay</c>.
/// </remarks>
/// <example>
/// <code>
/// var rates = LrSchedule.ExponentialLR(gamma: 0.5).Preview(epochs: 6, stepsPerEpoch: 1, 1.0).Rates();
/// Console.WriteLine(string.Join(", ", rates.Select(rate => $"{rate:G3}")));   // 1, 0.5, 0.25, 0.125, 0.0625, 0.0312
/// </code>
/// </example>
[JsonConverter(typeof(LrScheduleJsonConverter))]
public sealed record ExponentialLR : FactorSchedule
{
    internal ExponentialLR()
    {
    }

    /// <summary>The factor per <see cref="DecaySteps"/> steps, in [0, ∞).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative, NaN or infinite.</exception>
    public required double Gamma { get; init => field = Argument.NonNegative(value, "gamma"); }

    /// <summary>The number of steps in which the rate is multiplied by gamma once, at least 1. Default: 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public RunLength DecaySteps { get; init => field = RunLength.AtLeast(value, 1, "decaySteps"); } = 1;

    /// <summary>Whether the rate changes only at multiples of decaySteps. Default: false.</summary>
    public bool Staircase { get; init; }

    internal override bool ChangesAt(long step) => !Staircase || step % DecaySteps.Steps == 0;

    internal override double FactorAt(long step) => Math.Pow(Gamma, Staircase ? step / DecaySteps.Steps : (double)step / DecaySteps.Steps);

    private protected override ScheduleRun Begin(ParameterGroups groups) =>
        DecaySteps.Steps == 1 ? new RunOfProducts(this).Begun(groups) : base.Begin(groups);

    /// <summary>Multiplies the previous rate by gamma at each step, with the same rounding as in PyTorch.</summary>
    private sealed class RunOfProducts(ExponentialLR schedule) : SteppingRun(schedule)
    {
        private readonly double _gamma = schedule.Gamma;

        public override void Set(long step, ParameterGroups groups)
        {
            var rates = groups.LearningRates;
            if (step == 0) groups.SetFactor(1);
            else
                for (var group = 0; group < rates.Length; group++) rates[group] *= _gamma;
        }

        private protected override void Jump(long step, ParameterGroups groups) => groups.SetFactor(schedule.FactorAt(step));
    }
}

public abstract partial record LrSchedule
{
    /// <summary>
    /// Creates a schedule that decays the rate by <paramref name="gamma"/> every <paramref name="decaySteps"/> steps. See
    /// <see cref="Schedules.ExponentialLR"/>.
    /// </summary>
    /// <param name="gamma">The factor per <paramref name="decaySteps"/> steps, in [0, ∞).</param>
    /// <param name="decaySteps">
    /// The number of steps in which the rate is multiplied by <paramref name="gamma"/> once, at least 1. Default: 1.
    /// </param>
    /// <param name="staircase">Whether the rate changes only at multiples of <paramref name="decaySteps"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static ExponentialLR ExponentialLR(double gamma, RunLength? decaySteps = null, bool staircase = false) =>
        new() { Gamma = gamma, DecaySteps = decaySteps ?? 1, Staircase = staircase };
}
