using System.Runtime.Intrinsics;

namespace Microsoft.ML.LrScheduling.Losses;

/// <summary>
/// <c>max(0, 1 − m)</c>, with the gradient −1 for m &lt; 1, otherwise 0. Source: Cortes and Vapnik, "Support-vector networks", 1995.
/// </summary>
/// <example>
/// <code>
/// var options = new TorchLogisticRegressionTrainer.Options { Loss = BinaryLoss.Hinge() };
/// </code>
/// </example>
public sealed record HingeLoss : BinaryLoss
{
    internal override (double Value, double Slope) AtMargin(double margin) => margin >= 1 ? (0, 0) : (1 - margin, -1);

    internal override double Curvature(ReadOnlySpan<float> labels, ReadOnlySpan<float> weights) => 1;

    private protected override double BestConstant(double positive) => positive > 0.5 ? 1 : -1;

    internal override double ToGradients(Span<float> scores, int outputs, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights) =>
        LossFormula.ToGradients(new OfMargin<Formula>(), scores, labels, weights);

    internal override void ToGradientsOfModels(
        Span<float> scores, int outputs, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<double> losses) =>
        LossFormula.ToGradientsOfModels(new OfMargin<Formula>(), scores, labels, weights, losses);

    private readonly struct Formula : IMarginFormula
    {
        public (Vector512<float> Value, Vector512<float> Slope) AtMargin(Vector512<float> margins)
        {
            var lacks = Vector512<float>.One - margins;
            return (Vector512.Max(lacks, Vector512<float>.Zero),
                -Vector512<float>.One & Vector512.GreaterThan(lacks, Vector512<float>.Zero));
        }
    }
}
