using System.Runtime.Intrinsics;

namespace Microsoft.ML.LrScheduling.Losses;

/// <summary><c>|s − y|</c>, with the gradient <c>sign(s − y)</c>, which is 0 for <c>s = y</c>. Source: PyTorch's <c>L1Loss</c>.</summary>
/// <example>
/// <code>
/// var options = new TorchLinearRegressionTrainer.Options { Loss = RegressionLoss.Absolute() };
/// </code>
/// </example>
public sealed record AbsoluteLoss : RegressionLoss
{
    // Math.Sign throws an exception for NaN, which can occur when training diverges.
    internal override (double Value, double Slope) At(double score, double label) =>
        (Math.Abs(score - label), score > label ? 1 : score < label ? -1 : score - label);

    internal override double ToGradients(Span<float> scores, int outputs, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights) =>
        ToGradients(default(Formula), degree: 1, scores, labels, weights);

    internal override void ToGradientsOfModels(
        Span<float> scores, int outputs, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<double> losses) =>
        ToGradientsOfModels(default(Formula), degree: 1, scores, labels, weights, losses);

    internal override Loss Scaled(ReadOnlySpan<float> labels, ReadOnlySpan<float> weights) =>
        this with { LabelScale = LabelScale.RobustOf(labels, weights) };

    internal override double LargestSlope => 1;

    internal override double Curvature(ReadOnlySpan<float> labels, ReadOnlySpan<float> weights) => 1;

    private protected override double BestConstant(ReadOnlySpan<float> labels, ReadOnlySpan<float> weights) =>
        WeightedQuantile.Of(labels, weights, level: 0.5);

    private readonly struct Formula : ILossFormula
    {
        public (Vector512<float> Value, Vector512<float> Slope) At(Vector512<float> scores, Vector512<float> labels)
        {
            var errors = scores - labels;
            var isZero = Vector512.Equals(errors, Vector512<float>.Zero);
            return (Vector512.Abs(errors), Vector512.AndNot(Vector512.CopySign(Vector512<float>.One, errors), isZero));
        }
    }
}
