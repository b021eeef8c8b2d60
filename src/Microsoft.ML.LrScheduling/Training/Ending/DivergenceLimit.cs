using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Losses;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>
/// The loss of a minibatch beyond which training has diverged: a thousand times the largest loss that a row has before anything has been
/// learned. Predictions are then off by far more than the labels themselves.
/// </summary>
internal static class DivergenceLimit
{
    private const double Factor = 1000;

    // Where all labels are zero, so is their loss.
    private const double Smallest = 1e-9;

    /// <summary>The limit for some rows, with scores that are the same for every row.</summary>
    /// <param name="rows">The training rows.</param>
    /// <param name="loss">The loss of a row.</param>
    /// <param name="scores">The scores that training begins with.</param>
    public static double Of(TrainingSet rows, Loss loss, ReadOnlySpan<float> scores)
    {
        var largest = Smallest;
        var (labels, weights) = rows.LabelsAndWeights();
        // The loss of a score is convex in the label, and so greatest at an end of the labels.
        if (weights.Length == 0 && loss is ScalarLoss) labels = [labels.Min(), labels.Max()];
        for (var row = 0; row < labels.Length; row++)
        {
            // On the scale of labels the scores are those that the scale of a loss is told by.
            var before = loss.Value(scores, labels[row]);
            if (loss.TrainingScale == LabelScale.Own) before = Math.Max(before, loss.Scale(labels[row]));
            largest = Math.Max(largest, (weights.Length == 0 ? 1 : weights[row]) * before);
        }

        return Factor * largest;
    }

    /// <summary>The limit for some rows, with a model that training begins with, which may be a bad one.</summary>
    /// <param name="rows">The training rows.</param>
    /// <param name="loss">The loss of a row.</param>
    /// <param name="initial">The model.</param>
    public static double Of(TrainingSet rows, Loss loss, LinearWeights initial)
    {
        var outputs = initial.OutputCount;
        var scores = new float[rows.RowCount * outputs];
        initial.Score(rows, scores);
        var largest = Smallest;
        for (var row = 0; row < rows.RowCount; row++)
        {
            var ofModel = loss.Value(scores.AsSpan(row * outputs, outputs), rows.Label(row));
            largest = Math.Max(largest, rows.Weight(row) * Math.Max(loss.Scale(rows.Label(row)), ofModel));
        }

        return Factor * largest;
    }
}
