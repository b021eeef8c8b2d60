using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

public sealed class KeyToValueMappingTransformer : OneToOneTransformerBase
{
    internal const string LoaderSignature = "KeyToValueTransform";

    internal KeyToValueMappingTransformer((string OutputColumnName, string InputColumnName)[] columns) : base(columns)
    {
    }

    private protected override MappedColumn MapColumn(int index, DataViewSchema.Column input)
    {
        var values = input.Annotations.Schema.GetColumnOrNull(AnnotationKinds.KeyValues)?.Type as VectorDataViewType;
        Contracts.Check(values is not null, "Metadata KeyValues does not exist");
        Contracts.Check(input.Type.GetItemType() is KeyDataViewType key && (ulong)values.Size == key.Count,
            "KeyValues metadata size does not match column type key count");
        var annotations = new DataViewSchema.Annotations.Builder();
        annotations.Add(input.Annotations, kind => kind == AnnotationKinds.SlotNames);
        DataViewType type = input.Type is VectorDataViewType vector ? new VectorDataViewType(values.ItemType, vector.Dimensions)
            : values.ItemType;
        return new(new(ColumnPairs[index].OutputColumnName, type, annotations.ToAnnotations()), [input.Index],
            row => Generic.Call(CreateGetter<int>, values.ItemType.RawType, row, row.Schema[input.Index]));
    }

    private static Delegate CreateGetter<T>(DataViewRow row, DataViewSchema.Column column)
    {
        var annotation = default(VBuffer<T>);
        column.GetKeyValues(ref annotation);
        var values = annotation.DenseValues().ToArray();
        var missing = Missing<T>();
        if (column.Type is VectorDataViewType)
            return VectorGetter(KeyGetters.Vector(row, column), values, missing);
        var source = KeyGetters.Scalar(row, column);
        uint key = 0;
        return new ValueGetter<T>((ref value) =>
        {
            source(ref key);
            value = Value(key, values, missing);
        });
    }

    private static ValueGetter<VBuffer<T>> VectorGetter<T>(ValueGetter<VBuffer<uint>> source, T[] values, T missing)
    {
        var keys = default(VBuffer<uint>);
        return (ref value) =>
        {
            source(ref keys);
            var editor = VBufferEditor.Create(ref value, keys.Length);
            editor.Values.Fill(missing);
            var named = keys.GetValues();
            var slots = keys.GetIndices();
            for (var i = 0; i < named.Length; i++)
                editor.Values[keys.IsDense ? i : slots[i]] = Value(named[i], values, missing);
            value = editor.Commit();
        };
    }

    private static T Value<T>(uint key, T[] values, T missing) => key - 1 < (uint)values.Length ? values[key - 1] : missing;

    // A type without a missing value of its own has its default for it.
    private static T Missing<T>() =>
        typeof(T) == typeof(float) ? (T)(object)float.NaN
        : typeof(T) == typeof(double) ? (T)(object)double.NaN
        : default;

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.SetLoader(LoaderSignature);
        SaveColumns(ctx);
    }

    internal static KeyToValueMappingTransformer Load(ModelLoadContext ctx) => new(LoadColumns(ctx));
}
