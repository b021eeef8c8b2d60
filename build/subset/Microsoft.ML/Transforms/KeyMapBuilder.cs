using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

/// <summary>Collects the values of a column, row by row, up to a limit.</summary>
internal abstract class KeyMapBuilder
{
    /// <summary>Takes in the current row; false once there are as many values as there may be keys.</summary>
    internal abstract bool AddRow();

    internal abstract KeyMap Build(ValueToKeyMappingEstimator.KeyOrdinality ordinality);

    internal static KeyMapBuilder Create(DataViewRow row, DataViewSchema.Column column, int maximumNumberOfKeys) =>
        Generic.Call(Create<int>, column.Type.GetItemType().RawType, row, column, maximumNumberOfKeys);

    private static KeyMapBuilder Create<T>(DataViewRow row, DataViewSchema.Column column, int maximumNumberOfKeys) =>
        typeof(T) == typeof(ReadOnlyMemory<char>)
            ? new TextKeyMapBuilder(row, column, maximumNumberOfKeys)
            : new ValueKeyMapBuilder<T>(row, column, maximumNumberOfKeys);
}

internal abstract class KeyMapBuilder<T> : KeyMapBuilder
{
    private readonly int _maximumNumberOfKeys;
    private readonly ValueGetter<T> _getScalar;
    private readonly ValueGetter<VBuffer<T>> _getVector;
    private T _scalar;
    private VBuffer<T> _vector;
    private bool _addedImplied;

    private protected KeyMapBuilder(DataViewRow row, DataViewSchema.Column column, int maximumNumberOfKeys)
    {
        _maximumNumberOfKeys = maximumNumberOfKeys;
        if (column.Type is VectorDataViewType)
            _getVector = row.GetGetter<VBuffer<T>>(column);
        else
            _getScalar = row.GetGetter<T>(column);
    }

    private protected abstract int Count { get; }

    private protected abstract void Add(in T value);

    internal override bool AddRow()
    {
        if (Count >= _maximumNumberOfKeys)
            return false;
        if (_getScalar is not null)
        {
            _getScalar(ref _scalar);
            Add(in _scalar);
        }
        else
        {
            _getVector(ref _vector);
            AddVector();
        }
        return Count < _maximumNumberOfKeys;
    }

    // The zero that sparse vectors imply counts as seen where the first of them implies it first.
    private void AddVector()
    {
        var values = _vector.GetValues();
        var slots = _vector.GetIndices();
        for (var i = 0; i < values.Length && Count < _maximumNumberOfKeys; i++)
        {
            if (!_vector.IsDense && slots[i] > i)
                AddImplied();
            if (Count < _maximumNumberOfKeys)
                Add(in values[i]);
        }
        if (!_vector.IsDense && Count < _maximumNumberOfKeys)
            AddImplied();
    }

    private void AddImplied()
    {
        if (_addedImplied)
            return;
        _addedImplied = true;
        Add(default);
    }
}

internal sealed class TextKeyMapBuilder(DataViewRow row, DataViewSchema.Column column, int maximumNumberOfKeys)
    : KeyMapBuilder<ReadOnlyMemory<char>>(row, column, maximumNumberOfKeys)
{
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly List<string> _texts = [];

    private protected override int Count => _texts.Count;

    private protected override void Add(in ReadOnlyMemory<char> value)
    {
        if (value.IsEmpty || _seen.GetAlternateLookup<ReadOnlySpan<char>>().Contains(value.Span))
            return;
        var text = value.ToString();
        _seen.Add(text);
        _texts.Add(text);
    }

    internal override KeyMap Build(ValueToKeyMappingEstimator.KeyOrdinality ordinality)
    {
        var texts = _texts.ToArray();
        if (ordinality == ValueToKeyMappingEstimator.KeyOrdinality.ByValue)
            Array.Sort(texts, StringComparer.Ordinal);
        return new TextKeyMap(Array.ConvertAll(texts, text => text.AsMemory()));
    }
}

internal sealed class ValueKeyMapBuilder<T>(DataViewRow row, DataViewSchema.Column column, int maximumNumberOfKeys)
    : KeyMapBuilder<T>(row, column, maximumNumberOfKeys)
{
    private readonly PrimitiveDataViewType _itemType = column.Type.GetItemType();
    private readonly Func<T, bool> _isMissing = MissingTest(column.Type.GetItemType());
    private readonly HashSet<T> _seen = [];
    private readonly List<T> _values = [];

    private protected override int Count => _values.Count;

    private protected override void Add(in T value)
    {
        if (!_isMissing(value) && _seen.Add(value))
            _values.Add(value);
    }

    internal override KeyMap Build(ValueToKeyMappingEstimator.KeyOrdinality ordinality)
    {
        if (ordinality == ValueToKeyMappingEstimator.KeyOrdinality.ByValue)
            _values.Sort();
        return KeyMap<T>.Create(_itemType, [.. _values]);
    }

    // Only reals and keys have a missing value among their values.
    private static Func<T, bool> MissingTest(PrimitiveDataViewType itemType) =>
        typeof(T) == typeof(float) ? (Func<T, bool>)(object)(Func<float, bool>)float.IsNaN
        : typeof(T) == typeof(double) ? (Func<T, bool>)(object)(Func<double, bool>)double.IsNaN
        : itemType is KeyDataViewType ? value => EqualityComparer<T>.Default.Equals(value, default)
        : _ => false;
}
