using System.Runtime.InteropServices;

namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// Checks whether the features have similar scales. All features share one learning rate: a rate that suits a small feature makes training
/// on a large one diverge.
/// </summary>
internal static class FeatureScales
{
    // A sample is enough to find differences as large as this.
    private const int SampledRows = 2000;
    private const double LargestRatio = 100;
    private const double LargestScale = 100;
    private const double FarthestMean = 10;
    private const double LargestFactor = 10;


    // With fewer rows the mean says little.
    private const int FewestRows = 10;

    /// <summary>
    /// Returns the features with the smallest and the largest scale; null if they differ little enough. The scale of a feature is the root
    /// of its mean square over the rows in which it is not zero.
    /// </summary>
    public static (int Smallest, double SmallestScale, int Largest, double LargestScale)? FindUneven(TrainingSet rows)
    {
        // A sample of sparse rows uses only a few of possibly millions of features.
        var met = new FeatureNumbers(rows.FeatureCount);
        var (squares, counts) = (new double[met.Count], new int[met.Count]);
        var step = (rows.RowCount - 1) / SampledRows + 1;
        for (var row = 0; row < rows.RowCount; row += step) Add(rows, row, met, ref squares, ref counts);

        (int Feature, double Scale) smallest = (-1, double.PositiveInfinity), largest = (-1, 0);
        foreach (var (feature, number) in met.InOrder())
        {
            if (counts[number] == 0) continue;
            var scale = Math.Sqrt(squares[number] / counts[number]);
            if (scale < smallest.Scale) smallest = (feature, scale);
            if (scale > largest.Scale) largest = (feature, scale);
        }

        return largest.Feature >= 0 && (largest.Scale > LargestScale || largest.Scale > LargestRatio * smallest.Scale)
            ? (smallest.Feature, smallest.Scale, largest.Feature, largest.Scale)
            : null;
    }

    /// <summary>
    /// Returns the feature of dense rows whose mean is farthest from zero, in standard deviations; null if none is farther than ten.
    /// </summary>
    public static (int Feature, double Mean, double Deviation)? FindOffCenter(TrainingSet rows)
    {
        if (rows.IsSparse) return null;
        var (means, scales) = MomentsOfSample(rows);
        var farthest = Farthest(rows.FeatureCount, feature => Math.Abs(means[feature]) * scales[feature]);
        return farthest is { } found ? (found, means[found], 1 / scales[found]) : null;
    }

    /// <summary>
    /// Returns the feature whose mean over other rows is farthest from its mean over the training rows, in standard deviations of the
    /// training rows; null if none is farther than ten.
    /// </summary>
    public static (int Feature, double Mean, double OtherMean, double Deviation)? FindShifted(TrainingSet training, TrainingSet other)
    {
        if (training.IsSparse || other.IsSparse || other.RowCount < FewestRows) return null;
        var (means, scales) = training.Standardization is { } standardization
            ? (standardization.Means.ToArray(), standardization.Scales.ToArray())
            : MomentsOfSample(training);
        var (otherMeans, _) = MomentsOfSample(other);
        var farthest = Farthest(training.FeatureCount, feature => Math.Abs(otherMeans[feature] - means[feature]) * scales[feature]);
        return farthest is { } found ? (found, means[found], otherMeans[found], 1 / scales[found]) : null;
    }

    /// <summary>
    /// A feature that is of another unit in other rows than in training rows, with its root mean squares: see <see cref="DifferInUnit"/>;
    /// null where there is none.
    /// </summary>
    public static (int Feature, double Size, double OtherSize)? FindOtherUnit(TrainingSet training, TrainingSet other)
    {
        if (training.IsSparse || other.IsSparse) return null;
        var (sizes, others) = (SizesOfSample(training), SizesOfSample(other));
        for (var feature = 0; feature < sizes.Length; feature++)
            if (Differ(sizes[feature], others[feature]) && DifferInUnit(Sample(training, feature), Sample(other, feature)))
                return (feature, sizes[feature], others[feature]);
        return null;
    }

