using System.Collections.Immutable;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>
/// Computes the metrics of a multiclass classification. The probabilities are the softmax of the scores. Among equal scores the first
/// class wins.
/// </summary>
internal sealed class MulticlassScores(MulticlassLoss loss) : ValidationScores(loss)
{
    // ML.NET limits probabilities to this minimum in its log-loss.
    private const double SmallestProbability = 1e-15;

    private static readonly CrossEntropyLoss Likelihood = MulticlassLoss.CrossEntropy();

    /// <summary>The metrics that a trainer can monitor on validation rows.</summary>
    public static IReadOnlyList<Metric> Metrics { get; } =
        [Metric.ValidationLoss, Metric.LogLoss, Metric.MicroAccuracy, Metric.MacroAccuracy];

    private protected override IReadOnlyList<Metric> OfDifferentLabels => [];

    private protected override ScoreTally Begin(int outputs) => new Tally(outputs);

    private static int IndexOfMax(ReadOnlySpan<float> scores)
    {
        var best = 0;
        for (var i = 1; i < scores.Length; i++)
            if (scores[i] > scores[best]) best = i;
        return best;
    }

    private sealed class Tally(int classes) : ScoreTally
    {
        private readonly int[] _counts = new int[classes];
        private readonly int[] _correct = new int[classes];
        private double _logLoss;

        public override void Add(TrainingSet rows, int first, ReadOnlySpan<float> scores)
        {
            for (var i = 0; i < scores.Length / classes; i++)
            {
                var own = scores.Slice(i * classes, classes);
                var label = (int)rows.Label(first + i);
                _logLoss += Math.Min(Likelihood.Value(own, label), -Math.Log(SmallestProbability));
                _counts[label]++;
                if (IndexOfMax(own) == label) _correct[label]++;
            }
        }

        private protected override void AddTo(ImmutableSortedDictionary<Metric, double>.Builder metrics, int rowCount)
        {
            metrics.Add(Metric.LogLoss, _logLoss / rowCount);
            metrics.Add(Metric.MicroAccuracy, (double)_correct.Sum() / rowCount);
            metrics.Add(Metric.MacroAccuracy, Enumerable.Range(0, classes)
                .Where(label => _counts[label] > 0).Average(label => (double)_correct[label] / _counts[label]));
        }
    }
}
