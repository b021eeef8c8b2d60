namespace Microsoft.ML.Data;

/// <summary>Puts the values of several columns one behind the other.</summary>
internal static class ConcatenatedValues
{
    internal static Delegate CreateGetter<T>(DataViewRow row, int[] columns)
    {
        if (Array.TrueForAll(columns, column => row.Schema[column].Type is not VectorDataViewType))
            return Scalars(Array.ConvertAll(columns, column => row.GetGetter<T>(row.Schema[column])));
        var parts = Array.ConvertAll(columns, column => Part<T>.Create(row, row.Schema[column]));
        return new ValueGetter<VBuffer<T>>((ref value) => Get(parts, ref value));
    }

    private static ValueGetter<VBuffer<T>> Scalars<T>(ValueGetter<T>[] getters) => (ref value) =>
    {
        var editor = VBufferEditor.Create(ref value, getters.Length);
        for (var i = 0; i < getters.Length; i++)
            getters[i](ref editor.Values[i]);
        value = editor.Commit();
    };

    private static void Get<T>(Part<T>[] parts, ref VBuffer<T> value)
    {
        var (length, count) = (0, 0);
        foreach (var part in parts)
        {
            part.Read();
            length += part.Length;
            count += part.Count;
        }
        if (count > length / 2)
        {
            var dense = VBufferEditor.Create(ref value, length);
            var first = 0;
            foreach (var part in parts)
            {
                part.CopyTo(dense.Values.Slice(first, part.Length));
                first += part.Length;
            }
            value = dense.Commit();
            return;
        }
        var sparse = VBufferEditor.Create(ref value, length, count);
        var (slot, next) = (0, 0);
        foreach (var part in parts)
        {
            part.CopyTo(sparse.Values.Slice(next, part.Count), sparse.Indices.Slice(next, part.Count), slot);
            slot += part.Length;
            next += part.Count;
        }
        value = sparse.Commit();
    }

    /// <summary>One column's values of the current row: a scalar, or a vector.</summary>
    private sealed class Part<T>
    {
        private readonly DataViewSchema.Column _column;
        private readonly int _size;
        private ValueGetter<T> _getScalar;
        private ValueGetter<VBuffer<T>> _getVector;
        private T _scalar;
        private VBuffer<T> _vector;

        private Part(DataViewSchema.Column column)
        {
            _column = column;
            _size = column.Type.GetValueCount();
        }

        internal int Length => _getScalar is null ? _vector.Length : 1;

        internal int Count => _getScalar is null ? _vector.GetValues().Length : 1;

        internal static Part<T> Create(DataViewRow row, DataViewSchema.Column column)
        {
            var part = new Part<T>(column);
            if (column.Type is VectorDataViewType)
                part._getVector = row.GetGetter<VBuffer<T>>(column);
            else
                part._getScalar = row.GetGetter<T>(column);
            return part;
        }

        internal void Read()
        {
            if (_getScalar is not null)
            {
                _getScalar(ref _scalar);
                return;
            }
            _getVector(ref _vector);
            if (_size != 0 && _size != _vector.Length)
                throw new InvalidOperationException($"Column '{_column.Name}': expected {_size} slots, but got {_vector.Length}");
        }

        internal void CopyTo(Span<T> values)
        {
            if (_getScalar is not null)
                values[0] = _scalar;
            else
                _vector.CopyTo(values);
        }

        internal void CopyTo(Span<T> values, Span<int> indices, int firstSlot)
        {
            if (_getScalar is not null)
            {
                values[0] = _scalar;
                indices[0] = firstSlot;
                return;
            }
            _vector.GetValues().CopyTo(values);
            var own = _vector.GetIndices();
            for (var i = 0; i < indices.Length; i++)
                indices[i] = firstSlot + (_vector.IsDense ? i : own[i]);
        }
    }
}
