namespace Microsoft.ML.LrScheduling.Losses;

/// <summary>
/// The scale on which a regression is trained: scores are <c>(prediction − center) / scale</c>, while labels and losses stay in the
/// label's own units.
/// </summary>
/// <param name="Center">The mean of the labels.</param>
/// <param name="Scale">Their standard deviation, in (0, ∞).</param>
internal readonly record struct LabelScale(float Center, float Scale)
{
    /// <summary>The label's own scale.</summary>
    public static LabelScale Own { get; } = new(0, 1);

    /// <summary>The scale of some labels.</summary>
    /// <param name="labels">The labels.</param>
    /// <param name="weights">A weight a label; empty where each is 1.</param>
    public static LabelScale Of(ReadOnlySpan<float> labels, ReadOnlySpan<float> weights)
    {
        double sum = 0, squares = 0, total = 0;
        // Differences from the first: a large mean takes nothing from a small deviation.
        for (var i = 0; i < labels.Length; i++)
        {
            var (weight, difference) = (weights.IsEmpty ? 1.0 : weights[i], (double)labels[i] - labels[0]);
            total += weight;
            sum += weight * difference;
            squares += weight * difference * difference;
        }

        var mean = sum / total;
        var deviation = (float)Math.Sqrt(Math.Max(0, squares / total - mean * mean));
        // Labels that are all alike are a constant, which the center is.
        return new((float)(labels[0] + mean), deviation > 0 && float.IsFinite(deviation) ? deviation : 1);
    }

    /// <summary>The prediction of a score.</summary>
    public double PredictionOf(double score) => Center + Scale * score;
}
