using System.Collections.Immutable;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>The metrics of a regression, by ML.NET's definitions: rows count alike, whatever their example weights.</summary>
internal static class RegressionScores
{
    /// <summary>All metrics of the scores of some rows. The loss alone counts the example weights.</summary>
    public static ImmutableSortedDictionary<Metric, double> Measure(TrainingSet rows, ReadOnlySpan<float> scores, Loss loss)
    {
        double lossSum = 0, squares = 0, absolutes = 0, labelSum = 0;
        for (var row = 0; row < scores.Length; row++)
        {
            double label = rows.Label(row), error = label - scores[row];
            lossSum += rows.Weight(row) * loss.Value(scores[row], label);
            squares += error * error;
            absolutes += Math.Abs(error);
            labelSum += label;
        }

        double mean = labelSum / scores.Length, spread = 0;
        for (var row = 0; row < scores.Length; row++)
            spread += (rows.Label(row) - mean) * (rows.Label(row) - mean);

        var metrics = ImmutableSortedDictionary.CreateBuilder<Metric, double>();
        metrics.Add(Metric.ValidationLoss, lossSum / scores.Length);
        metrics.Add(Metric.RootMeanSquaredError, Math.Sqrt(squares / scores.Length));
        metrics.Add(Metric.MeanAbsoluteError, absolutes / scores.Length);
        // With labels that are all equal there is nothing to explain, and R² is not defined.
        if (spread > 0) metrics.Add(Metric.RSquared, 1 - squares / spread);
        return metrics.ToImmutable();
    }
}
