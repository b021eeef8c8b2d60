namespace Microsoft.ML.LrScheduling.Losses;

/// <summary>A loss of one score a row.</summary>
public abstract record ScalarLoss : Loss
{
    private protected ScalarLoss()
    {
    }

    /// <summary>The loss of one row, and its slope: the derivative with respect to the score.</summary>
    internal abstract (double Value, double Slope) At(double score, double label);

    internal sealed override double Value(ReadOnlySpan<float> scores, float label) => At(scores[0], label).Value;

    internal override double Scale(float label) => At(0, label).Value;

    internal sealed override double ToGradients(Span<float> scores, ReadOnlySpan<float> labels, ReadOnlySpan<float> weights)
    {
        var sum = 0.0;
        for (var row = 0; row < scores.Length; row++)
        {
            var weight = weights.IsEmpty ? 1f : weights[row];
            var (value, slope) = At(scores[row], labels[row]);
            sum += weight * value;
            scores[row] = (float)(weight * slope);
        }

        return sum;
    }
}
