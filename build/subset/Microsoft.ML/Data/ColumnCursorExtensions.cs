using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

public static class ColumnCursorExtensions
{
    public static IEnumerable<T> GetColumn<T>(this IDataView data, string columnName)
    {
        Contracts.CheckValue(data, nameof(data));
        return data.GetColumn<T>(data.Schema[columnName]);
    }

    public static IEnumerable<T> GetColumn<T>(this IDataView data, DataViewSchema.Column column)
    {
        Contracts.CheckValue(data, nameof(data));
        var type = column.Type;
        var own = column.Index < data.Schema.Count ? data.Schema[column.Index] : default;
        Contracts.CheckParam(own.Name == column.Name && own.Type == type, nameof(column),
            $"column with name {column.Name}, type {type}, and index {column.Index} cannot be found in {nameof(data)}");
        if (type.RawType == typeof(T))
            return Read<T, T>(data, column, value => value);
        if (typeof(T) == typeof(string) && type is TextDataViewType)
            return (IEnumerable<T>)Read<ReadOnlyMemory<char>, string>(data, column, text => text.ToString());
        if (typeof(T) == typeof(string[]) && type is VectorDataViewType { ItemType: TextDataViewType })
            return (IEnumerable<T>)Read<VBuffer<ReadOnlyMemory<char>>, string[]>(data, column, texts => texts.ToStrings());
        if (type is VectorDataViewType vector && typeof(T) == vector.ItemType.RawType.MakeArrayType())
            return (IEnumerable<T>)Generic.Call(Arrays<int>, vector.ItemType.RawType, data, column);
        throw Contracts.ExceptParam(nameof(column), $"Column '{column.Name}' of type {type} cannot be read as {typeof(T)}.");
    }

    private static object Arrays<T>(IDataView data, DataViewSchema.Column column) => Read<VBuffer<T>, T[]>(data, column, buffer =>
    {
        var array = new T[buffer.Length];
        buffer.CopyTo(array);
        return array;
    });

    private static IEnumerable<TTo> Read<TFrom, TTo>(IDataView data, DataViewSchema.Column column, Func<TFrom, TTo> convert)
    {
        using var cursor = data.GetRowCursor([column]);
        var getter = cursor.GetGetter<TFrom>(column);
        // One value for all rows: a vector that is kept beyond its row has to be copied.
        var value = default(TFrom);
        while (cursor.MoveNext())
        {
            getter(ref value);
            yield return convert(value);
        }
    }
}
