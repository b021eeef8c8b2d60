using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// The weighted mean and standard deviation of each feature, summed up in double precision from blocks of rows as they are read. Sums of
/// dense rows are of differences from the first row, so that a large mean takes nothing from a small deviation.
/// </summary>
/// <param name="featureCount">The features of each row.</param>
internal sealed class FeatureMoments(int featureCount)
{
    // A variance that is so much smaller than the mean square is what rounding leaves of none.
    private const double Rounding = 1e-12;

    private static readonly int Lanes = Vector512<double>.Count;

    // The last vector of a row may reach into the next one: what it adds there means nothing.
    private readonly double[] _sums = new double[featureCount + TrainingSet.Slack];
    private readonly double[] _squares = new double[featureCount + TrainingSet.Slack];
    private double[]? _first;
    private int[]? _counts;
    private int _sparseRows;
    private double _weight;

    /// <summary>Adds dense rows.</summary>
    /// <param name="values">The rows, one behind another, and <see cref="TrainingSet.Slack"/> more numbers.</param>
    /// <param name="rows">How many they are.</param>
    /// <param name="weights">A weight a row; empty where each is 1.</param>
    public void AddDense(ReadOnlySpan<float> values, int rows, ReadOnlySpan<float> weights)
    {
        for (var row = 0; row < rows; row++)
        {
            var weight = weights.IsEmpty ? 1.0 : weights[row];
            // A row that weighs nothing may be anywhere.
            if (weight == 0) continue;
            _weight += weight;
            ref var value = ref Unsafe.AsRef(in values[row * featureCount]);
            if (_first is null)
            {
                _first = new double[_sums.Length];
                for (var feature = 0; feature < featureCount; feature++) _first[feature] = Unsafe.Add(ref value, feature);
            }

            AddRow(ref value, _first, weight);
        }
    }

    /// <summary>Adds a sparse row.</summary>
    /// <param name="row">Its features that are not zero.</param>
    /// <param name="weight">Its weight.</param>
    public void AddSparse(SparseRow row, float weight)
    {
        _weight += weight;
        _sparseRows++;
        _counts ??= new int[featureCount];
        for (var i = 0; i < row.Indices.Length; i++)
        {
            _counts[row.Indices[i]]++;
            var weighted = (double)weight * row.Values[i];
            _sums[row.Indices[i]] += weighted;
            _squares[row.Indices[i]] += weighted * row.Values[i];
        }
    }

    /// <summary>Whether each row so far has a number for a feature, so that it can be centred.</summary>
    /// <param name="feature">The feature.</param>
    public bool IsInEachRow(int feature) => _counts is null || _counts[feature] == _sparseRows;

    /// <summary>Means and deviations of the rows so far. No row may be added any more.</summary>
    /// <returns>
    /// The mean of each feature, and what it is multiplied with to have a deviation of 1: one over its standard deviation, and 0 for a
    /// feature that does not vary.
    /// </returns>
    public (double[] Means, double[] Scales) Finish()
    {
        for (var feature = 0; feature < featureCount; feature++)
        {
            var (mean, square) = (_sums[feature] / _weight, _squares[feature] / _weight);
            var variance = square - mean * mean;
            _sums[feature] = mean + (_first?[feature] ?? 0);
            _squares[feature] = variance > Rounding * square ? 1 / Math.Sqrt(variance) : 0;
        }

        return (_sums, _squares);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddRow(ref float value, double[] shifts, double weight)
    {
        ref var shift = ref MemoryMarshal.GetArrayDataReference(shifts);
        ref var sum = ref MemoryMarshal.GetArrayDataReference(_sums);
        ref var square = ref MemoryMarshal.GetArrayDataReference(_squares);
        var weights = Vector512.Create(weight);
        for (nuint i = 0; i < (nuint)featureCount; i += (nuint)Lanes)
        {
            var (lower, upper) = Vector256.Widen(Vector256.LoadUnsafe(ref value, i));
            var difference = Vector512.Create(lower, upper) - Vector512.LoadUnsafe(ref shift, i);
            var weighted = difference * weights;
            (Vector512.LoadUnsafe(ref sum, i) + weighted).StoreUnsafe(ref sum, i);
            (Vector512.LoadUnsafe(ref square, i) + weighted * difference).StoreUnsafe(ref square, i);
        }
    }
}
