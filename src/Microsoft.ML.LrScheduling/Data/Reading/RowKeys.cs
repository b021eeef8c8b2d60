using System.Reflection;

namespace Microsoft.ML.LrScheduling.Data;

/// <summary>The values of a column of any type as keys: equal values are equal keys.</summary>
internal static class RowKeys
{
    private static readonly MethodInfo Generic =
        typeof(RowKeys).GetMethod(nameof(GetterOf), BindingFlags.Static | BindingFlags.NonPublic)!;

    /// <summary>What gives the value of a row.</summary>
    /// <param name="row">The row, or the cursor on it.</param>
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
            // The memory of a text is used again for the next row's.
            return value is ReadOnlyMemory<char> text ? text.ToString() : value;
        };
    }
}
