using System.Numerics;
using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

/// <summary>What a normalizer learns of one column, row by row.</summary>
internal abstract class NormalizerStatistics
{
    internal abstract void AddRow();

    internal abstract AffineFunction Finish(bool fixZero);
}

/// <summary>Sums up the values of each slot of a column, and says how to scale them.</summary>
internal interface ISlotMoments<T>
{
    void AddDense(ReadOnlySpan<T> values);

    void AddSparse(ReadOnlySpan<T> values, ReadOnlySpan<int> slots);

    /// <param name="slot">The slot.</param>
    /// <param name="rows">How many rows were added: those that did not name the slot had a 0 there.</param>
    /// <param name="fixZero">Whether 0 must stay 0.</param>
    (T Scale, T Offset) Finish(int slot, long rows, bool fixZero);
}

internal sealed class NormalizerStatistics<T> : NormalizerStatistics where T : struct, IFloatingPointIeee754<T>
{
    private readonly DataViewType _type;
    private readonly int _size;
    private readonly ISlotMoments<T> _moments;
    private readonly ValueGetter<T> _getScalar;
    private readonly ValueGetter<VBuffer<T>> _getVector;
    private T _scalar;
    private VBuffer<T> _vector;
    private long _rows;

    internal NormalizerStatistics(DataViewRow row, DataViewSchema.Column column, ISlotMoments<T> moments)
    {
        _type = column.Type;
        _size = column.Type.GetValueCount();
        _moments = moments;
        if (column.Type is VectorDataViewType)
            _getVector = row.GetGetter<VBuffer<T>>(column);
        else
            _getScalar = row.GetGetter<T>(column);
    }

    internal override void AddRow()
    {
        _rows++;
        if (_getScalar is not null)
        {
            _getScalar(ref _scalar);
            _moments.AddDense(new ReadOnlySpan<T>(in _scalar));
            return;
        }
        _getVector(ref _vector);
        if (_vector.Length != _size)
            throw new InvalidOperationException($"Normalizer expected {_size} slots but got {_vector.Length}");
        if (_vector.IsDense)
            _moments.AddDense(_vector.GetValues());
        else
            _moments.AddSparse(_vector.GetValues(), _vector.GetIndices());
    }

    internal override AffineFunction Finish(bool fixZero)
    {
        var scale = new T[_size];
        var offset = new T[_size];
        for (var i = 0; i < _size; i++)
            (scale[i], offset[i]) = _moments.Finish(i, _rows, fixZero);
        return new AffineFunction<T>(_type, scale, Array.TrueForAll(offset, T.IsZero) ? null : offset);
    }
}
