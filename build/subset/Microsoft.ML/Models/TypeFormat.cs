using Microsoft.ML.Data;

namespace Microsoft.ML;

/// <summary>The type of a column as a model file holds it.</summary>
internal static class TypeFormat
{
    private const byte Primitive = 0;
    private const byte Key = 1;
    private const byte Vector = 2;

    internal static bool CanWrite(DataViewType type) => type switch
    {
        VectorDataViewType vector => CanWrite(vector.ItemType),
        KeyDataViewType => true,
        _ => ValueFormat.TryIndexOf(type.RawType, out var index) && type.Equals(ValueFormat.At(index).Type),
    };

    internal static void Write(BinaryWriter writer, DataViewType type)
    {
        switch (type)
        {
            case VectorDataViewType vector:
                writer.Write(Vector);
                Write(writer, vector.ItemType);
                writer.Write((byte)vector.Dimensions.Length);
                foreach (var length in vector.Dimensions) writer.Write(length);
                break;
            case KeyDataViewType key:
                writer.Write(Key);
                WriteIndex(writer, key);
                writer.Write(key.Count);
                break;
            default:
                writer.Write(Primitive);
                WriteIndex(writer, type);
                break;
        }
    }

    internal static DataViewType Read(BinaryReader reader)
    {
        switch (reader.ReadByte())
        {
            case Primitive:
                return ValueFormat.At(reader.ReadByte()).Type;
            case Key:
                return new KeyDataViewType(ValueFormat.At(reader.ReadByte()).Type.RawType, reader.ReadUInt64());
            case Vector:
                var itemType = Read(reader) as PrimitiveDataViewType
                    ?? throw new FormatException("Corrupt model file: a vector of vectors");
                var dimensions = new int[reader.ReadByte()];
                for (var i = 0; i < dimensions.Length; i++) dimensions[i] = reader.ReadInt32();
                return new VectorDataViewType(itemType, dimensions);
            case var other:
                throw new FormatException($"Corrupt model file: {other} stands for no kind of type");
        }
    }

    private static void WriteIndex(BinaryWriter writer, DataViewType type)
    {
        ValueFormat.TryIndexOf(type.RawType, out var index);
        writer.Write((byte)index);
    }
}
