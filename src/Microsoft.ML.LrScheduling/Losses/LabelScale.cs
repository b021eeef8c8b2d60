namespace Microsoft.ML.LrScheduling.Losses;

/// <summary>
/// The scale on which a regression is trained, so that the result does not depend on the unit of the label. Scores are <c>(prediction −
/// center) / scale</c>. Labels and losses keep their own units.
/// </summary>
/// <param name="Center">The mean or the median of the labels.</param>
/// <param name="Scale">The typical distance of the labels from the center, in (0, ∞).</param>
internal readonly record struct LabelScale(float Center, float Scale)
{
    // Up to a fifth of the labels can be outliers without an effect on the scale. A lower level gives a smaller scale: the other labels are
    // then too far away for the steps of these losses, which have a limited length.
    private const double Level = 0.8;

    // In a normal distribution, 80 % of the values are within this number of standard deviations from the mean.
    private const double NormalDistance = 1.2816;

    /// <summary>The scale with the label's own units: scores are predictions.</summary>
    public static LabelScale Own { get; } = new(0, 1);

    /// <summary>Returns the scale with the mean and the standard deviation of some labels.</summary>
    /// <param name="labels">The labels.</param>
    /// <param name="weights">One weight per label; empty if each is 1.</param>
    public static LabelScale Of(ReadOnlySpan<float> labels, ReadOnlySpan<float> weights)
    {
        double sum = 0, squares = 0, total = 0, first = double.NaN;
        for (var i = 0; i < labels.Length; i++)
        {
            var weight = weights.IsEmpty ? 1.0 : weights[i];
            if (weight == 0) continue;
            // The differences from the first label are summed, so that a large mean does not cost precision.
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
    /// Returns a scale that outliers do not affect, for losses that are robust against outliers. The center is the median. The scale is the
    /// distance from the median within which 80 % of the labels are, divided by 1.2816; this is the standard deviation if the labels have a
    /// normal distribution. If this distance is 0 because most labels are equal, returns <see cref="Of"/>.
    /// </summary>
    /// <param name="labels">The labels.</param>
    /// <param name="weights">One weight per label; empty if each is 1.</param>
    public static LabelScale RobustOf(ReadOnlySpan<float> labels, ReadOnlySpan<float> weights)
    {
        var median = WeightedQuantile.Of(labels, weights, level: 0.5);
        float[] distances = [.. labels];
        for (var i = 0; i < distances.Length; i++) distances[i] = (float)Math.Abs(distances[i] - median);
        var distance = WeightedQuantile.Of(distances, weights, Level);
        return distance > 0 ? Checked(median, distance / NormalDistance) : Of(labels, weights);
    }

    /// <summary>Converts a score to a prediction.</summary>
    public double PredictionOf(double score) => Center + Scale * score;

    // If all labels are equal, they are their own unit, so that the square of a label on this scale cannot overflow.
    private static LabelScale Checked(double center, double scale) =>
        new((float)center, (float)(scale > 0 ? Math.Max(scale, MinimumScale) : Math.Abs(center) > MinimumScale ? Math.Abs(center) : 1));

    private const double MinimumScale = 1e-37;
}
