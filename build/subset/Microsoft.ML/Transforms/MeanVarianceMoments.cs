using System.Numerics;

namespace Microsoft.ML.Transforms;

/// <summary>
/// Mean and variance of each slot in one pass, after Welford. Zeros are left out on the way, so that a sparse
/// vector costs no more than its values, and come in at the end. Values that are not finite count as none.
/// </summary>
internal sealed class MeanVarianceMoments<T>(int size) : ISlotMoments<T> where T : struct, IFloatingPointIeee754<T>
{
    private readonly double[] _mean = new double[size];
    private readonly double[] _squares = new double[size];
    private readonly long[] _counted = new long[size];
    private readonly long[] _notFinite = new long[size];

    public void AddDense(ReadOnlySpan<T> values)
    {
        for (var i = 0; i < values.Length; i++)
            Add(i, values[i]);
    }

    public void AddSparse(ReadOnlySpan<T> values, ReadOnlySpan<int> slots)
    {
        for (var i = 0; i < values.Length; i++)
            Add(slots[i], values[i]);
    }

    public (T Scale, T Offset) Finish(int slot, long rows, bool fixZero)
    {
        var (mean, squares, count) = (_mean[slot], _squares[slot], _counted[slot]);
        var zeros = rows - _notFinite[slot] - count;
        if (zeros > 0)
        {
            count += zeros;
            var delta = -mean;
            mean += delta * zeros / count;
            squares += delta * -mean * zeros;
        }
        // A constant slot tells nothing: it becomes 0.
        if (squares == 0)
            return (T.Zero, T.Zero);
        if (fixZero)
            return (T.One / T.CreateTruncating(Math.Sqrt(squares / count + mean * mean)), T.Zero);
        var scale = T.One / T.CreateTruncating(Math.Sqrt(squares / count));
        return (scale, T.IsZero(scale) ? T.Zero : T.CreateTruncating(mean));
    }

    private void Add(int slot, T value)
    {
        if (T.IsZero(value))
            return;
        if (!T.IsFinite(value))
        {
            _notFinite[slot]++;
            return;
        }
        var wide = double.CreateTruncating(value);
        var delta = wide - _mean[slot];
        _mean[slot] += delta / ++_counted[slot];
        _squares[slot] += delta * (wide - _mean[slot]);
    }
}
