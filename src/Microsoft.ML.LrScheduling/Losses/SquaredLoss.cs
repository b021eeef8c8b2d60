using System.Runtime.Intrinsics;

namespace Microsoft.ML.LrScheduling.Losses;

/// <summary><c>(s − y)²</c>, with the gradient <c>2 · (s − y)</c>. Source: PyTorch's <c>MSELoss</c>.</summary>
/// <example>
/// <code>
/// var options = new TorchLinearRegressionTrainer.Options { Loss = RegressionLoss.Squared() };
/// </code>
/// </example>
public sealed record SquaredLoss : RegressionLoss
{
    internal override (double Value, double Slope) At(double score, double label) =>
        ((score - label) * (score - label), 2 * (score - label));

    internal override double ToGradients(Span<float> scores, int outputs, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights) =>
        ToGradients(default(Formula), degree: 2, scores, labels, weights);

    internal override void ToGradientsOfModels(
        Span<float> scores, int outputs, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<double> losses) =>
        ToGradientsOfModels(default(Formula), degree: 2, scores, labels, weights, losses);

    internal override Loss Scaled(ReadOnlySpan<float> labels, ReadOnlySpan<float> weights) =>
        this with { LabelScale = LabelScale.Of(labels, weights) };

    internal override double Curvature(ReadOnlySpan<float> labels, ReadOnlySpan<float> weights) => 2;

    private protected override double BestConstant(ReadOnlySpan<float> labels, ReadOnlySpan<float> weights) => Mean(labels, weights);

    private readonly struct Formula : ILossFormula
    {
        public (Vector512<float> Value, Vector512<float> Slope) At(Vector512<float> scores, Vector512<float> labels)
        {
            var errors = scores - labels;
            return (errors * errors, errors + errors);
        }
    }
}
