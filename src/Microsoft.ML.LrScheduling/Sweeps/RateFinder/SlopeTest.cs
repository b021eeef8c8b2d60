using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>
/// Tests whether the features predict the label at all: the score test of the untrained model. Let s be the derivative (slope) of a row's
/// loss with respect to its score, minus the mean over all rows, and x̂ the features with mean 0 and variance 1. The statistic is <c>T = Σ
/// (Σ s · x̂)² / (n · var s)</c>, summed over features and scores. If the features and slopes are independent, the mean of T is the number
/// of features times the number of scores, and its variance is <c>2 · tr(R²) · tr(S²)</c>, where R and S are the correlation matrices of
/// the features and of the slopes.
/// </summary>
/// <remarks>
/// The test works for any loss with derivatives. Source: Goeman, van de Geer and van Houwelingen, "Testing against a high dimensional
/// alternative", Journal of the Royal Statistical Society B 68 (2006).
/// </remarks>
internal static class SlopeTest
{
    private const int SampledRows = 10_000;

    // The threshold in standard deviations. Even for a single feature, the worst case, T exceeds it by chance in only one of a hundred
    // cases.
    private const double Deviations = 4;

    // A variance below this fraction of the mean square is only a rounding error: the feature is constant.
    private const double Rounding = 1e-10;

    /// <summary>Whether the initial slopes depend on the features more than by chance, or have a mean that the bias can reduce.</summary>
    /// <param name="rows">The rows.</param>
    public static bool FindsSignal(TrainerRows rows)
    {
        var training = rows.Training;
        var step = (training.RowCount - 1) / SampledRows + 1;
        int[] sample = [.. Enumerable.Range(0, (training.RowCount - 1) / step + 1).Select(i => i * step)];
        var outputs = rows.Task.OutputCount;
        var (slopes, means) = Slopes(rows, sample);
        var products = Products(slopes, outputs);
        var n = (double)sample.Length;
        // If the initial bias is not the best one, there is something to learn even without features.
        for (var output = 0; training.Standardization is null && output < outputs; output++)
            if (n * means[output] * means[output] > Deviations * Deviations * products[output, output]) return true;

        var (centers, precisions) = Moments(training, sample);
        var features = precisions.Count(precision => precision > 0);
        int[] varying = [.. Enumerable.Range(0, outputs).Where(output => products[output, output] > 0)];
        var squares = varying.Sum(output => Square(training, sample, slopes, outputs, output, precisions) / (n * products[output, output]));
        var ofSlopes = varying.Sum(a => varying.Sum(b => products[a, b] * products[a, b] / products[a, a] / products[b, b]));
        // The lower bound of tr(R²) for a matrix of this trace and rank.
        var ofFeatures = Math.Max(SquaredCorrelations(training, sample, centers, precisions),
            (double)features * features / Math.Max(1, Math.Min(features, n - 1)));
        return squares > (double)features * varying.Length + Deviations * Math.Sqrt(2 * ofFeatures * ofSlopes);
    }

    /// <summary>Returns the slopes, row by row, minus their means, and the means.</summary>
    private static (float[] Slopes, double[] Means) Slopes(TrainerRows rows, int[] sample)
    {
        var (training, outputs) = (rows.Training, rows.Task.OutputCount);
        float[] labels = [.. sample.Select(training.Label)];
        float[] weights = training.HasWeights ? [.. sample.Select(training.Weight)] : [];
        var slopes = new float[sample.Length * outputs];
        for (var i = 0; i < sample.Length; i++) rows.InitialScores.CopyTo(slopes.AsSpan(i * outputs, outputs));
        rows.Task.Loss.ToGradients(slopes, outputs, labels, weights);
        var means = new double[outputs];
        for (var i = 0; i < slopes.Length; i++) means[i % outputs] += slopes[i] / (double)sample.Length;
        for (var i = 0; i < slopes.Length; i++) slopes[i] -= (float)means[i % outputs];
        return (slopes, means);
    }

    /// <summary>Returns the mean product of each pair of slopes: their covariance matrix.</summary>
    private static double[,] Products(float[] slopes, int outputs)
    {
        var products = new double[outputs, outputs];
        for (var row = 0; row < slopes.Length; row += outputs)
            for (var a = 0; a < outputs; a++)
                for (var b = 0; b < outputs; b++)
                    products[a, b] += (double)slopes[row + a] * slopes[row + b] * outputs / slopes.Length;
        return products;
    }

    /// <summary>Returns the mean of each feature, and 1 / variance, or 0 if the feature does not vary.</summary>
    private static (double[] Centers, double[] Precisions) Moments(TrainingSet set, int[] sample)
    {
        var (sums, squares) = (new double[set.FeatureCount], new double[set.FeatureCount]);
        foreach (var row in sample)
            Visit(set, row, (feature, value) =>
            {
                sums[feature] += value;
                squares[feature] += value * value;
            });
        for (var feature = 0; feature < sums.Length; feature++)
        {
            sums[feature] /= sample.Length;
            var mean = squares[feature] / sample.Length;
            var variance = mean - sums[feature] * sums[feature];
            squares[feature] = variance > Rounding * mean ? 1 / variance : 0;
        }

        return (sums, squares);
    }

    /// <summary>Returns the sum over the features of (Σ s · x̂)², for one output.</summary>
    private static double Square(TrainingSet set, int[] sample, float[] slopes, int outputs, int output, double[] precisions)
    {
        // The slopes sum to zero, so the features need not be centered.
        var sums = new double[set.FeatureCount];
        for (var i = 0; i < sample.Length; i++)
        {
            double slope = slopes[i * outputs + output];
            Visit(set, sample[i], (feature, value) => sums[feature] += slope * value);
        }

        return sums.Zip(precisions, (sum, precision) => sum * sum * precision).Sum();
    }

    /// <summary>Estimates tr(R²) as the mean of (x̂ᵀ · ŷ)² over pairs of rows.</summary>
    private static double SquaredCorrelations(TrainingSet set, int[] sample, double[] centers, double[] precisions)
    {
        var pairs = sample.Length / 2;
        var first = new double[set.FeatureCount];
        var ofCenters = centers.Zip(precisions, (center, precision) => center * center * precision).Sum();
        var sum = 0.0;
        for (var i = 0; i < pairs; i++)
        {
            var product = ofCenters;
            Visit(set, sample[i], (feature, value) =>
            {
                first[feature] = value;
                product -= value * centers[feature] * precisions[feature];
            });
            Visit(set, sample[i + pairs], (feature, value) => product += value * (first[feature] - centers[feature]) * precisions[feature]);
            Visit(set, sample[i], (feature, _) => first[feature] = 0);
            sum += product * product / pairs;
        }

        return sum;
    }

    private static void Visit(TrainingSet set, int row, Action<int, double> see)
    {
        if (set.IsSparse)
        {
            var entries = set.Entries(row);
            for (var i = 0; i < entries.Indices.Length; i++) see(entries.Indices[i], entries.Values[i]);
        }
        else
        {
            var features = set.Features(row);
            for (var i = 0; i < features.Length; i++) see(i, features[i]);
        }
    }
}
