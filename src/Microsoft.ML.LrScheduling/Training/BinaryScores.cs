using System.Collections.Immutable;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>
/// The metrics of a binary classification. A row is predicted true where its score is above zero, as ML.NET's evaluator judges it.
/// </summary>
internal sealed class BinaryScores(BinaryLoss loss) : ValidationScores(loss)
{
    private protected override IReadOnlyList<Metric> OfDifferentLabels => [Metric.AreaUnderRocCurve];

    private protected override void AddMetrics(
        TrainingSet rows, ReadOnlySpan<float> scores, ImmutableSortedDictionary<Metric, double>.Builder metrics)
    {
        double truePositives = 0, falsePositives = 0, trueNegatives = 0, positives = 0, logLoss = 0;
        for (var row = 0; row < scores.Length; row++)
        {
            var (isTrue, isPredictedTrue) = (rows.Label(row) > 0, scores[row] > 0);
            if (isTrue) positives++;
            if (isTrue && isPredictedTrue) truePositives++;
            else if (isPredictedTrue) falsePositives++;
            else if (!isTrue) trueNegatives++;
            if (loss.GivesProbability) logLoss += loss.AtMargin(isTrue ? scores[row] : -scores[row]).Value;
        }

        metrics.Add(Metric.Accuracy, (truePositives + trueNegatives) / scores.Length);
        if (loss.GivesProbability) metrics.Add(Metric.LogLoss, logLoss / Math.Log(2) / scores.Length);
        // Without a true row that is predicted so it is zero, as ML.NET has it, also where precision or recall is not defined.
        metrics.Add(Metric.F1Score, truePositives > 0 ? 2 * truePositives / (positives + truePositives + falsePositives) : 0);
        if (positives > 0 && positives < scores.Length) metrics.Add(Metric.AreaUnderRocCurve, AreaUnderRocCurve(rows, scores, positives));
    }

    /// <summary>By the sum of the ranks of the true rows, rows of equal scores sharing theirs (Mann and Whitney).</summary>
    private static double AreaUnderRocCurve(TrainingSet rows, ReadOnlySpan<float> scores, double positives)
    {
        var sorted = scores.ToArray();
        var isTrue = new bool[sorted.Length];
        for (var row = 0; row < isTrue.Length; row++) isTrue[row] = rows.Label(row) > 0;
        Array.Sort(sorted, isTrue);

        var ranks = 0.0;
        for (int first = 0, end; first < sorted.Length; first = end)
        {
            var ties = 0;
            for (end = first; end < sorted.Length && sorted[end].Equals(sorted[first]); end++)
                if (isTrue[end]) ties++;
            ranks += ties * ((first + 1 + end) / 2.0);
        }

        return (ranks - positives * (positives + 1) / 2) / (positives * (sorted.Length - positives));
    }
}
