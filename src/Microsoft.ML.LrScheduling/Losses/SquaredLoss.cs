using System.Runtime.Intrinsics;

namespace Microsoft.ML.LrScheduling.Losses;

/// <summary><c>(s − y)²</c>, with the slope <c>2 · (s − y)</c>. Source: PyTorch's <c>MSELoss</c>.</summary>
public sealed record SquaredLoss : RegressionLoss
{
    internal override (double Value, double Slope) At(double score, double label) =>
        ((score - label) * (score - label), 2 * (score - label));

    internal override double ToGradients(Span<float> scores, int outputs, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights) =>
        LossFormula.ToGradients(default(Formula), scores, labels, weights);

    internal override void ToGradientsOfModels(
        Span<float> scores, int outputs, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<double> losses) =>
        LossFormula.ToGradientsOfModels(default(Formula), scores, labels, weights, losses);

    private readonly struct Formula : ILossFormula
    {
        public (Vector512<float> Value, Vector512<float> Slope) At(Vector512<float> scores, Vector512<float> labels)
        {
            var errors = scores - labels;
            return (errors * errors, errors + errors);
        }
    }
}
