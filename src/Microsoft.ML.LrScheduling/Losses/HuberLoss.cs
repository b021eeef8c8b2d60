using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Losses;

/// <summary>
/// <c>(s − y)² / 2</c> where <c>|s − y| ≤ delta</c>, else <c>delta · (|s − y| − delta / 2)</c>: an outlier pulls no harder than delta. The slope is
/// <c>s − y</c>, kept within ±delta. Source: Huber, 1964; PyTorch's <c>HuberLoss</c>.
/// </summary>
public sealed record HuberLoss : RegressionLoss
{
    /// <summary>The error from which on the loss is a straight line, in (0, ∞), in units of the label. Default: 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside its range.</exception>
    public double Delta { get; init => field = Argument.Positive(value, "delta"); } = 1.0;

    internal override (double Value, double Slope) At(double score, double label)
    {
        var error = score - label;
        return Math.Abs(error) <= Delta
            ? (error * error / 2, error)
            : (Delta * (Math.Abs(error) - Delta / 2), error > 0 ? Delta : error < 0 ? -Delta : error);
    }
}
