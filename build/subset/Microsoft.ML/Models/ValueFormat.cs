using Microsoft.ML.Data;

namespace Microsoft.ML;

/// <summary>The values of one primitive type as a model file holds them, alone or in vectors.</summary>
internal abstract class ValueFormat
{
    // A format's place in this list stands for its type in files: append, never reorder.
    private static readonly ValueFormat[] _formats =
    [
        Create<float>(NumberDataViewType.Single, (w, v) => w.Write(v), r => r.ReadSingle()),
        Create<double>(NumberDataViewType.Double, (w, v) => w.Write(v), r => r.ReadDouble()),
        Create<sbyte>(NumberDataViewType.SByte, (w, v) => w.Write(v), r => r.ReadSByte()),
        Create<short>(NumberDataViewType.Int16, (w, v) => w.Write(v), r => r.ReadInt16()),
        Create<int>(NumberDataViewType.Int32, (w, v) => w.Write(v), r => r.ReadInt32()),
        Create<long>(NumberDataViewType.Int64, (w, v) => w.Write(v), r => r.ReadInt64()),
        Create<byte>(NumberDataViewType.Byte, (w, v) => w.Write(v), r => r.ReadByte()),
        Create<ushort>(NumberDataViewType.UInt16, (w, v) => w.Write(v), r => r.ReadUInt16()),
        Create<uint>(NumberDataViewType.UInt32, (w, v) => w.Write(v), r => r.ReadUInt32()),
        Create<ulong>(NumberDataViewType.UInt64, (w, v) => w.Write(v), r => r.ReadUInt64()),
        Create<bool>(BooleanDataViewType.Instance, (w, v) => w.Write(v), r => r.ReadBoolean()),
        Create<ReadOnlyMemory<char>>(TextDataViewType.Instance, (w, v) => w.Write(v.ToString()), r => r.ReadString().AsMemory()),
        Create<DateTime>(DateTimeDataViewType.Instance, (w, v) => w.Write(v.ToBinary()), r => DateTime.FromBinary(r.ReadInt64())),
        Create<TimeSpan>(TimeSpanDataViewType.Instance, (w, v) => w.Write(v.Ticks), r => new TimeSpan(r.ReadInt64())),
        Create<DateTimeOffset>(DateTimeOffsetDataViewType.Instance,
            (w, v) => { w.Write(v.Ticks); w.Write(v.Offset.Ticks); }, r => new DateTimeOffset(r.ReadInt64(), new TimeSpan(r.ReadInt64()))),
        Create<DataViewRowId>(RowIdDataViewType.Instance,
            (w, v) => { w.Write(v.Low); w.Write(v.High); }, r => new DataViewRowId(r.ReadUInt64(), r.ReadUInt64())),
    ];

    private protected ValueFormat(PrimitiveDataViewType type) => Type = type;

    internal PrimitiveDataViewType Type { get; }

    internal static bool TryIndexOf(Type rawType, out int index)
    {
        index = Array.FindIndex(_formats, format => format.Type.RawType == rawType);
        return index >= 0;
    }

    internal static ValueFormat At(int index) => index < _formats.Length
        ? _formats[index]
        : throw new FormatException($"Corrupt model file: {index} stands for no type");

    /// <summary>The format of a type's values, or of their items.</summary>
    internal static ValueFormat Of(DataViewType type)
    {
        TryIndexOf(type.GetItemType().RawType, out var index);
        return _formats[index];
    }

    internal abstract void Write(BinaryWriter writer, DataViewSchema.Annotations annotations, DataViewSchema.Column column);

    /// <summary>Reads a value and gives a getter of it, as annotations are made of getters.</summary>
    internal abstract Delegate Read(BinaryReader reader, DataViewType type);

    private static ValueFormat Create<T>(PrimitiveDataViewType type, Action<BinaryWriter, T> write, Func<BinaryReader, T> read) =>
        new ValueFormat<T>(type, write, read);
}

internal sealed class ValueFormat<T>(PrimitiveDataViewType type, Action<BinaryWriter, T> write, Func<BinaryReader, T> read)
    : ValueFormat(type)
{
    internal override void Write(BinaryWriter writer, DataViewSchema.Annotations annotations, DataViewSchema.Column column)
    {
        if (column.Type is not VectorDataViewType)
        {
            var value = default(T);
            annotations.GetGetter<T>(column)(ref value);
            write(writer, value);
            return;
        }
        var vector = default(VBuffer<T>);
        annotations.GetGetter<VBuffer<T>>(column)(ref vector);
        writer.Write(vector.Length);
        foreach (var value in vector.DenseValues()) write(writer, value);
    }

    internal override Delegate Read(BinaryReader reader, DataViewType type)
    {
        if (type is not VectorDataViewType)
        {
            var value = read(reader);
            return (ValueGetter<T>)((ref T destination) => destination = value);
        }
        var length = reader.ReadInt32();
        if (length < 0 || length > reader.BaseStream.Length)
            throw new FormatException($"Corrupt model file: a vector of {length} values");
        var values = new T[length];
        for (var i = 0; i < length; i++) values[i] = read(reader);
        var vector = new VBuffer<T>(length, values);
        return (ValueGetter<VBuffer<T>>)((ref VBuffer<T> destination) => vector.CopyTo(ref destination));
    }
}
