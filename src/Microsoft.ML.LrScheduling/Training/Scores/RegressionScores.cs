using System.Collections.Immutable;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>Computes the metrics of a regression.</summary>
internal sealed class RegressionScores(RegressionLoss loss) : ValidationScores(loss)
{
    /// <summary>The metrics that a trainer can monitor on validation rows.</summary>
    public static IReadOnlyList<Metric> Metrics { get; } =
        [Metric.ValidationLoss, Metric.RootMeanSquaredError, Metric.MeanAbsoluteError, Metric.RSquared];

    private protected override IReadOnlyList<Metric> OfDifferentLabels => [Metric.RSquared];

    private protected override ScoreTally Begin(int outputs) => new Tally(loss);

    private sealed class Tally(RegressionLoss loss) : ScoreTally
    {
        private double _squares;
        private double _absolutes;
        private double _spread;

        public override void Add(TrainingSet rows, int first, ReadOnlySpan<float> scores)
        {
            var labelSum = 0.0;
            for (var row = 0; row < scores.Length; row++)
            {
                double label = rows.Label(row), error = label - loss.Predict(scores[row]);
                _squares += error * error;
                _absolutes += Math.Abs(error);
                labelSum += label;
            }

            var mean = labelSum / scores.Length;
            for (var row = 0; row < scores.Length; row++) _spread += (rows.Label(row) - mean) * (rows.Label(row) - mean);
        }

        private protected override void AddTo(ImmutableSortedDictionary<Metric, double>.Builder metrics, int rowCount)
        {
            metrics.Add(Metric.RootMeanSquaredError, Math.Sqrt(_squares / rowCount));
            metrics.Add(Metric.MeanAbsoluteError, _absolutes / rowCount);
            // R² is not defined if all labels are equal.
            if (_spread > 0) metrics.Add(Metric.RSquared, 1 - _squares / _spread);
        }
    }
}
