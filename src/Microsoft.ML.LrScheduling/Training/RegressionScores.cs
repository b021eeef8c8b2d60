using System.Collections.Immutable;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>The metrics of a regression.</summary>
internal sealed class RegressionScores(RegressionLoss loss) : ValidationScores(loss)
{
    private protected override IReadOnlyList<Metric> OfDifferentLabels => [Metric.RSquared];

    private protected override void AddMetrics(
        TrainingSet rows, ReadOnlySpan<float> scores, ImmutableSortedDictionary<Metric, double>.Builder metrics)
    {
        double squares = 0, absolutes = 0, labelSum = 0;
        for (var row = 0; row < scores.Length; row++)
        {
            double label = rows.Label(row), error = label - loss.Predict(scores[row]);
            squares += error * error;
            absolutes += Math.Abs(error);
            labelSum += label;
        }

        double mean = labelSum / scores.Length, spread = 0;
        for (var row = 0; row < scores.Length; row++)
            spread += (rows.Label(row) - mean) * (rows.Label(row) - mean);

        metrics.Add(Metric.RootMeanSquaredError, Math.Sqrt(squares / scores.Length));
        metrics.Add(Metric.MeanAbsoluteError, absolutes / scores.Length);
        // With labels that are all equal there is nothing to explain, and R² is not defined.
        if (spread > 0) metrics.Add(Metric.RSquared, 1 - squares / spread);
    }
}
