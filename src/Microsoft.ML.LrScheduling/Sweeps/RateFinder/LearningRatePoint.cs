using System.Globalization;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>A rate that was tried.</summary>
/// <param name="Rate">The learning rate of the first step.</param>
/// <param name="Loss">
/// The mean loss, after the last step, over rows that were not trained on, in the units of the label; infinite where training diverged.
/// </param>
public sealed record LearningRatePoint(double Rate, double Loss)
{
    /// <summary>The rate and the loss.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"rate {Rate:G4}, loss {Loss:G4}");
}
