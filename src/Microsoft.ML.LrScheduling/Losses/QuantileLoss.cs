using System.Runtime.Intrinsics;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Losses;

/// <summary>
/// The pinball loss: <c>q · (y − s)</c> for <c>s &lt; y</c> and <c>(1 − q) · (s − y)</c> for <c>s &gt; y</c>. The gradient is <c>−q</c> or
/// <c>1 − q</c>, and 0 for <c>s = y</c>. The model predicts the q-quantile of the labels. Source: Koenker and Bassett, "Regression
/// quantiles", 1978.
/// </summary>
/// <example>
/// <code>
/// var options = new TorchLinearRegressionTrainer.Options { Loss = RegressionLoss.Quantile(level: 0.9) };
/// </code>
/// </example>
public sealed record QuantileLoss : RegressionLoss
{
    /// <summary>The level q of the quantile, in (0, 1). Default: 0.5, the median.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside its range.</exception>
    public double Level { get; init => field = Argument.Fraction(value, "level"); } = 0.5;

    internal override (double Value, double Slope) At(double score, double label)
    {
        var error = score - label;
        return error > 0 ? ((1 - Level) * error, 1 - Level) : error < 0 ? (-Level * error, -Level) : (error, error);
    }

    internal override double ToGradients(Span<float> scores, int outputs, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights) =>
        ToGradients(new Formula((float)Level), degree: 1, scores, labels, weights);

    internal override void ToGradientsOfModels(
        Span<float> scores, int outputs, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<double> losses) =>
        ToGradientsOfModels(new Formula((float)Level), degree: 1, scores, labels, weights, losses);

    internal override Loss Scaled(ReadOnlySpan<float> labels, ReadOnlySpan<float> weights) =>
        this with { LabelScale = LabelScale.RobustOf(labels, weights) };

    internal override double LargestSlope => 1;

    internal override double Curvature(ReadOnlySpan<float> labels, ReadOnlySpan<float> weights) => 1;

    private protected override double BestConstant(ReadOnlySpan<float> labels, ReadOnlySpan<float> weights) =>
        WeightedQuantile.Of(labels, weights, Level);

    private readonly struct Formula(float level) : ILossFormula
    {
        public (Vector512<float> Value, Vector512<float> Slope) At(Vector512<float> scores, Vector512<float> labels)
        {
            var errors = scores - labels;
            var slope = Vector512.ConditionalSelect(
                Vector512.GreaterThan(errors, Vector512<float>.Zero), Vector512.Create(1 - level), Vector512.Create(-level));
            return (slope * errors, Vector512.AndNot(slope, Vector512.Equals(errors, Vector512<float>.Zero)));
        }
    }
}