    /// <summary>
    /// Whether the root mean squares of some values differ by a factor of more than ten, and so do the sizes that four fifths of them have
    /// at most. Outliers, and values that are rarely not zero, change only one of the two.
    /// </summary>
    public static bool DifferInUnit(float[] values, float[] others)
    {
        const double Most = 0.8;
        return values.Length >= FewestRows && others.Length >= FewestRows
            && Differ(Size(values), Size(others)) && Differ(SizeOfMost(values), SizeOfMost(others));

        static double Size(float[] values) => Math.Sqrt(values.Average(value => (double)value * value));

        static double SizeOfMost(float[] values)
        {
            float[] sizes = [.. values.Select(Math.Abs)];
            Array.Sort(sizes);
            return sizes[(int)(Most * (sizes.Length - 1))];
        }
    }

    /// <summary>Whether the mean of other values is farther than ten standard deviations from that of some values.</summary>
    /// <param name="mean">The mean of the values.</param>
    /// <param name="deviation">Their standard deviation.</param>
    /// <param name="otherMean">The mean of the other values.</param>
    /// <param name="others">How many these are.</param>
    public static bool AreFar(double mean, double deviation, double otherMean, int others) =>
        others >= FewestRows && Math.Abs(otherMean - mean) > FarthestMean * deviation;

    private static bool Differ(double size, double other) =>
        size > 0 && other > 0 && (other > LargestFactor * size || size > LargestFactor * other);

    private static int? Farthest(int features, Func<int, double> distance)
    {
        if (features == 0) return null;
        var farthest = Enumerable.Range(0, features).MaxBy(distance);
        return distance(farthest) > FarthestMean ? farthest : null;
    }

    private static (double[] Means, double[] Scales) MomentsOfSample(TrainingSet rows)
    {
        var moments = new FeatureMoments(rows.FeatureCount, rows.HasWeights);
        var step = (rows.RowCount - 1) / SampledRows + 1;
        for (var row = 0; row < rows.RowCount; row += step)
        {
            var values = MemoryMarshal.CreateReadOnlySpan(ref rows.FirstFeature(row), rows.FeatureCount + TrainingSet.Slack);
            moments.Add(values, rows: 1, rows.HasWeights ? [rows.Weight(row)] : []);
        }

        return moments.Finish();
    }

    /// <summary>The values of a feature of dense rows, as they were read; of one that does not vary its mean.</summary>
    private static float[] Sample(TrainingSet rows, int feature)
    {
        var (mean, scale) = rows.Standardization?.Of(feature) ?? (0, 1);
        return [.. Sampled(rows).Select(row => (float)(mean + (scale > 0 ? rows.Features(row)[feature] / scale : 0)))];
    }

    /// <summary>The root mean square of each feature of dense rows, as they were read.</summary>
    private static double[] SizesOfSample(TrainingSet rows)
    {
        var (count, sizes) = (0, new double[rows.FeatureCount]);
        var (means, scales) = rows.Standardization is { } standardization
            ? (standardization.Means.ToArray(), standardization.Scales.ToArray()) : ([], []);
        foreach (var row in Sampled(rows))
        {
            var values = rows.Features(row);
            for (var i = 0; i < values.Length; i++)
            {
                var value = scales.Length == 0 ? values[i] : means[i] + (scales[i] > 0 ? values[i] / scales[i] : 0);
                sizes[i] += value * value;
            }

            count++;
        }

        return [.. sizes.Select(sum => Math.Sqrt(sum / count))];
    }

    private static IEnumerable<int> Sampled(TrainingSet rows)
    {
        var step = (rows.RowCount - 1) / SampledRows + 1;
        for (var row = 0; row < rows.RowCount; row += step) yield return row;
    }

    private static void Add(TrainingSet rows, int row, FeatureNumbers met, ref double[] squares, ref int[] counts)
    {
        var features = rows.IsSparse ? rows.Entries(row).Indices : [];
        var values = rows.IsSparse ? rows.Entries(row).Values : rows.Features(row);
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] == 0) continue;
            var number = met.Of(rows.IsSparse ? features[i] : i);
            if (number >= counts.Length)
            {
                Array.Resize(ref squares, Math.Max(number + 1, 2 * number));
                Array.Resize(ref counts, squares.Length);
            }

            squares[number] += (double)values[i] * values[i];
            counts[number]++;
        }
    }
}
