using System.Runtime.Intrinsics;

namespace Microsoft.ML.LrScheduling.Losses;

/// <summary>
/// <c>log(1 + exp(−m))</c>, in nats (natural logarithm), with the gradient <c>−1 / (1 + exp(m))</c>. Source: PyTorch's
/// <c>BCEWithLogitsLoss</c>.
/// </summary>
/// <example>
/// <code>
/// var options = new TorchLogisticRegressionTrainer.Options { Loss = BinaryLoss.Logistic() };
/// </code>
/// </example>
public sealed record LogisticLoss : BinaryLoss
{
    internal override bool GivesProbability => true;

    internal override (double Value, double Slope) AtMargin(double margin)
    {
        // exp(−|m|) cannot overflow, while exp(m) or exp(−m) could.
        var decay = Math.Exp(-Math.Abs(margin));
        var softplus = Math.Log(1 + decay);
        return margin >= 0 ? (softplus, -decay / (1 + decay)) : (softplus - margin, -1 / (1 + decay));
    }

    internal override double Curvature(ReadOnlySpan<float> labels, ReadOnlySpan<float> weights) => 0.25;

    internal override double Information(ReadOnlySpan<float> scores) => 0.25 / Math.Pow(Math.Cosh(scores[0] / 2), 2);

    private protected override double BestConstant(double positive) => Math.Log(positive / (1 - positive));

    internal override double ToGradients(Span<float> scores, int outputs, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights) =>
        LossFormula.ToGradients(new OfMargin<Formula>(), scores, labels, weights);

    internal override void ToGradientsOfModels(
        Span<float> scores, int outputs, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<double> losses) =>
        LossFormula.ToGradientsOfModels(new OfMargin<Formula>(), scores, labels, weights, losses);

    private readonly struct Formula : IMarginFormula
    {
        public (Vector512<float> Value, Vector512<float> Slope) AtMargin(Vector512<float> margins)
        {
            var decays = Vector512.Exp(-Vector512.Abs(margins));
            var sums = Vector512<float>.One + decays;
            var isPositive = Vector512.GreaterThanOrEqual(margins, Vector512<float>.Zero);
            return (Vector512.Log(sums) + Vector512.Max(-margins, Vector512<float>.Zero),
                -Vector512.ConditionalSelect(isPositive, decays, Vector512<float>.One) / sums);
        }
    }
}
