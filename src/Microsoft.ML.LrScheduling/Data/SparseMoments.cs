using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// The scales of the features of sparse rows, weighted, summed up in double precision as rows are read: see
/// <see cref="Standardization"/>. It takes memory by the features that rows have, not by those that there could be.
/// </summary>
/// <param name="featureCount">The features that there could be.</param>
internal sealed class SparseMoments(int featureCount)
{
    // A variance that is so much smaller than the mean square is what rounding leaves of none.
    private const double Rounding = 1e-12;

    // Memory answers while so many values are added.
    private const int ValuesAhead = 16;

    private readonly FeatureNumbers _numbers = new(featureCount);
    private Moment[] _moments = new Moment[Math.Min(featureCount, FeatureNumbers.Few)];
    private int _rows;

    /// <summary>Adds a row.</summary>
    /// <param name="row">Its features that are not zero.</param>
    /// <param name="weight">Its weight.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(SparseRow row, float weight)
    {
        _rows++;
        for (var i = 0; i < row.Indices.Length; i++)
        {
            if (i + ValuesAhead < row.Indices.Length) Prefetch(row.Indices[i + ValuesAhead]);
            var number = _numbers.Of(row.Indices[i]);
            if (number >= _moments.Length) Array.Resize(ref _moments, Math.Max(number + 1, _moments.Length * 2));
            ref var moment = ref _moments[number];
            // Sums are of differences from a value, so that a large mean takes nothing from a small deviation.
            if (moment.Weight == 0) moment.Shift = row.Values[i];
            var difference = (double)row.Values[i] - moment.Shift;
            moment.Sum += weight * difference;
            moment.Squares += weight * difference * difference;
            moment.Weight += weight;
            moment.Count++;
        }
    }

    /// <summary>Makes means and scales of the sums. No row may be added any more.</summary>
    public void Finish()
    {
        foreach (ref var moment in _moments.AsSpan(0, _numbers.Count))
        {
            if (moment.Weight == 0)
            {
                // All rows that have it weigh nothing.
                (moment.Sum, moment.Squares) = (0, 0);
                continue;
            }

            var (mean, square) = (moment.Sum / moment.Weight, moment.Squares / moment.Weight);
            var size = square + 2 * moment.Shift * mean + (double)moment.Shift * moment.Shift;
            var variance = square - mean * mean;
            // Zeros that are not there cannot be centred.
            (moment.Sum, moment.Squares) = moment.Count < _rows
                ? (0, size > 0 ? 1 / Math.Sqrt(size) : 0)
                : (moment.Shift + mean, variance > Rounding * square ? 1 / Math.Sqrt(variance) : 0);
        }
    }

    /// <summary>Brings values to one scale, in place, after <see cref="Finish"/>. Several threads may do so at once.</summary>
    /// <param name="values">The values that are not zero.</param>
    /// <param name="indices">The feature of each.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void ApplyTo(Span<float> values, ReadOnlySpan<int> indices)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (i + ValuesAhead < indices.Length) Prefetch(indices[i + ValuesAhead]);
            ref var moment = ref _moments[_numbers.Find(indices[i])];
            values[i] = (float)((values[i] - moment.Sum) * moment.Squares);
        }
    }

    /// <summary>The scale of the features, after <see cref="Finish"/>.</summary>
    public Standardization ToStandardization()
    {
        var met = 0;
        foreach (var moment in _moments.AsSpan(0, _numbers.Count)) met += moment.Count > 0 ? 1 : 0;
        var (features, means, scales) = (new int[met], new double[met], new double[met]);
        var i = 0;
        foreach (var (feature, number) in _numbers.InOrder())
        {
            if (_moments[number] is not { Count: > 0 } moment) continue;
            (features[i], means[i], scales[i]) = (feature, moment.Sum, moment.Squares);
            i++;
        }

        return new Standardization(features, means, scales);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private unsafe void Prefetch(int feature)
    {
        if (Sse.IsSupported && _numbers.IsIdentity)
            Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_moments), feature)));
    }

    // Sums, and after them a mean and a scale.
    private struct Moment
    {
        public double Sum;
        public double Squares;
        public double Weight;
        public float Shift;
        public int Count;
    }
}
