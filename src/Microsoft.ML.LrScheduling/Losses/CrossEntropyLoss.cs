using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Losses;

/// <summary>
/// <c>−Σ t · log p</c> over the classes, where <c>p = softmax(scores)</c> and the truth t is <c>1 − ε</c> on the true class plus <c>ε / classes</c> on each; the slope is
/// <c>p − t</c>. Source: PyTorch's <c>CrossEntropyLoss</c>; label smoothing: Szegedy et al., "Rethinking the Inception architecture", 2016.
/// </summary>
public sealed record CrossEntropyLoss : MulticlassLoss
{
    /// <summary>ε, the part of the truth that is spread over all classes, in [0, 1). Default: 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside its range.</exception>
    public double LabelSmoothing { get; init => field = Argument.FractionOrZero(value, "labelSmoothing"); }

    internal override double Value(ReadOnlySpan<float> scores, float label)
    {
        var copy = scores.Length <= 256 ? stackalloc float[scores.Length] : new float[scores.Length];
        scores.CopyTo(copy);
        return ToGradient(copy, (int)label, 1);
    }

    internal override double Scale(float label) => 1;

    internal override double ToGradients(Span<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights)
    {
        var classes = scores.Length / labels.Length;
        var sum = 0.0;
        for (var row = 0; row < labels.Length; row++)
        {
            var weight = weights.IsEmpty ? 1f : weights[row];
            sum += weight * ToGradient(scores.Slice(row * classes, classes), (int)labels[row], weight);
        }

        return sum;
    }

    private double ToGradient(Span<float> scores, int label, float weight)
    {
        // Scores less the highest: their exponentials cannot overflow.
        var highest = float.NegativeInfinity;
        foreach (var score in scores) highest = Math.Max(highest, score);
        double exponentials = 0, distances = 0;
        foreach (var score in scores)
        {
            exponentials += Math.Exp((double)score - highest);
            distances += (double)score - highest;
        }

        var logarithm = Math.Log(exponentials);
        var spread = LabelSmoothing / scores.Length;
        // −log p of a class is logarithm − distance.
        var loss = (1 - LabelSmoothing) * (logarithm - ((double)scores[label] - highest)) + LabelSmoothing * logarithm - spread * distances;
        for (var i = 0; i < scores.Length; i++)
        {
            var probability = Math.Exp((double)scores[i] - highest - logarithm);
            scores[i] = (float)(weight * (probability - spread - (i == label ? 1 - LabelSmoothing : 0)));
        }

        return loss;
    }
}
