using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// The weighted mean and standard deviation of each feature, summed up in double precision from rows as they come. Where the first row
/// has all its features, sums are of differences from it, so that a large mean takes nothing from a small deviation.
/// </summary>
internal sealed class FeatureMoments(int featureCount)
{
    // A variance that is so much smaller than the mean square is what rounding leaves of none.
    private const double Rounding = 1e-12;

    private readonly double[] _sums = new double[featureCount];
    private readonly double[] _squares = new double[featureCount];
    private double[]? _first;
    private float[]? _row;
    private double _weight;
    private bool _hasRows;

    /// <summary>Adds a row.</summary>
    /// <param name="values">The features; or, where there are indices, those that are not zero.</param>
    /// <param name="indices">The feature of each value; empty for a row that has them all.</param>
    /// <param name="weight">The weight of the row.</param>
    public void Add(ReadOnlySpan<float> values, ReadOnlySpan<int> indices, float weight)
    {
        var isDense = values.Length == featureCount;
        if (!_hasRows && isDense) _first = [.. values.ToArray().Select(value => (double)value)];
        _hasRows = true;
        _weight += weight;
        if (isDense) AddAll(values, weight);
        else if (_first is not null) AddAll(Filled(values, indices), weight);
        else
            for (var i = 0; i < values.Length; i++)
            {
                _sums[indices[i]] += (double)weight * values[i];
                _squares[indices[i]] += (double)weight * values[i] * values[i];
            }
    }

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

    private float[] Filled(ReadOnlySpan<float> values, ReadOnlySpan<int> indices)
    {
        _row ??= new float[featureCount];
        Array.Clear(_row);
        for (var i = 0; i < values.Length; i++) _row[indices[i]] = values[i];
        return _row;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddAll(ReadOnlySpan<float> values, float weight)
    {
        ref var value = ref MemoryMarshal.GetReference(values);
        ref var first = ref MemoryMarshal.GetArrayDataReference(_first ?? _sums);
        ref var sum = ref MemoryMarshal.GetArrayDataReference(_sums);
        ref var square = ref MemoryMarshal.GetArrayDataReference(_squares);
        var (i, weights, isShifted) = ((nuint)0, Vector512.Create((double)weight), _first is not null);
        for (; i + (nuint)Vector512<double>.Count <= (nuint)values.Length; i += (nuint)Vector512<double>.Count)
        {
            var wide = Widen(Vector256.LoadUnsafe(ref value, i));
            if (isShifted) wide -= Vector512.LoadUnsafe(ref first, i);
            var weighted = wide * weights;
            (Vector512.LoadUnsafe(ref sum, i) + weighted).StoreUnsafe(ref sum, i);
            (Vector512.LoadUnsafe(ref square, i) + weighted * wide).StoreUnsafe(ref square, i);
        }

        for (var rest = (int)i; rest < values.Length; rest++)
        {
            var difference = values[rest] - (_first?[rest] ?? 0);
            _sums[rest] += weight * difference;
            _squares[rest] += weight * difference * difference;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Widen(Vector256<float> values)
    {
        var (lower, upper) = Vector256.Widen(values);
        return Vector512.Create(lower, upper);
    }
}
