using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>
/// Whether features have to do with the label at all: the score test of a model that training has not begun with. With s the slope of a
/// row's loss by its score, less the mean of all, and x̂ its features with a mean of 0 and a variance of 1, the statistic is
/// <c>T = Σ (Σ s · x̂)² / (n · var s)</c>, summed over features and scores. Where rows and slopes have nothing to do with each
/// other its mean is the number of features times that of scores, and its variance <c>2 · tr(R²) · tr(S²)</c>, where R and S are the
/// correlations of the features and of the slopes.
/// </summary>
/// <remarks>
/// Any loss that has slopes will do. Source: Goeman, van de Geer and van Houwelingen, "Testing against a high dimensional alternative",
/// Journal of the Royal Statistical Society B 68 (2006).
/// </remarks>
internal static class SlopeTest
{
    private const int SampledRows = 10_000;

    // Of a single feature, where T is most often far above its mean by chance, one in a hundred is.
    private const double Deviations = 4;

    // What is left of the variance of a constant feature by rounding.
    private const double Rounding = 1e-10;

    /// <summary>Whether the slopes at the start depend on the features, or all of them on a bias, by more than chance.</summary>
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
        // A bias that does not begin at its best has something to learn.
        for (var output = 0; training.Standardization is null && output < outputs; output++)
            if (n * means[output] * means[output] > Deviations * Deviations * products[output, output]) return true;

        var (centers, precisions) = Moments(training, sample);
        var features = precisions.Count(precision => precision > 0);
        int[] varying = [.. Enumerable.Range(0, outputs).Where(output => products[output, output] > 0)];
        var squares = varying.Sum(output => Square(training, sample, slopes, outputs, output, precisions) / (n * products[output, output]));
        var ofSlopes = varying.Sum(a => varying.Sum(b => products[a, b] * products[a, b] / products[a, a] / products[b, b]));
        // No matrix of this trace and rank has less.
        var ofFeatures = Math.Max(SquaredCorrelations(training, sample, centers, precisions),
            (double)features * features / Math.Max(1, Math.Min(features, n - 1)));
        return squares > (double)features * varying.Length + Deviations * Math.Sqrt(2 * ofFeatures * ofSlopes);
    }

    /// <summary>The slopes, a row behind the other, without their means, and the means.</summary>
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

    /// <summary>The mean product of each two slopes of a row.</summary>
    private static double[,] Products(float[] slopes, int outputs)
    {
        var products = new double[outputs, outputs];
        for (var row = 0; row < slopes.Length; row += outputs)
            for (var a = 0; a < outputs; a++)
                for (var b = 0; b < outputs; b++)
                    products[a, b] += (double)slopes[row + a] * slopes[row + b] * outputs / slopes.Length;
        return products;
    }

    /// <summary>The mean of each feature and one over its variance, 0 where it does not vary.</summary>
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

    /// <summary>The sum over features of the squared sum of s · x̂.</summary>
    private static double Square(TrainingSet set, int[] sample, float[] slopes, int outputs, int output, double[] precisions)
    {
        // Slopes sum to zero, so that features need not be centred.
        var sums = new double[set.FeatureCount];
        for (var i = 0; i < sample.Length; i++)
        {
            double slope = slopes[i * outputs + output];
            Visit(set, sample[i], (feature, value) => sums[feature] += slope * value);
        }

        return sums.Zip(precisions, (sum, precision) => sum * sum * precision).Sum();
    }

    /// <summary>tr(R²), as the mean of (x̂ᵀ · ŷ)² over pairs of rows.</summary>
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
