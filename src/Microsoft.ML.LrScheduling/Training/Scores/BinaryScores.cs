using System.Collections.Immutable;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>
/// Computes the metrics of a binary classification. As in ML.NET's evaluator, a row is predicted true if its score is greater than zero.
/// </summary>
internal sealed class BinaryScores(BinaryLoss loss) : ValidationScores(loss)
{
    /// <summary>The metrics that a trainer can monitor on validation rows.</summary>
    /// <param name="loss">The loss. The log-loss is not available if the loss gives no probabilities.</param>
    public static IReadOnlyList<Metric> MetricsOf(BinaryLoss loss) =>
    [
        Metric.ValidationLoss, .. loss.GivesProbability ? [Metric.LogLoss] : Array.Empty<Metric>(),
        Metric.AreaUnderRocCurve, Metric.Accuracy, Metric.F1Score,
    ];

    private protected override IReadOnlyList<Metric> OfDifferentLabels => [Metric.AreaUnderRocCurve];

    private protected override ScoreTally Begin(int outputs) => new Tally(loss);

    private sealed class Tally(BinaryLoss loss) : ScoreTally
    {
        private double _truePositives;
        private double _falsePositives;
        private double _trueNegatives;
        private double _positives;
        private double _logLoss;
        private double? _areaUnderRocCurve;

        public override void Add(TrainingSet rows, int first, ReadOnlySpan<float> scores)
        {
            for (var row = 0; row < scores.Length; row++)
            {
                var (isTrue, isPredictedTrue) = (rows.Label(row) > 0, scores[row] > 0);
                if (isTrue) _positives++;
                if (isTrue && isPredictedTrue) _truePositives++;
                else if (isPredictedTrue) _falsePositives++;
                else if (!isTrue) _trueNegatives++;
                if (loss.GivesProbability) _logLoss += loss.AtMargin(isTrue ? scores[row] : -scores[row]).Value;
            }

            if (_positives > 0 && _positives < scores.Length) _areaUnderRocCurve = AreaUnderRocCurve(rows, scores, _positives);
        }

        private protected override void AddTo(ImmutableSortedDictionary<Metric, double>.Builder metrics, int rowCount)
        {
            metrics.Add(Metric.Accuracy, (_truePositives + _trueNegatives) / rowCount);
            if (loss.GivesProbability) metrics.Add(Metric.LogLoss, _logLoss / Math.Log(2) / rowCount);
            // As in ML.NET, it is 0 if no true row is predicted true, even if precision or recall is not defined.
            metrics.Add(
                Metric.F1Score, _truePositives > 0 ? 2 * _truePositives / (_positives + _truePositives + _falsePositives) : 0);
            if (_areaUnderRocCurve is { } area) metrics.Add(Metric.AreaUnderRocCurve, area);
        }
    }

    /// <summary>
    /// Computes the area from the sum of the ranks of the true rows (Mann and Whitney). Rows with equal scores share their rank.
    /// </summary>
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
