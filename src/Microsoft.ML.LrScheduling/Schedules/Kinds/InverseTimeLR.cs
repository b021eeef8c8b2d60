using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Divides the rate by a number that grows linearly with the step: <c>rate(t) = initial / (1 + decayRate · t / decaySteps)</c>. With
/// <see cref="Staircase"/>, <c>⌊t / decaySteps⌋</c> replaces <c>t / decaySteps</c>.
/// </summary>
/// <remarks>With decaySteps = 1 this is the decay of Robbins and Monro (1951). Source: Keras' <c>InverseTimeDecay</c>.</remarks>
/// <example>
/// <code>
/// var rates = LrSchedule.InverseTimeLR(decayRate: 1).Preview(epochs: 6, stepsPerEpoch: 1, 1.0).Rates();
/// Console.WriteLine(string.Join(", ", rates.Select(rate => $"{rate:G3}")));   // 1, 0.5, 0.333, 0.25, 0.2, 0.167
/// </code>
/// </example>
[JsonConverter(typeof(LrScheduleJsonConverter))]
public sealed record InverseTimeLR : FactorSchedule
{
    internal InverseTimeLR()
    {
    }

    /// <summary>The increase of the divisor per decaySteps steps, in [0, ∞).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative, NaN or infinite.</exception>
    public required double DecayRate { get; init => field = Argument.NonNegative(value, "decayRate"); }

    /// <summary>The number of steps in which the divisor grows by decayRate, at least 1. Default: 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public RunLength DecaySteps { get; init => field = RunLength.AtLeast(value, 1, "decaySteps"); } = 1;

    /// <summary>Whether the rate changes only at multiples of decaySteps. Default: false.</summary>
    public bool Staircase { get; init; }

    internal override double FactorAt(long step) =>
        1 / (1 + DecayRate * (Staircase ? step / DecaySteps.Steps : (double)step / DecaySteps.Steps));
}

public abstract partial record LrSchedule
{
    /// <summary>
    /// Creates a schedule that divides the rate by a number that grows linearly with the step. See <see cref="Schedules.InverseTimeLR"/>.
    /// </summary>
    /// <param name="decayRate">The increase of the divisor per decaySteps steps, in [0, ∞).</param>
    /// <param name="decaySteps">
    /// The number of steps in which the divisor grows by <paramref name="decayRate"/>, at least 1. Default: 1.
    /// </param>
    /// <param name="staircase">Whether the rate changes only at multiples of <paramref name="decaySteps"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static InverseTimeLR InverseTimeLR(double decayRate, RunLength? decaySteps = null, bool staircase = false) =>
        new() { DecayRate = decayRate, DecaySteps = decaySteps ?? 1, Staircase = staircase };
}
