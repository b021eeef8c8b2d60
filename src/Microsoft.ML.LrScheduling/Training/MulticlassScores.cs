using System.Collections.Immutable;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>
/// The metrics of a multiclass classification whose probabilities are the softmax of the scores. Of equal scores the first class wins.
/// </summary>
internal sealed class MulticlassScores(MulticlassLoss loss) : ValidationScores(loss)
{
    // ML.NET takes no smaller probability than this into a log-loss.
    private const double SmallestProbability = 1e-15;

    private static readonly CrossEntropyLoss Likelihood = MulticlassLoss.CrossEntropy();

    private protected override IReadOnlyList<Metric> OfDifferentLabels => [];

    private protected override void AddMetrics(
        TrainingSet rows, ReadOnlySpan<float> scores, ImmutableSortedDictionary<Metric, double>.Builder metrics)
    {
        var classes = scores.Length / rows.RowCount;
        var (counts, correct) = (new int[classes], new int[classes]);
        var logLoss = 0.0;
        for (var row = 0; row < rows.RowCount; row++)
        {
            var own = scores.Slice(row * classes, classes);
            var label = (int)rows.Label(row);
            logLoss += Math.Min(Likelihood.Value(own, label), -Math.Log(SmallestProbability));
            counts[label]++;
            if (IndexOfMax(own) == label) correct[label]++;
        }

        metrics.Add(Metric.LogLoss, logLoss / rows.RowCount);
        metrics.Add(Metric.MicroAccuracy, (double)correct.Sum() / rows.RowCount);
        metrics.Add(Metric.MacroAccuracy, Enumerable.Range(0, classes)
            .Where(label => counts[label] > 0).Average(label => (double)correct[label] / counts[label]));
    }

    private static int IndexOfMax(ReadOnlySpan<float> scores)
    {
        var best = 0;
        for (var i = 1; i < scores.Length; i++)
            if (scores[i] > scores[best]) best = i;
        return best;
    }
}
