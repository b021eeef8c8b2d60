namespace Microsoft.ML.LrScheduling.Losses;

/// <summary><c>(s − y)²</c>, with the slope <c>2 · (s − y)</c>. Source: PyTorch's <c>MSELoss</c>.</summary>
public sealed record SquaredLoss : RegressionLoss
{
    internal override (double Value, double Slope) At(double score, double label) => ((score - label) * (score - label), 2 * (score - label));
}
