namespace Microsoft.ML.LrScheduling.Losses;

/// <summary><c>|s − y|</c>, with the slope <c>sign(s − y)</c>, 0 at the label. Source: PyTorch's <c>L1Loss</c>.</summary>
public sealed record AbsoluteLoss : RegressionLoss
{
    // Math.Sign refuses NaN, which a diverging training may bring here.
    internal override (double Value, double Slope) At(double score, double label) =>
        (Math.Abs(score - label), score > label ? 1 : score < label ? -1 : score - label);
}
