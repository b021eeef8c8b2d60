using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

internal static class Getters
{
    internal static ValueGetter<TValue> Typed<TValue>(Delegate getter, DataViewType type)
        => getter as ValueGetter<TValue>
        ?? throw new InvalidOperationException($"Invalid TValue: '{typeof(TValue)}', expected type: '{type.RawType}'");

    /// <summary>The getter of a column whose type is known only at run time: a <see cref="ValueGetter{TValue}"/> of its raw type.</summary>
    internal static Delegate Untyped(DataViewRow row, DataViewSchema.Column column)
        => Generic.Call(GetGetter<int>, column.Type.RawType, row, column);

    private static Delegate GetGetter<TValue>(DataViewRow row, DataViewSchema.Column column) => row.GetGetter<TValue>(column);
}
