using System.Numerics;

namespace Microsoft.ML.Transforms;

/// <summary>The least and the greatest value of each slot; NaN counts as none.</summary>
internal sealed class MinMaxMoments<T> : ISlotMoments<T> where T : struct, IFloatingPointIeee754<T>
{
    private readonly T[] _min;
    private readonly T[] _max;
    private readonly long[] _named;

    internal MinMaxMoments(int size)
    {
        _min = new T[size];
        _max = new T[size];
        _named = new long[size];
        _min.AsSpan().Fill(T.PositiveInfinity);
        _max.AsSpan().Fill(T.NegativeInfinity);
    }

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
        var (min, max) = (_min[slot], _max[slot]);
        if (_named[slot] < rows)
            (min, max) = (T.MinNumber(min, T.Zero), T.MaxNumber(max, T.Zero));
        // A constant slot tells nothing, and one without values cannot: both become 0.
        if (!(max > min))
            return (T.Zero, T.Zero);
        if (fixZero)
            return (T.One / T.Max(T.Abs(max), T.Abs(min)), T.Zero);
        var scale = T.One / (max - min);
        return (scale, T.IsZero(scale) ? T.Zero : min);
    }

    private void Add(int slot, T value)
    {
        _named[slot]++;
        if (_max[slot] < value)
            _max[slot] = value;
        if (_min[slot] > value)
            _min[slot] = value;
    }
}
