using System.Reflection;

namespace Microsoft.ML.LrScheduling.Data;

/// <summary>Reads the values of a column of any type as keys. Equal values give equal keys.</summary>
internal static class RowKeys
{
    private static readonly MethodInfo Generic =
        typeof(RowKeys).GetMethod(nameof(GetterOf), BindingFlags.Static | BindingFlags.NonPublic)!;

    /// <summary>Returns a function that reads the value of the current row.</summary>
    /// <param name="row">The cursor.</param>
    /// <param name="column">The column, of a single value.</param>
    public static Func<object?> Getter(DataViewRow row, DataViewSchema.Column column) =>
        Generic.MakeGenericMethod(column.Type.RawType).Invoke(null, [row, column]) as Func<object?>
            ?? throw new InvalidOperationException($"Column '{column.Name}' has no values.");

    private static Func<object?> GetterOf<T>(DataViewRow row, DataViewSchema.Column column)
    {
        var getValue = row.GetGetter<T>(column);
        var value = default(T)!;
        return () =>
        {
            getValue(ref value);
            // The text is copied, because its memory is reused for the next row.
            return value is ReadOnlyMemory<char> text ? text.ToString() : value;
        };
    }
}
