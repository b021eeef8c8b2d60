using System.Numerics;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Trainers;

/// <summary>Hides a label of several classes behind one of two.</summary>
internal static class BinaryLabels
{
    /// <summary>The view with a label, of the same name, that says whether the key is one of those wanted; a missing key is 0.</summary>
    internal static IDataView Map(IDataView data, DataViewSchema.Column label, Func<ulong, bool> isPositive) =>
        new MappedView(data,
        [
            new(new(label.Name, BooleanDataViewType.Instance), [label.Index],
                row => Generic.Call(Getter<uint>, label.Type.RawType, row, label, isPositive)),
        ]);

    private static Delegate Getter<T>(DataViewRow row, DataViewSchema.Column label, Func<ulong, bool> isPositive)
        where T : struct, INumberBase<T>
    {
        var getKey = row.GetGetter<T>(label);
        var key = default(T);
        return (ValueGetter<bool>)((ref bool value) =>
        {
            getKey(ref key);
            value = isPositive(ulong.CreateChecked(key));
        });
    }
}
