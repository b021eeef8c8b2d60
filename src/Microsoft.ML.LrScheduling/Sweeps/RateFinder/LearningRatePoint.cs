using System.Globalization;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>A learning rate and its loss.</summary>
/// <param name="Rate">The learning rate of the first step.</param>
/// <param name="Loss">
/// The mean loss over the held-out rows after the last step, in the units of the label; infinite if training diverged.
/// </param>
public sealed record LearningRatePoint(double Rate, double Loss)
{
    /// <summary>Returns the rate and the loss as text.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"rate {Rate:G4}, loss {Loss:G4}");
}
