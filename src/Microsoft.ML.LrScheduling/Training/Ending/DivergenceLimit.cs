using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Losses;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>
/// The limit for the loss of a minibatch: training has diverged if the loss is larger. It is a thousand times the largest loss of a row
/// before the first step, so that the errors of predictions are then much larger than the labels.
/// </summary>
internal static class DivergenceLimit
{
    private const double Factor = 1000;

    // If all labels are zero, their loss can be zero too, and the limit must be positive.
    private const double Smallest = 1e-9;

    /// <summary>Computes the limit for training that starts with the same scores for every row.</summary>
    /// <param name="rows">The training rows.</param>
    /// <param name="loss">The loss of a row.</param>
    /// <param name="scores">The initial scores of a row, one per output.</param>
    public static double Of(TrainingSet rows, Loss loss, ReadOnlySpan<float> scores)
    {
        var largest = Smallest;
        var (labels, weights) = rows.LabelsAndWeights();
        // The loss of one score is convex in the label, so it is largest at the smallest or the largest label.
        if (weights.Length == 0 && loss is ScalarLoss) labels = [labels.Min(), labels.Max()];
        for (var row = 0; row < labels.Length; row++)
        {
            // Loss.Scale is the loss of a typical prediction. With a label scale, the initial scores are already such a prediction.
            var before = loss.Value(scores, labels[row]);
            if (loss.TrainingScale == LabelScale.Own) before = Math.Max(before, loss.UntrainedLoss(labels[row]));
            largest = Math.Max(largest, (weights.Length == 0 ? 1 : weights[row]) * before);
        }

        return Factor * largest;
    }

    /// <summary>Computes the limit for training that starts with a given model, whose loss can already be large.</summary>
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
            largest = Math.Max(largest, rows.Weight(row) * Math.Max(loss.UntrainedLoss(rows.Label(row)), ofModel));
        }

        return Factor * largest;
    }
}
