using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Multiplies the rate by <see cref="Gamma"/> at every step: <c>rate(t) = initial · gamma^t</c>; the same as
/// <c>StepLR(stepSize: 1, gamma)</c>.
/// </summary>
/// <remarks>Source: PyTorch's <c>torch.optim.lr_scheduler.ExponentialLR</c>.</remarks>
[JsonConverter(typeof(LrScheduleJsonConverter))]
public sealed record ExponentialLR : RecursiveSchedule
{
    internal ExponentialLR()
    {
    }

    /// <summary>The factor of each step, in (0, ∞).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is zero, negative, NaN or infinite.</exception>
    public required double Gamma { get; init => field = Argument.Positive(value, "gamma"); }

    internal override bool BeginsAtInitialRates => true;

    internal override double FactorOf(long step, int group) => Gamma;
}

public abstract partial record LrSchedule
{
    /// <summary>Multiplies the rate by <paramref name="gamma"/> at every step. See <see cref="Schedules.ExponentialLR"/>.</summary>
    /// <param name="gamma">The factor of each step, in (0, ∞).</param>
    /// <exception cref="ArgumentOutOfRangeException">The factor is outside its range.</exception>
    public static ExponentialLR ExponentialLR(double gamma) => new() { Gamma = gamma };
}
