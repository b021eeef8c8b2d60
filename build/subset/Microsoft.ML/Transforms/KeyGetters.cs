using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

/// <summary>Reads keys of any width as 32 bits; a key beyond them counts as missing.</summary>
internal static class KeyGetters
{
    internal static ValueGetter<uint> Scalar(DataViewRow row, DataViewSchema.Column column) =>
        column.Type.RawType == typeof(uint)
            ? row.GetGetter<uint>(column)
            : Generic.Call(Converted<byte>, column.Type.RawType, row, column);

    internal static ValueGetter<VBuffer<uint>> Vector(DataViewRow row, DataViewSchema.Column column) =>
        column.Type.GetItemType().RawType == typeof(uint)
            ? row.GetGetter<VBuffer<uint>>(column)
            : Generic.Call(ConvertedVector<byte>, column.Type.GetItemType().RawType, row, column);

    private static ValueGetter<uint> Converted<T>(DataViewRow row, DataViewSchema.Column column) where T : struct,
        System.Numerics.IUnsignedNumber<T>
    {
        var source = row.GetGetter<T>(column);
        var key = default(T);
        return (ref value) =>
        {
            source(ref key);
            value = Narrow(ulong.CreateTruncating(key));
        };
    }

    private static ValueGetter<VBuffer<uint>> ConvertedVector<T>(DataViewRow row, DataViewSchema.Column column) where T : struct,
        System.Numerics.IUnsignedNumber<T>
    {
        var source = row.GetGetter<VBuffer<T>>(column);
        var keys = default(VBuffer<T>);
        return (ref value) =>
        {
            source(ref keys);
            var values = keys.GetValues();
            var editor = VBufferEditor.Create(ref value, keys.Length, values.Length);
            for (var i = 0; i < values.Length; i++)
                editor.Values[i] = Narrow(ulong.CreateTruncating(values[i]));
            keys.GetIndices().CopyTo(editor.Indices);
            value = editor.Commit();
        };
    }

    private static uint Narrow(ulong key) => key > uint.MaxValue ? 0 : (uint)key;
}
