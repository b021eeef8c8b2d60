namespace Microsoft.ML.Data;

public enum DataKind : byte
{
    SByte = 1,
    Byte = 2,
    Int16 = 3,
    UInt16 = 4,
    Int32 = 5,
    UInt32 = 6,
    Int64 = 7,
    UInt64 = 8,
    Single = 9,
    Double = 10,
    String = 11,
    Boolean = 12,
    TimeSpan = 13,
    DateTime = 14,
    DateTimeOffset = 15,
}

internal static class DataKinds
{
    /// <summary>The item type of a column of this kind: a key type when <paramref name="keyCount"/> is given.</summary>
    internal static PrimitiveDataViewType ItemType(this DataKind kind, KeyCount keyCount = null) =>
        keyCount is null ? kind.Primitive() : KeyType(kind, keyCount.Count);

    /// <summary>The kind whose values a field or property of the type <paramref name="type"/> can hold.</summary>
    internal static bool TryGet(Type type, out DataKind kind)
    {
        kind = type == typeof(string) || type == typeof(ReadOnlyMemory<char>) ? DataKind.String
            : type.IsEnum ? default
            : Type.GetTypeCode(type) switch
            {
                TypeCode.SByte => DataKind.SByte,
                TypeCode.Byte => DataKind.Byte,
                TypeCode.Int16 => DataKind.Int16,
                TypeCode.UInt16 => DataKind.UInt16,
                TypeCode.Int32 => DataKind.Int32,
                TypeCode.UInt32 => DataKind.UInt32,
                TypeCode.Int64 => DataKind.Int64,
                TypeCode.UInt64 => DataKind.UInt64,
                TypeCode.Single => DataKind.Single,
                TypeCode.Double => DataKind.Double,
                TypeCode.Boolean => DataKind.Boolean,
                TypeCode.DateTime => DataKind.DateTime,
                _ when type == typeof(TimeSpan) => DataKind.TimeSpan,
                _ when type == typeof(DateTimeOffset) => DataKind.DateTimeOffset,
                _ => default,
            };
        return kind != default;
    }

    private static PrimitiveDataViewType Primitive(this DataKind kind) => kind switch
    {
        DataKind.SByte => NumberDataViewType.SByte,
        DataKind.Byte => NumberDataViewType.Byte,
        DataKind.Int16 => NumberDataViewType.Int16,
        DataKind.UInt16 => NumberDataViewType.UInt16,
        DataKind.Int32 => NumberDataViewType.Int32,
        DataKind.UInt32 => NumberDataViewType.UInt32,
        DataKind.Int64 => NumberDataViewType.Int64,
        DataKind.UInt64 => NumberDataViewType.UInt64,
        DataKind.Single => NumberDataViewType.Single,
        DataKind.Double => NumberDataViewType.Double,
        DataKind.String => TextDataViewType.Instance,
        DataKind.Boolean => BooleanDataViewType.Instance,
        DataKind.TimeSpan => TimeSpanDataViewType.Instance,
        DataKind.DateTime => DateTimeDataViewType.Instance,
        DataKind.DateTimeOffset => DateTimeOffsetDataViewType.Instance,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Bad item type"),
    };

    private static KeyDataViewType KeyType(DataKind kind, ulong? count)
    {
        var (type, limit) = kind switch
        {
            DataKind.Byte => (typeof(byte), (ulong)byte.MaxValue),
            DataKind.UInt16 => (typeof(ushort), (ulong)ushort.MaxValue),
            DataKind.UInt32 => (typeof(uint), (ulong)uint.MaxValue),
            // The largest value of ulong itself would overflow when the missing value is counted in.
            DataKind.UInt64 => (typeof(ulong), ulong.MaxValue - 1),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "A key is of the kind Byte, UInt16, UInt32 or UInt64"),
        };
        return new KeyDataViewType(type, count ?? limit);
    }
}
