using System.Numerics;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

internal static class RowFilters
{
    /// <summary>The rows without a missing value in any of the columns.</summary>
    internal static IDataView WithoutMissing(IDataView input, string[] columns)
    {
        var indices = Array.ConvertAll(columns, name => Checked(input.Schema, name).Index);
        return new FilterView(input, indices, row =>
        {
            var tests = Array.ConvertAll(indices, index => IsMissing(row, row.Schema[index]));
            return () => Array.TrueForAll(tests, isMissing => !isMissing());
        });
    }

    /// <summary>The rows whose number in a column is in [lower, upper).</summary>
    internal static IDataView InRange(IDataView input, string columnName, double lower, double upper)
    {
        var column = input.Schema[columnName];
        if (column.Type is not NumberDataViewType)
            throw Contracts.ExceptSchemaMismatch(nameof(columnName), "filter", columnName, "number", column.Type.ToString());
        if (column.Type.RawType != typeof(float) && column.Type.RawType != typeof(double))
            throw Contracts.ExceptParam(nameof(columnName), $"Column '{columnName}' must be Single or Double. Received: {column.Type}.");
        return new FilterView(input, [column.Index], row =>
        {
            var number = AsDouble(row, column);
            return () => number() is var value && lower <= value && value < upper;
        });
    }

    private static DataViewSchema.Column Checked(DataViewSchema schema, string name)
    {
        var column = schema.GetColumnOrNull(name) ?? throw Contracts.ExceptSchemaMismatch("inputSchema", "source", name);
        var itemType = column.Type.GetItemType();
        if (itemType is not KeyDataViewType && itemType.RawType != typeof(float) && itemType.RawType != typeof(double))
            throw Contracts.ExceptParam("columns",
                $"Column '{name}' has type {column.Type} which does not support missing values, so we cannot filter on them");
        return column;
    }

    private static Func<bool> IsMissing(DataViewRow row, DataViewSchema.Column column)
    {
        var itemType = column.Type.GetItemType();
        if (itemType.RawType == typeof(float))
            return Any<float>(row, column, float.IsNaN);
        if (itemType.RawType == typeof(double))
            return Any<double>(row, column, double.IsNaN);
        return Generic.Call(AnyZero<uint>, itemType.RawType, row, column);
    }

    // The missing key is 0, which is also what a sparse vector leaves out.
    private static Func<bool> AnyZero<T>(DataViewRow row, DataViewSchema.Column column) where T : struct, INumber<T>
        => Any<T>(row, column, T.IsZero);

    private static Func<bool> Any<T>(DataViewRow row, DataViewSchema.Column column, Predicate<T> isMissing)
    {
        if (column.Type is not VectorDataViewType)
        {
            var getter = row.GetGetter<T>(column);
            var value = default(T);
            return () =>
            {
                getter(ref value);
                return isMissing(value);
            };
        }
        var vectorGetter = row.GetGetter<VBuffer<T>>(column);
        var vector = default(VBuffer<T>);
        var isDefaultMissing = isMissing(default);
        return () =>
        {
            vectorGetter(ref vector);
            if (isDefaultMissing && !vector.IsDense)
                return true;
            foreach (var value in vector.GetValues())
            {
                if (isMissing(value))
                    return true;
            }
            return false;
        };
    }

    private static Func<double> AsDouble(DataViewRow row, DataViewSchema.Column column)
        => Generic.Call(AsDouble<int>, column.Type.RawType, row, column);

    private static Func<double> AsDouble<T>(DataViewRow row, DataViewSchema.Column column) where T : struct, INumber<T>
    {
        var getter = row.GetGetter<T>(column);
        var value = default(T);
        return () =>
        {
            getter(ref value);
            return double.CreateChecked(value);
        };
    }
}
