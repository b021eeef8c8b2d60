using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// Computes the weighted mean and standard deviation of each feature of dense rows, in double precision, from blocks of rows while they are
/// read. Differences from one row are summed, so that a large mean does not cost a small deviation its digits.
/// </summary>
internal sealed class FeatureMoments
{
    private const int ShortRow = 64;

    // This number of values stays in the nearest cache.
    private const int TileValues = 1 << 12;

    // A variance below this fraction of the mean square is only a rounding error: the feature does not vary.
    private const double Rounding = 1e-12;

    private static readonly int Lanes = Vector512<double>.Count;

    private readonly int _featureCount;

    // Several short rows are processed as one long row, so that all lanes of a vector are used. Each of them has its own sums.
    private readonly int _rowsAsOne;
    private readonly double[] _sums;
    private readonly double[] _squares;
    private double[]? _shifts;
    private double _weight;

    /// <param name="featureCount">The number of features.</param>
    /// <param name="hasWeights">Whether rows have weights.</param>
    public FeatureMoments(int featureCount, bool hasWeights)
    {
        _featureCount = featureCount;
        _rowsAsOne = featureCount <= ShortRow && !hasWeights ? Lanes : 1;
        // The last vector of a row can extend into the next row. The additional sums are not used.
        _sums = new double[featureCount * _rowsAsOne + TrainingSet.Slack];
        _squares = new double[_sums.Length];
    }

    /// <summary>Adds rows.</summary>
    /// <param name="values">The contiguous rows, followed by <see cref="TrainingSet.Slack"/> more numbers.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="weights">The weights, one per row; empty if all are 1.</param>
    public void Add(ReadOnlySpan<float> values, int rows, ReadOnlySpan<float> weights)
    {
        // The shift is the row with the largest weight. A row with almost no weight could be far from all others.
        var first = weights.IsEmpty ? 0 : IndexOfMax(weights);
        if (!weights.IsEmpty && weights[first] == 0) return;
        if (_shifts is null)
        {
            _shifts = new double[_sums.Length];
            for (var i = 0; i < _featureCount * _rowsAsOne; i++) _shifts[i] = values[first * _featureCount + i % _featureCount];
        }

        if (weights.IsEmpty) _weight += rows;
        foreach (var weight in weights) _weight += weight;
        var width = _featureCount * _rowsAsOne;
        var (tile, whole) = (Math.Max(1, TileValues / Math.Max(1, width)), rows / _rowsAsOne);
        for (var row = 0; row < whole; row += tile)
        {
            var count = Math.Min(tile, whole - row);
            AddTile(values[(row * width)..], width, count, weights.IsEmpty ? [] : weights.Slice(row, count));
        }

        AddRest(values[(whole * width)..], (rows - whole * _rowsAsOne) * _featureCount);
    }

    /// <summary>Returns the means and scales of all rows. No row can be added afterwards.</summary>
    /// <returns>
    /// The mean and the scale of each feature. The scale is 1 / standard deviation, or 0 if the feature does not vary.
    /// </returns>
    public (double[] Means, double[] Scales) Finish()
    {
        for (var i = _featureCount; i < _featureCount * _rowsAsOne; i++)
        {
            _sums[i % _featureCount] += _sums[i];
            _squares[i % _featureCount] += _squares[i];
        }

        for (var feature = 0; feature < _featureCount; feature++)
        {
            var (mean, square) = (_sums[feature] / _weight, _squares[feature] / _weight);
            var variance = square - mean * mean;
            _sums[feature] = mean + (_shifts?[feature] ?? 0);
            _squares[feature] = variance > Rounding * square ? 1 / Math.Sqrt(variance) : 0;
        }

        return (_sums, _squares);
    }

    /// <summary>Adds rows, one vector of columns at a time, so that the sums stay in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddTile(ReadOnlySpan<float> values, int width, int rows, ReadOnlySpan<float> weights)
    {
        ref var shift = ref MemoryMarshal.GetArrayDataReference(_shifts!);
        ref var sum = ref MemoryMarshal.GetArrayDataReference(_sums);
        ref var square = ref MemoryMarshal.GetArrayDataReference(_squares);
        ref var weight = ref MemoryMarshal.GetReference(weights);
        for (nuint i = 0; i < (nuint)width; i += (nuint)Lanes)
        {
            ref var value = ref Unsafe.Add(ref MemoryMarshal.GetReference(values), i);
            var shifts = Vector512.LoadUnsafe(ref shift, i);
            var (sums, squares) = (Vector512.LoadUnsafe(ref sum, i), Vector512.LoadUnsafe(ref square, i));
            if (weights.IsEmpty)
            {
                for (var row = 0; row < rows; row++)
                {
                    var difference = Wide(ref value) - shifts;
                    sums += difference;
                    squares += difference * difference;
                    value = ref Unsafe.Add(ref value, width);
                }
            }
            else
            {
                for (var row = 0; row < rows; row++)
                {
                    var difference = Wide(ref value) - shifts;
                    var weighted = difference * Vector512.Create((double)Unsafe.Add(ref weight, row));
                    sums += weighted;
                    squares += weighted * difference;
                    value = ref Unsafe.Add(ref value, width);
                }
            }

            sums.StoreUnsafe(ref sum, i);
            squares.StoreUnsafe(ref square, i);
        }
    }

    /// <summary>Adds the last rows, which are too few to be processed as one long row.</summary>
    private void AddRest(ReadOnlySpan<float> values, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var difference = values[i] - _shifts![i];
            _sums[i] += difference;
            _squares[i] += difference * difference;
        }
    }

    private static int IndexOfMax(ReadOnlySpan<float> weights)
    {
        var most = 0;
        for (var i = 1; i < weights.Length; i++)
            if (weights[i] > weights[most])
                most = i;
        return most;
    }

    private static Vector512<double> Wide(ref float values) =>
        Vector512.WidenLower(Vector256.LoadUnsafe(ref values).ToVector512Unsafe());
}
