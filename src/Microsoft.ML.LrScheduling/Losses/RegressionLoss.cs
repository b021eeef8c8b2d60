using System.ComponentModel;
using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Losses;

/// <summary>A loss for regression: a function of the score <c>s</c> and the label <c>y</c>.</summary>
[TypeConverter(typeof(KindConverter))]
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(SquaredLoss), "Squared")]
[JsonDerivedType(typeof(AbsoluteLoss), "Absolute")]
[JsonDerivedType(typeof(HuberLoss), "Huber")]
[JsonDerivedType(typeof(PoissonLoss), "Poisson")]
[JsonDerivedType(typeof(QuantileLoss), "Quantile")]
public abstract record RegressionLoss : ScalarLoss
{
    private protected RegressionLoss()
    {
    }

    /// <summary><c>(s − y)²</c>: the model predicts the mean. See <see cref="SquaredLoss"/>.</summary>
    public static SquaredLoss Squared() => new();

    /// <summary><c>|s − y|</c>: the model predicts the median. See <see cref="AbsoluteLoss"/>.</summary>
    public static AbsoluteLoss Absolute() => new();

    /// <summary>The squared error for small errors, the absolute error for large ones. See <see cref="HuberLoss"/>.</summary>
    /// <param name="delta">The size of the error above which the loss is linear, in (0, ∞).</param>
    /// <exception cref="ArgumentOutOfRangeException">The argument is outside its range.</exception>
    public static HuberLoss Huber(double delta = 1.0) => new() { Delta = delta };

    /// <summary><c>exp(s) − y · s</c>: the model predicts counts. See <see cref="PoissonLoss"/>.</summary>
    public static PoissonLoss Poisson() => new();

    /// <summary>The pinball loss: the model predicts a quantile. See <see cref="QuantileLoss"/>.</summary>
    /// <param name="level">The level of the quantile, in (0, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">The argument is outside its range.</exception>
    public static QuantileLoss Quantile(double level = 0.5) => new() { Level = level };

    /// <summary>An upper bound of the absolute slope, for labels in their own units; ∞ if the slope grows with the error.</summary>
    internal virtual double LargestSlope => double.PositiveInfinity;

    /// <summary>Returns the prediction of a score.</summary>
    internal virtual double Predict(double score) => score;

    internal sealed override LabelScale TrainingScale => LabelScale;

    // A property with init, so that Scaled can return a copy with another scale.
    private protected LabelScale LabelScale { get; init; } = LabelScale.Own;

    /// <summary>
    /// Returns the score that minimizes the mean loss if it is the same for every row. It is not on the label scale.
    /// </summary>
    private protected abstract double BestConstant(ReadOnlySpan<float> labels, ReadOnlySpan<float> weights);

    internal override void FindBestConstant(ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> scores) =>
        scores[0] = (float)((BestConstant(labels, weights) - LabelScale.Center) / LabelScale.Scale);

    /// <summary>Computes the gradients with a formula, on the label scale. See <see cref="Loss.ToGradients"/>.</summary>
    /// <param name="formula">The formula.</param>
    /// <param name="degree">The power of the scale that converts the value of the formula to the units of the label.</param>
    /// <param name="scores">The scores.</param>
    /// <param name="labels">The labels.</param>
    /// <param name="weights">The weights.</param>
    private protected double ToGradients<TFormula>(
        TFormula formula, int degree, Span<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights)
        where TFormula : struct, ILossFormula => LabelScale == LabelScale.Own
            ? LossFormula.ToGradients(formula, scores, labels, weights)
            : FactorOf(degree) * LossFormula.ToGradients(new OnScale<TFormula>(formula, LabelScale), scores, labels, weights);

    /// <summary>
    /// Does the same as <see cref="ToGradients{TFormula}"/> for many models at once. See <see cref="Loss.ToGradientsOfModels"/>.
    /// </summary>
    private protected void ToGradientsOfModels<TFormula>(
        TFormula formula, int degree, Span<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<double> losses)
        where TFormula : struct, ILossFormula
    {
        if (LabelScale == LabelScale.Own)
        {
            LossFormula.ToGradientsOfModels(formula, scores, labels, weights, losses);
            return;
        }

        const int FewModels = 256;
        Span<double> scaled = losses.Length <= FewModels ? stackalloc double[losses.Length] : new double[losses.Length];
        scaled.Clear();
        LossFormula.ToGradientsOfModels(new OnScale<TFormula>(formula, LabelScale), scores, labels, weights, scaled);
        // In double precision, because the square of a scale can overflow or underflow a float.
        var factor = FactorOf(degree);
        for (var model = 0; model < losses.Length; model++) losses[model] += factor * scaled[model];
    }

    /// <summary>Returns the scale to the power of 1 or 2. It is needed in each step, and <see cref="Math.Pow"/> is slower.</summary>
    private double FactorOf(int degree) => degree == 1 ? LabelScale.Scale : (double)LabelScale.Scale * LabelScale.Scale;

    /// <summary>Returns the weighted mean of labels.</summary>
    private protected static double Mean(ReadOnlySpan<float> labels, ReadOnlySpan<float> weights)
    {
        double sum = 0, total = 0;
        for (var i = 0; i < labels.Length; i++)
        {
            var weight = weights.IsEmpty ? 1.0 : weights[i];
            sum += weight * labels[i];
            total += weight;
        }

        return sum / total;
    }
}
