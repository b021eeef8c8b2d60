using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

/// <summary>Gives each of the values that a column was seen to have its own key.</summary>
internal abstract class KeyMap
{
    private protected KeyMap(PrimitiveDataViewType itemType, int count)
    {
        ItemType = itemType;
        Count = count;
        // A key type needs at least one key, also where no value was seen.
        KeyType = new KeyDataViewType(typeof(uint), Math.Max(1, count));
    }

    /// <summary>The type of the values.</summary>
    internal PrimitiveDataViewType ItemType { get; }

    internal int Count { get; }

    internal KeyDataViewType KeyType { get; }

    internal abstract Delegate CreateGetter(DataViewRow row, DataViewSchema.Column column);

    /// <summary>Annotates a key column with the values that its keys stand for.</summary>
    internal abstract void AddKeyValues(DataViewSchema.Annotations.Builder annotations, DataViewSchema.Column source, bool asText);

    internal abstract void Save(BinaryWriter writer);

    internal static KeyMap Load(BinaryReader reader)
    {
        var itemType = TypeFormat.Read(reader) as PrimitiveDataViewType
            ?? throw new InvalidDataException("Corrupt model file: keys of vectors");
        return Generic.Call(Load<int>, itemType.RawType, reader, itemType);
    }

    private static KeyMap Load<T>(BinaryReader reader, PrimitiveDataViewType itemType)
    {
        var getter = (ValueGetter<VBuffer<T>>)ValueFormat.Of(itemType).Read(reader, new VectorDataViewType(itemType));
        var values = default(VBuffer<T>);
        getter(ref values);
        return KeyMap<T>.Create(itemType, values.GetValues().ToArray());
    }
}

internal abstract class KeyMap<T> : KeyMap
{
    private readonly T[] _values;

    private protected KeyMap(PrimitiveDataViewType itemType, T[] values) : base(itemType, values.Length) => _values = values;

    /// <summary>The key of a value, or 0 for one that has none.</summary>
    internal abstract uint Key(in T value);

    internal static KeyMap<T> Create(PrimitiveDataViewType itemType, T[] values) =>
        typeof(T) == typeof(ReadOnlyMemory<char>)
            ? (KeyMap<T>)(object)new TextKeyMap((ReadOnlyMemory<char>[])(object)values)
            : new ValueKeyMap<T>(itemType, values);

    internal override Delegate CreateGetter(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type is VectorDataViewType)
            return VectorGetter(row.GetGetter<VBuffer<T>>(column), column);
        var source = row.GetGetter<T>(column);
        var input = default(T);
        return new ValueGetter<uint>((ref value) =>
        {
            source(ref input);
            value = Key(in input);
        });
    }

    private ValueGetter<VBuffer<uint>> VectorGetter(ValueGetter<VBuffer<T>> source, DataViewSchema.Column column)
    {
        var size = column.Type.GetValueCount();
        var implied = Key(default);
        var input = default(VBuffer<T>);
        return (ref value) =>
        {
            source(ref input);
            if (size != 0 && input.Length != size)
                throw new InvalidOperationException($"Column '{column.Name}': TermTransform expects {size} slots, but got {input.Length}");
            var values = input.GetValues();
            var slots = input.GetIndices();
            var sparse = !input.IsDense && implied == 0;
            var editor = VBufferEditor.Create(ref value, input.Length, sparse ? values.Length : input.Length);
            if (sparse)
                slots.CopyTo(editor.Indices);
            else if (!input.IsDense)
                editor.Values.Fill(implied);
            for (var i = 0; i < values.Length; i++)
                editor.Values[sparse || input.IsDense ? i : slots[i]] = Key(in values[i]);
            value = editor.Commit();
        };
    }

    internal override void AddKeyValues(DataViewSchema.Annotations.Builder annotations, DataViewSchema.Column source, bool asText)
    {
        if (Count == 0)
            return;
        // The keys of keys stand for what those keys stand for.
        if (ItemType is KeyDataViewType keys
            && source.Annotations.Schema.GetColumnOrNull(AnnotationKinds.KeyValues)?.Type is VectorDataViewType known
            && (ulong)known.Size == keys.Count)
        {
            var indices = Array.ConvertAll(_values, value => Convert.ToInt32(value) - 1);
            Generic.Call(AddSelected<int>, known.ItemType.RawType, annotations, source, (known.ItemType, indices, asText));
            return;
        }
        Add(annotations, ItemType is KeyDataViewType key ? NumberDataViewType.FromType(key.RawType) : ItemType, _values, asText);
    }

    private static bool AddSelected<TValue>(DataViewSchema.Annotations.Builder annotations, DataViewSchema.Column source,
        (PrimitiveDataViewType ItemType, int[] Indices, bool AsText) selection)
    {
        var values = default(VBuffer<TValue>);
        source.GetKeyValues(ref values);
        KeyMap<TValue>.Add(annotations, selection.ItemType, Array.ConvertAll(selection.Indices, index => values.GetItemOrDefault(index)),
            selection.AsText);
        return true;
    }

    private static void Add(DataViewSchema.Annotations.Builder annotations, PrimitiveDataViewType itemType, T[] values, bool asText)
    {
        if (asText && itemType is not TextDataViewType)
            annotations.AddKeyValues(TextDataViewType.Instance, Array.ConvertAll(values, value => ValueText.Of(value).AsMemory()));
        else
            annotations.AddKeyValues(itemType, values);
    }

    internal override void Save(BinaryWriter writer)
    {
        TypeFormat.Write(writer, ItemType);
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.AddKeyValues(ItemType, _values);
        var holder = annotations.ToAnnotations();
        ValueFormat.Of(ItemType).Write(writer, holder, holder.Schema[0]);
    }
}

/// <summary>The keys of texts, found without a string for the text that is looked up.</summary>
internal sealed class TextKeyMap : KeyMap<ReadOnlyMemory<char>>
{
    private readonly Dictionary<string, uint>.AlternateLookup<ReadOnlySpan<char>> _keys;

    internal TextKeyMap(ReadOnlyMemory<char>[] values) : base(TextDataViewType.Instance, values)
    {
        var keys = new Dictionary<string, uint>(values.Length, StringComparer.Ordinal);
        foreach (var value in values)
            keys.Add(value.ToString(), (uint)keys.Count + 1);
        _keys = keys.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    internal override uint Key(in ReadOnlyMemory<char> value) => _keys.TryGetValue(value.Span, out var key) ? key : 0;
}

internal sealed class ValueKeyMap<T> : KeyMap<T>
{
    private readonly Dictionary<T, uint> _keys = [];

    internal ValueKeyMap(PrimitiveDataViewType itemType, T[] values) : base(itemType, values)
    {
        foreach (var value in values)
            _keys.Add(value, (uint)_keys.Count + 1);
    }

    internal override uint Key(in T value) => _keys.TryGetValue(value, out var key) ? key : 0;
}
