using System.Runtime.Intrinsics;

namespace Microsoft.ML.LrScheduling.Losses;

/// <summary>
/// <c>exp(s) − y · s</c>, with the gradient <c>exp(s) − y</c>: the negative log-likelihood of a count with the mean <c>exp(s)</c>, without
/// a constant. Labels must be in [0, ∞). The model predicts the mean, <c>exp(weights · features + bias)</c>. Source: PyTorch's
/// <c>PoissonNLLLoss</c> with its defaults.
/// </summary>
/// <example>
/// <code>
/// var options = new TorchLinearRegressionTrainer.Options { Loss = RegressionLoss.Poisson() };
/// </code>
/// </example>
public sealed record PoissonLoss : RegressionLoss
{
    internal override (double Value, double Slope) At(double score, double label)
    {
        var mean = Math.Exp(score);
        return (mean - label * score, mean - label);
    }

    // For a score of 0 the loss is always 1, which says nothing about the label. This is about the size of the loss for the score
    // log(label).
    internal override double UntrainedLoss(float label) => 1 + label * (1 + Math.Log(1 + label));

    // That of a score that is the logarithm of the label.
    internal override double Floor(float label) => label > 0 ? label - label * Math.Log(label) : 0;

    internal override double Predict(double score) => Math.Exp(score);

    internal override void CheckLabel(float label)
    {
        if (label < 0)
            throw new InvalidOperationException(
                FormattableString.Invariant($"A label must be in [0, ∞) for the Poisson loss. Received: {label}"));
    }

    // The curvature exp(s) has no upper bound. The mean of the counts, weighted by the counts, is that of the rows with high counts.
    internal override double Curvature(ReadOnlySpan<float> labels, ReadOnlySpan<float> weights)
    {
        double sum = 0, squares = 0;
        for (var i = 0; i < labels.Length; i++)
        {
            var weighted = (weights.IsEmpty ? 1.0 : weights[i]) * labels[i];
            sum += weighted;
            squares += weighted * labels[i];
        }

        return sum > 0 ? squares / sum : 1;
    }

    internal override double Information(ReadOnlySpan<float> scores) => Math.Exp(scores[0]);

    // If all counts are zero, their logarithm is not finite: the mean of half a count in total replaces it.
    private protected override double BestConstant(ReadOnlySpan<float> labels, ReadOnlySpan<float> weights) =>
        Math.Log(Mean(labels, weights) is var mean and > 0 ? mean : 0.5 / labels.Length);

    internal override double ToGradients(Span<float> scores, int outputs, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights) =>
        LossFormula.ToGradients(default(Formula), scores, labels, weights);

    internal override void ToGradientsOfModels(
        Span<float> scores, int outputs, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<double> losses) =>
        LossFormula.ToGradientsOfModels(default(Formula), scores, labels, weights, losses);

    private readonly struct Formula : ILossFormula
    {
        public (Vector512<float> Value, Vector512<float> Slope) At(Vector512<float> scores, Vector512<float> labels)
        {
            var means = Vector512.Exp(scores);
            return (means - labels * scores, means - labels);
        }
    }
}
