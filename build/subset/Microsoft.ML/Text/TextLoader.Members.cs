using System.Reflection;

namespace Microsoft.ML.Data;

public sealed partial class TextLoader
{
    /// <summary>
    /// The columns that a class asks for: each public field or property says with <see cref="LoadColumnAttribute"/> where in the file it is.
    /// </summary>
    internal static Column[] ColumnsOf(Type type)
    {
        const BindingFlags Instance = BindingFlags.Public | BindingFlags.Instance;
        var properties = type.GetProperties(Instance)
            .Where(property => property.CanRead && property.GetGetMethod() is not null && property.GetIndexParameters().Length == 0);
        var members = type.GetFields(Instance).Concat<MemberInfo>(properties).ToArray();
        if (members.Length == 0)
            throw new ArgumentOutOfRangeException("TInput", "Should define at least one public, readable field or property in TInput.");
        return Array.ConvertAll(members, ColumnOf);
    }

    private static Column ColumnOf(MemberInfo member)
    {
        var (kindName, type) = member is FieldInfo field ? ("Field", field.FieldType) : ("Property", ((PropertyInfo)member).PropertyType);
        var place = member.GetCustomAttribute<LoadColumnAttribute>()
            ?? throw new InvalidOperationException($"{kindName} '{member.Name}' is missing the {nameof(LoadColumnAttribute)} attribute");
        var itemType = type.IsArray ? type.GetElementType() : type;
        if (!DataKinds.TryGet(itemType, out var kind))
            throw new InvalidOperationException($"{kindName} {member.Name} is of unsupported type.");
        return new Column
        {
            Name = member.GetCustomAttribute<ColumnNameAttribute>()?.Name ?? member.Name,
            DataKind = kind,
            Source = [.. place.Sources],
            // A key without a count is bounded by its type alone.
            KeyCount = member.GetCustomAttribute<KeyTypeAttribute>() is { } key ? key.KeyCount ?? new KeyCount() : null,
        };
    }
}
