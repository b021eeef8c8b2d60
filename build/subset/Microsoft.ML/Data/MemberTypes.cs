using System.Reflection;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>One column of a view over objects, and the member that holds it.</summary>
internal sealed record MemberColumn(MemberInfo Member, DataViewSchema.DetachedColumn Column);

/// <summary>Which column types the members of user types stand for.</summary>
internal static class MemberTypes
{
    internal static Type TypeOf(MemberInfo member) => member is FieldInfo field ? field.FieldType : ((PropertyInfo)member).PropertyType;

    internal static DataViewType ColumnType(MemberInfo member)
    {
        var itemType = ItemType(member, out var isVector);
        if (member.GetCustomAttribute<KeyTypeAttribute>() is { } key)
            itemType = KeyType(member, itemType.RawType, key);
        var vector = member.GetCustomAttribute<VectorTypeAttribute>();
        Contracts.CheckParam(vector is null || isVector, "userType",
            $"Member {member.Name} marked with {nameof(VectorTypeAttribute)}, but does not appear to be a vector type");
        return !isVector ? itemType
            : vector?.Dims is { Length: > 0 } dimensions ? new VectorDataViewType(itemType, dimensions)
            : new VectorDataViewType(itemType);
    }

    /// <summary>The columns of a type, each checked against the member that it names.</summary>
    internal static MemberColumn[] Columns(Type userType, SchemaDefinition definition)
        => [.. definition.Select(column => Bind(userType, column))];

    internal static bool CanHold(MemberInfo member, DataViewType columnType)
    {
        var itemType = ItemType(member, out var isVector);
        return isVector == columnType is VectorDataViewType && columnType.GetItemType().RawType == itemType.RawType;
    }

    internal static Delegate AnnotationGetter<T>(T value, DataViewType type) => (value, type) switch
    {
        (string text, TextDataViewType) => ScalarGetter(text.AsMemory()),
        (string[] texts, VectorDataViewType { ItemType: TextDataViewType })
            => VectorGetter<ReadOnlyMemory<char>>(Array.ConvertAll(texts, text => text.AsMemory())),
        (Array array, VectorDataViewType vector) => Generic.Call(VectorGetter<int>, vector.ItemType.RawType, array),
        _ => ScalarGetter(value),
    };

    private static Delegate ScalarGetter<T>(T value) => (ValueGetter<T>)((ref T destination) => destination = value);

    private static Delegate VectorGetter<T>(Array array)
    {
        var buffer = new VBuffer<T>(array.Length, (T[])array);
        return (ValueGetter<VBuffer<T>>)((ref VBuffer<T> destination) => buffer.CopyTo(ref destination));
    }

    private static MemberColumn Bind(Type userType, SchemaDefinition.Column column)
    {
        var member = userType.GetField(column.MemberName) ?? (MemberInfo)userType.GetProperty(column.MemberName)
            ?? throw Contracts.ExceptParam("userSchemaDefinition",
                $"No field or property with name '{column.MemberName}' found in type '{userType.FullName}'");
        var name = string.IsNullOrEmpty(column.ColumnName) ? column.MemberName : column.ColumnName;
        var itemType = ItemType(member, out var isVector);
        var type = column.ColumnType ?? (isVector ? new VectorDataViewType(itemType) : itemType);
        Contracts.CheckParam(isVector == type is VectorDataViewType, "userSchemaDefinition",
            $"Column '{name}' is supposed to be {Shape(!isVector)}, but type of associated field '{member.Name}' is {Shape(isVector)}");
        Contracts.CheckParam(type.GetItemType().RawType == itemType.RawType, "userSchemaDefinition",
            $"Column '{name}' is supposed to have item type {type.GetItemType().RawType}, "
            + $"but associated field has type {itemType.RawType}");
        return new(member, new(name, type, column.Annotations));
    }

    private static string Shape(bool isVector) => isVector ? "vector" : "scalar";

    private static PrimitiveDataViewType ItemType(MemberInfo member, out bool isVector)
    {
        var type = TypeOf(member);
        isVector = type.IsArray || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(VBuffer<>));
        var itemType = type.IsArray ? type.GetElementType() : isVector ? type.GetGenericArguments()[0] : type;
        return TypeExtensions.PrimitiveOrNull(itemType)
            ?? throw Contracts.ExceptParam("rawType", $"Could not determine an IDataView type for member {member.Name}");
    }

    private static KeyDataViewType KeyType(MemberInfo member, Type type, KeyTypeAttribute attribute)
    {
        Contracts.CheckParam(KeyDataViewType.IsValidDataType(type), "userType",
            $"Member {member.Name} marked with KeyType attribute, but does not appear to be a valid kind of data for a key type");
        return new(type, attribute.KeyCount?.Count ?? KeyDataViewType.Largest(type));
    }
}
