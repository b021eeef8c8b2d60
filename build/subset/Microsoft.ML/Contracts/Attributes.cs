namespace Microsoft.ML.Data;

[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property)]
public sealed class ColumnNameAttribute(string name) : Attribute
{
    internal string Name { get; } = name;
}

[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property)]
public sealed class NoColumnAttribute : Attribute
{
}

[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property)]
public sealed class VectorTypeAttribute : Attribute
{
    /// <summary>The vector's dimensions, null where its size is not known.</summary>
    internal int[] Dims { get; }

    public VectorTypeAttribute()
    {
    }

    public VectorTypeAttribute(int size) => Dims = [NonNegative(size)];

    public VectorTypeAttribute(params int[] dimensions) => Dims = Array.ConvertAll(dimensions, NonNegative);

    private static int NonNegative(int length)
        => length >= 0 ? length : throw new ArgumentOutOfRangeException(nameof(length), length, "A vector's dimension must be at least 0.");
}

[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property)]
public sealed class KeyTypeAttribute : Attribute
{
    internal KeyCount KeyCount { get; }

    public KeyTypeAttribute()
    {
    }

    public KeyTypeAttribute(ulong count) => KeyCount = new(count);
}

[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property)]
public sealed class LoadColumnAttribute : Attribute
{
    internal List<TextLoader.Range> Sources { get; } = [];

    public LoadColumnAttribute(int fieldIndex) => Sources.Add(new(fieldIndex));

    public LoadColumnAttribute(int start, int end) => Sources.Add(new(start, end));

    public LoadColumnAttribute(int[] columnIndexes) => Sources.AddRange(columnIndexes.Select(index => new TextLoader.Range(index)));
}

[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property)]
public sealed class LoadColumnNameAttribute : Attribute
{
    internal string[] Names { get; }

    public LoadColumnNameAttribute(string fieldName) => Names = [fieldName];

    public LoadColumnNameAttribute(params string[] fieldNames) => Names = fieldNames;
}
