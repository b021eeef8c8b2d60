using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>The row that a cursor over cached columns stands on.</summary>
internal sealed class CachedRow
{
    internal int Index { get; set; } = -1;
}

/// <summary>All values of one column.</summary>
internal abstract class CachedColumn
{
    internal abstract void Append();

    internal abstract Delegate CreateGetter(CachedRow row);

    internal static CachedColumn Create(DataViewRow input, DataViewSchema.Column column)
        => column.Type is VectorDataViewType vector
            ? Generic.Call(Vectors<int>, vector.ItemType.RawType, input, column)
            : Generic.Call(Scalars<int>, column.Type.RawType, input, column);

    private static CachedColumn Scalars<T>(DataViewRow input, DataViewSchema.Column column)
        => new CachedScalars<T>(input.GetGetter<T>(column));

    private static CachedColumn Vectors<T>(DataViewRow input, DataViewSchema.Column column)
        => new CachedVectors<T>(input.GetGetter<VBuffer<T>>(column));
}

internal sealed class CachedScalars<T>(ValueGetter<T> getter) : CachedColumn
{
    private readonly List<T> _values = [];

    internal override void Append()
    {
        var value = default(T);
        getter(ref value);
        _values.Add(value);
    }

    internal override Delegate CreateGetter(CachedRow row) => (ValueGetter<T>)((ref T value) => value = _values[row.Index]);
}

/// <summary>Vectors in blocks of many rows: an array of its own for each would cost more than its values.</summary>
internal sealed class CachedVectors<T>(ValueGetter<VBuffer<T>> getter) : CachedColumn
{
    private const int BlockLength = 1 << 14;

    private readonly List<(T[] Values, int[] Indices)> _blocks = [];
    private readonly List<Place> _places = [];
    private VBuffer<T> _buffer;
    private int _used = BlockLength;

    internal override void Append()
    {
        getter(ref _buffer);
        var values = _buffer.GetValues();
        if (_blocks.Count == 0 || _used + values.Length > _blocks[^1].Values.Length)
        {
            _blocks.Add((new T[Math.Max(BlockLength, values.Length)], null));
            _used = 0;
        }
        var (blockValues, blockIndices) = _blocks[^1];
        values.CopyTo(blockValues.AsSpan(_used));
        if (!_buffer.IsDense)
        {
            blockIndices ??= new int[blockValues.Length];
            _buffer.GetIndices().CopyTo(blockIndices.AsSpan(_used));
            _blocks[^1] = (blockValues, blockIndices);
        }
        _places.Add(new(_blocks.Count - 1, _used, values.Length, _buffer.Length));
        _used += values.Length;
    }

    internal override Delegate CreateGetter(CachedRow row) => (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) =>
    {
        var (block, start, count, length) = _places[row.Index];
        var (values, indices) = _blocks[block];
        var editor = VBufferEditor.Create(ref value, length, count);
        values.AsSpan(start, count).CopyTo(editor.Values);
        if (count < length)
            indices.AsSpan(start, count).CopyTo(editor.Indices);
        value = editor.Commit();
    });

    private readonly record struct Place(int Block, int Start, int Count, int Length);
}
