namespace Microsoft.ML.LrScheduling.Losses;

/// <summary><c>max(0, 1 − m)²</c>, with the slope <c>−2 · max(0, 1 − m)</c>. Source: scikit-learn's <c>squared_hinge</c>.</summary>
public sealed record SquaredHingeLoss : BinaryLoss
{
    internal override (double Value, double Slope) AtMargin(double margin) => margin >= 1 ? (0, 0) : ((1 - margin) * (1 - margin), -2 * (1 - margin));
}
