using System.Runtime.Intrinsics;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Losses;

/// <summary>
/// <c>(s − y)² / 2</c> for <c>|s − y| ≤ delta</c>, otherwise <c>delta · (|s − y| − delta / 2)</c>. The gradient is <c>s − y</c>, limited
/// to ±delta, so that an outlier has a limited effect. Source: Huber, 1964; PyTorch's <c>HuberLoss</c>.
/// </summary>
/// <example>
/// <code>
/// var options = new TorchLinearRegressionTrainer.Options { Loss = RegressionLoss.Huber(delta: 0.5) };
/// </code>
/// </example>
public sealed record HuberLoss : RegressionLoss
{
    /// <summary>The size of the error above which the loss is linear, in (0, ∞), in the units of the label. Default: 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside its range.</exception>
    public double Delta { get; init => field = Argument.Positive(value, "delta"); } = 1.0;

    internal override (double Value, double Slope) At(double score, double label)
    {
        var error = score - label;
        return Math.Abs(error) <= Delta
            ? (error * error / 2, error)
            : (Delta * (Math.Abs(error) - Delta / 2), error > 0 ? Delta : error < 0 ? -Delta : error);
    }

    internal override double ToGradients(Span<float> scores, int outputs, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights) =>
        ToGradients(ScaledFormula(), degree: 2, scores, labels, weights);

    internal override void ToGradientsOfModels(
        Span<float> scores, int outputs, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<double> losses) =>
        ToGradientsOfModels(ScaledFormula(), degree: 2, scores, labels, weights, losses);

    internal override Loss Scaled(ReadOnlySpan<float> labels, ReadOnlySpan<float> weights) =>
        this with { LabelScale = LabelScale.RobustOf(labels, weights) };

    internal override double LargestSlope => Delta;

    internal override double Curvature(ReadOnlySpan<float> labels, ReadOnlySpan<float> weights) => 1;

    // The exact value is between the median and the mean. The median is close enough.
    private protected override double BestConstant(ReadOnlySpan<float> labels, ReadOnlySpan<float> weights) =>
        WeightedQuantile.Of(labels, weights, level: 0.5);

    // On the scale of the labels, delta can be far below 1, and all steps would be too small. The slopes are then divided by delta, so that
    // they are within ±1, as those of the absolute loss.
    private Formula ScaledFormula()
    {
        var delta = Delta / LabelScale.Scale;
        return new((float)delta, LabelScale == LabelScale.Own ? 1 : (float)Math.Max(1, 1 / delta));
    }

    private readonly struct Formula(float delta, float gain) : ILossFormula
    {
        public (Vector512<float> Value, Vector512<float> Slope) At(Vector512<float> scores, Vector512<float> labels)
        {
            var errors = scores - labels;
            var slope = Vector512.Min(Vector512.Max(errors, Vector512.Create(-delta)), Vector512.Create(delta));
            return (slope * (errors - slope * 0.5f), slope * gain);
        }
    }
}
