using System.Runtime.Intrinsics;

namespace Microsoft.ML.LrScheduling.Losses;

/// <summary><c>max(0, 1 − m)²</c>, with the gradient <c>−2 · max(0, 1 − m)</c>. Source: scikit-learn's <c>squared_hinge</c>.</summary>
/// <example>
/// <code>
/// var options = new TorchLogisticRegressionTrainer.Options { Loss = BinaryLoss.SquaredHinge() };
/// </code>
/// </example>
public sealed record SquaredHingeLoss : BinaryLoss
{
    internal override (double Value, double Slope) AtMargin(double margin) =>
        margin >= 1 ? (0, 0) : ((1 - margin) * (1 - margin), -2 * (1 - margin));

    internal override double Curvature(ReadOnlySpan<float> labels, ReadOnlySpan<float> weights) => 2;

    private protected override double BestConstant(double positive) => 2 * positive - 1;

    internal override double ToGradients(Span<float> scores, int outputs, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights) =>
        LossFormula.ToGradients(new OfMargin<Formula>(), scores, labels, weights);

    internal override void ToGradientsOfModels(
        Span<float> scores, int outputs, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<double> losses) =>
        LossFormula.ToGradientsOfModels(new OfMargin<Formula>(), scores, labels, weights, losses);

    private readonly struct Formula : IMarginFormula
    {
        public (Vector512<float> Value, Vector512<float> Slope) AtMargin(Vector512<float> margins)
        {
            var lacks = Vector512.Max(Vector512<float>.One - margins, Vector512<float>.Zero);
            return (lacks * lacks, -2f * lacks);
        }
    }
}
