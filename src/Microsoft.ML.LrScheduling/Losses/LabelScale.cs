namespace Microsoft.ML.LrScheduling.Losses;

/// <summary>
/// The scale on which a regression is trained: scores are <c>(prediction − center) / scale</c>, while labels and losses stay in the
/// label's own units.
/// </summary>
/// <param name="Center">The middle of the labels.</param>
/// <param name="Scale">How far they are from it, in (0, ∞).</param>
internal readonly record struct LabelScale(float Center, float Scale)
{
    // An outlier is what no more than a fifth of the labels are: a scale below their distance is one that training cannot go along.
    private const double Level = 0.8;

    // Of labels that come from a normal distribution four fifths are within so many standard deviations.
    private const double NormalDistance = 1.2816;

    /// <summary>The label's own scale.</summary>
    public static LabelScale Own { get; } = new(0, 1);

    /// <summary>The mean and the standard deviation of some labels.</summary>
    /// <param name="labels">The labels.</param>
    /// <param name="weights">A weight a label; empty where each is 1.</param>
    public static LabelScale Of(ReadOnlySpan<float> labels, ReadOnlySpan<float> weights)
    {
        double sum = 0, squares = 0, total = 0, first = double.NaN;
        for (var i = 0; i < labels.Length; i++)
        {
            var weight = weights.IsEmpty ? 1.0 : weights[i];
            if (weight == 0) continue;
            // Differences from the first: a large mean takes nothing from a small deviation.
            if (double.IsNaN(first)) first = labels[i];
            var difference = labels[i] - first;
            total += weight;
            sum += weight * difference;
            squares += weight * difference * difference;
        }

        var mean = sum / total;
        return Checked(first + mean, Math.Sqrt(Math.Max(0, squares / total - mean * mean)));
    }

    /// <summary>
    /// The median of some labels, and the distance from it that four fifths of them are within, over 1.2816, which is the standard
    /// deviation where labels are normal: outliers, to which a loss gives no more weight than to other rows, do not set the scale either.
    /// Where as many labels are alike, their mean and standard deviation.
    /// </summary>
    /// <param name="labels">The labels.</param>
    /// <param name="weights">A weight a label; empty where each is 1.</param>
    public static LabelScale RobustOf(ReadOnlySpan<float> labels, ReadOnlySpan<float> weights)
    {
        var median = WeightedQuantile.Of(labels, weights, level: 0.5);
        float[] distances = [.. labels];
        for (var i = 0; i < distances.Length; i++) distances[i] = (float)Math.Abs(distances[i] - median);
        var distance = WeightedQuantile.Of(distances, weights, Level);
        return distance > 0 ? Checked(median, distance / NormalDistance) : Of(labels, weights);
    }

    /// <summary>The prediction of a score.</summary>
    public double PredictionOf(double score) => Center + Scale * score;

    // Labels that are all alike are a constant, which the center is. One over a scale that is no normal number is infinite.
    private static LabelScale Checked(double center, double scale) =>
        new((float)center, scale > 0 && scale <= float.MaxValue ? (float)Math.Max(scale, MinimumScale) : 1);

    private const double MinimumScale = 1e-37;
}
