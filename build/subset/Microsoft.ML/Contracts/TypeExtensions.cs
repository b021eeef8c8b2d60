namespace Microsoft.ML.Data;

internal static class TypeExtensions
{
    /// <summary>The type of a vector's slots, or the type itself.</summary>
    internal static PrimitiveDataViewType GetItemType(this DataViewType type) => type switch
    {
        VectorDataViewType vector => vector.ItemType,
        PrimitiveDataViewType primitive => primitive,
        _ => throw new NotSupportedException($"A column of type {type} is read by the package Microsoft.ML alone."),
    };

    internal static bool IsKey(this DataViewType type) => type is KeyDataViewType;

    /// <summary>How many values a value of the type holds: a vector's size (0 where unknown), 1 for anything else.</summary>
    internal static int GetValueCount(this DataViewType type) => type is VectorDataViewType vector ? vector.Size : 1;

    /// <summary>The type that a plain .NET type is read as, or null.</summary>
    internal static PrimitiveDataViewType PrimitiveOrNull(Type type)
        => type == typeof(string) || type == typeof(ReadOnlyMemory<char>) ? TextDataViewType.Instance
        : type == typeof(bool) ? BooleanDataViewType.Instance
        : type == typeof(DateTime) ? DateTimeDataViewType.Instance
        : type == typeof(DateTimeOffset) ? DateTimeOffsetDataViewType.Instance
        : type == typeof(TimeSpan) ? TimeSpanDataViewType.Instance
        : type == typeof(DataViewRowId) ? RowIdDataViewType.Instance
        : NumberDataViewType.FromType(type);

    internal static string[] ToStrings(this VBuffer<ReadOnlyMemory<char>> texts)
        => [.. texts.DenseValues().Select(text => text.ToString())];

    internal static DataViewSchema.Column ColumnOrThrow(this DataViewSchema schema, string name, string paramName)
        => schema.GetColumnOrNull(name) ?? throw new ArgumentOutOfRangeException(paramName, $"Column '{name}' not found");
}
