using System.ComponentModel;
using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Losses;

/// <summary>
/// A loss for binary classification: a function of the margin <c>m</c>. The margin is the score if the label is true, and the negative
/// score if the label is false.
/// </summary>
[TypeConverter(typeof(KindConverter))]
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(LogisticLoss), "Logistic")]
[JsonDerivedType(typeof(HingeLoss), "Hinge")]
[JsonDerivedType(typeof(SquaredHingeLoss), "SquaredHinge")]
public abstract record BinaryLoss : ScalarLoss
{
    private protected BinaryLoss()
    {
    }

    /// <summary><c>log(1 + exp(−m))</c>: the score is the log-odds. See <see cref="LogisticLoss"/>.</summary>
    public static LogisticLoss Logistic() => new();

    /// <summary><c>max(0, 1 − m)</c>: a linear support-vector machine. See <see cref="HingeLoss"/>.</summary>
    public static HingeLoss Hinge() => new();

    /// <summary><c>max(0, 1 − m)²</c>. See <see cref="SquaredHingeLoss"/>.</summary>
    public static SquaredHingeLoss SquaredHinge() => new();

    /// <summary>Whether <c>1 / (1 + exp(−score))</c> is a probability. If not, a calibration is fitted after training.</summary>
    internal virtual bool GivesProbability => false;

    /// <summary>Returns the loss of a margin, and its derivative with respect to the margin.</summary>
    internal abstract (double Value, double Slope) AtMargin(double margin);

    /// <summary>Returns the score that minimizes the mean loss if it is the same for every row.</summary>
    /// <param name="positive">The fraction of the total weight that true rows have, in (0, 1).</param>
    private protected abstract double BestConstant(double positive);

    internal sealed override void FindBestConstant(ReadOnlySpan<float> labels, ReadOnlySpan<float> weights, Span<float> scores) =>
        scores[0] = (float)BestConstant(PositiveShare(labels, weights));

    /// <summary>
    /// Returns the fraction of the total weight that true rows have. A class has at least the weight of half an average row, so that the
    /// result is in (0, 1).
    /// </summary>
    private protected static double PositiveShare(ReadOnlySpan<float> labels, ReadOnlySpan<float> weights)
    {
        double positive = 0, total = 0;
        for (var i = 0; i < labels.Length; i++)
        {
            var weight = weights.IsEmpty ? 1.0 : weights[i];
            total += weight;
            if (labels[i] > 0) positive += weight;
        }

        var least = 0.5 / labels.Length;
        return Math.Clamp(positive / total, least, 1 - least);
    }

    internal sealed override (double Value, double Slope) At(double score, double label)
    {
        var (value, slope) = AtMargin(label > 0 ? score : -score);
        return (value, label > 0 ? slope : -slope);
    }
}
