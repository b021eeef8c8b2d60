using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>The object that a row's values are read from at the moment.</summary>
internal sealed class Current<TRow> where TRow : class
{
    private TRow _value;

    internal TRow Value
    {
        get => _value ?? throw Contracts.ExceptNotOnRow();
        set => _value = value;
    }

    internal void Clear() => _value = null;
}

/// <summary>Reads the columns of a user type from its members.</summary>
internal sealed class ObjectReader<TRow> where TRow : class
{
    private readonly MemberColumn[] _columns;

    internal DataViewSchema Schema { get; }

    internal ObjectReader(SchemaDefinition definition)
    {
        _columns = MemberTypes.Columns(typeof(TRow), definition ?? SchemaDefinition.Create(typeof(TRow), SchemaDefinition.Direction.Read));
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(_columns.Select(column => column.Column));
        Schema = builder.ToSchema();
    }

    internal Delegate CreateGetter(int index, Current<TRow> current)
    {
        var (member, column) = _columns[index];
        var memberType = MemberTypes.TypeOf(member);
        if (memberType == typeof(string))
        {
            var peek = Accessors.Reader<TRow, string>(member);
            return (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = peek(current.Value).AsMemory());
        }
        if (memberType == typeof(string[]))
            return Texts(Accessors.Reader<TRow, string[]>(member), current);
        if (memberType.IsArray)
            return Generic.Call(Array<int>, memberType.GetElementType(), member, current);
        if (column.Type is VectorDataViewType vector)
            return Generic.Call(Buffer<int>, vector.ItemType.RawType, member, current);
        if (column.Type is KeyDataViewType key)
            return Key(member, key, current);
        return Generic.Call(Scalar<int>, memberType, member, current);
    }

    private static Delegate Scalar<T>(System.Reflection.MemberInfo member, Current<TRow> current)
    {
        var peek = Accessors.Reader<TRow, T>(member);
        return (ValueGetter<T>)((ref T value) => value = peek(current.Value));
    }

    private static Delegate Array<T>(System.Reflection.MemberInfo member, Current<TRow> current)
    {
        var peek = Accessors.Reader<TRow, T[]>(member);
        return (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) =>
        {
            var array = peek(current.Value) ?? [];
            var editor = VBufferEditor.Create(ref value, array.Length);
            array.AsSpan().CopyTo(editor.Values);
            value = editor.Commit();
        });
    }

    private static Delegate Buffer<T>(System.Reflection.MemberInfo member, Current<TRow> current)
    {
        var peek = Accessors.Reader<TRow, VBuffer<T>>(member);
        return (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) => peek(current.Value).CopyTo(ref value));
    }

    private static Delegate Texts(Func<TRow, string[]> peek, Current<TRow> current)
        => (ValueGetter<VBuffer<ReadOnlyMemory<char>>>)((ref VBuffer<ReadOnlyMemory<char>> value) =>
        {
            var texts = peek(current.Value) ?? [];
            var editor = VBufferEditor.Create(ref value, texts.Length);
            for (var i = 0; i < texts.Length; i++)
                editor.Values[i] = texts[i].AsMemory();
            value = editor.Commit();
        });

    // Objects hold categories from 0, columns from 1 because their 0 is the missing one; what is out of range is missing.
    private static Delegate Key(System.Reflection.MemberInfo member, KeyDataViewType type, Current<TRow> current)
    {
        var count = type.Count;
        return Type.GetTypeCode(type.RawType) switch
        {
            TypeCode.Byte => Keys(Accessors.Reader<TRow, byte>(member), key => key < count ? (byte)(key + 1) : (byte)0, current),
            TypeCode.UInt16 => Keys(Accessors.Reader<TRow, ushort>(member), key => key < count ? (ushort)(key + 1) : (ushort)0, current),
            TypeCode.UInt32 => Keys(Accessors.Reader<TRow, uint>(member), key => key < count ? key + 1 : 0, current),
            _ => Keys(Accessors.Reader<TRow, ulong>(member), key => key < count ? key + 1 : 0, current),
        };
    }

    private static Delegate Keys<T>(Func<TRow, T> peek, Func<T, T> stored, Current<TRow> current)
        => (ValueGetter<T>)((ref T value) => value = stored(peek(current.Value)));
}

/// <summary>A row over whichever object it was given last.</summary>
internal sealed class ObjectRow<TRow>(ObjectReader<TRow> reader) : DataViewRow where TRow : class
{
    private readonly Current<TRow> _current = new();
    private readonly Delegate[] _getters = new Delegate[reader.Schema.Count];
    private long _position = -1;

    public override DataViewSchema Schema => reader.Schema;

    public override long Position => _position;

    public override long Batch => 0;

    internal void Set(TRow row)
    {
        _current.Value = row;
        // A new position tells whoever caches by position that the values have changed.
        _position++;
    }

    public override bool IsColumnActive(DataViewSchema.Column column) => true;

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        => Getters.Typed<TValue>(_getters[column.Index] ??= reader.CreateGetter(column.Index, _current), column.Type);

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) => value = new((ulong)_position, 0);
}
