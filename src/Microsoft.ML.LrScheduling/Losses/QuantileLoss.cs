using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Losses;

/// <summary>
/// The pinball loss: <c>q · (y − s)</c> below the label and <c>(1 − q) · (s − y)</c> above it, with the slopes <c>−q</c> and <c>1 − q</c>, 0 at the label. What it
/// predicts lies above a part q of the labels. Source: Koenker and Bassett, "Regression quantiles", 1978.
/// </summary>
public sealed record QuantileLoss : RegressionLoss
{
    /// <summary>The level q of the quantile, in (0, 1). Default: 0.5, the median.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside its range.</exception>
    public double Level { get; init => field = Argument.Fraction(value, "level"); } = 0.5;

    internal override (double Value, double Slope) At(double score, double label)
    {
        var error = score - label;
        return error > 0 ? ((1 - Level) * error, 1 - Level) : error < 0 ? (-Level * error, -Level) : (error, error);
    }
}
