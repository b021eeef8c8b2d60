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
