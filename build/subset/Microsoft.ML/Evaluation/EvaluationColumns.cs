using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Finds and reads the columns that an evaluation needs.</summary>
internal static class EvaluationColumns
{
    internal static DataViewSchema.Column Find(DataViewSchema schema, string name, string role) =>
        schema.GetColumnOrNull(name) ?? throw Contracts.ExceptParam(nameof(schema), $"{name} column '{role}' not found");

    internal static void CheckSingle(DataViewSchema.Column column, string role)
    {
        if (!column.Type.Equals(NumberDataViewType.Single))
            throw Mismatch(column, role, "Single");
    }

    internal static ArgumentOutOfRangeException Mismatch(DataViewSchema.Column column, string role, string expected) =>
        Contracts.ExceptSchemaMismatch("schema", role, column.Name, expected, column.Type.ToString());

    /// <summary>A label as a number: a key counts from 0, a missing key is NaN, true is 1.</summary>
    internal static ValueGetter<float> LabelGetter(DataViewRow row, DataViewSchema.Column label) => label.Type switch
    {
        KeyDataViewType key when key.RawType == typeof(byte) => FromKey<byte>(row, label, key, value => value),
        KeyDataViewType key when key.RawType == typeof(ushort) => FromKey<ushort>(row, label, key, value => value),
        KeyDataViewType key when key.RawType == typeof(uint) => FromKey<uint>(row, label, key, value => value),
        KeyDataViewType key => FromKey<ulong>(row, label, key, value => value),
        BooleanDataViewType => Converted<bool>(row, label, value => value ? 1 : 0),
        var type when type.Equals(NumberDataViewType.Double) => Converted<double>(row, label, value => (float)value),
        _ => row.GetGetter<float>(label),
    };

    private static ValueGetter<float> FromKey<T>(
        DataViewRow row, DataViewSchema.Column label, KeyDataViewType type, Func<T, ulong> number) =>
        Converted<T>(row, label, value => number(value) is var key && key > 0 && key <= type.Count ? key - 1 : float.NaN);

    private static ValueGetter<float> Converted<T>(DataViewRow row, DataViewSchema.Column label, Func<T, float> convert)
    {
        var getLabel = row.GetGetter<T>(label);
        var value = default(T);
        return (ref float destination) =>
        {
            getLabel(ref value);
            destination = convert(value);
        };
    }
}
