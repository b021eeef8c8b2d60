using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

public sealed class KeyToVectorMappingTransformer : OneToOneTransformerBase
{
    internal const string LoaderSignature = "KeyToVectorTransform";

    internal KeyToVectorMappingTransformer((string OutputColumnName, string InputColumnName)[] columns, bool outputCountVector)
        : base(columns) =>
        OutputCountVector = outputCountVector;

    /// <summary>Whether a vector of keys becomes one vector of counts, instead of as many vectors of indicators.</summary>
    internal bool OutputCountVector { get; }

    private protected override MappedColumn MapColumn(int index, DataViewSchema.Column input)
    {
        if (input.Type.GetItemType() is not KeyDataViewType key)
            throw Contracts.ExceptSchemaMismatch("inputSchema", "input", input.Name, "known-size vector of key, or key",
                input.Type.ToString());
        var keys = checked((int)key.Count);
        var width = input.Type.GetValueCount();
        var type = OutputCountVector || width == 1
            ? new VectorDataViewType(NumberDataViewType.Single, keys)
            : new VectorDataViewType(NumberDataViewType.Single, width, keys);
        return new(new(ColumnPairs[index].OutputColumnName, type, Annotations(input, type, keys)), [input.Index],
            row => CreateGetter(row, row.Schema[input.Index], keys));
    }

    private DataViewSchema.Annotations Annotations(DataViewSchema.Column input, VectorDataViewType type, int keys)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        var width = input.Type.GetValueCount();
        var isScalar = input.Type is not VectorDataViewType;
        if (input.HasKeyValues() && type.IsKnownSize)
        {
            var names = IndicatorNames(input, isScalar || OutputCountVector);
            annotations.Add(AnnotationKinds.SlotNames, new VectorDataViewType(TextDataViewType.Instance, type.Dimensions),
                (ref VBuffer<ReadOnlyMemory<char>> value) => VBuffer<ReadOnlyMemory<char>>.Copy(names, 0, ref value, names.Length));
        }
        if (!OutputCountVector && width > 0)
        {
            var ranges = Enumerable.Range(0, width).SelectMany(slot => new[] { slot * keys, (slot + 1) * keys - 1 }).ToArray();
            annotations.Add(AnnotationKinds.CategoricalSlotRanges, ConcatenatedAnnotations.CategoricalType(width),
                (ref VBuffer<int> value) => VBuffer<int>.Copy(ranges, 0, ref value, ranges.Length));
        }
        if (!OutputCountVector || isScalar)
            annotations.AddPrimitiveValue(AnnotationKinds.IsNormalized, BooleanDataViewType.Instance, true);
        return annotations.ToAnnotations();
    }

    // Indicators are named by what their key stands for, behind the name or number of the slot where there are several.
    private static ReadOnlyMemory<char>[] IndicatorNames(DataViewSchema.Column input, bool single)
    {
        var keyValues = default(VBuffer<ReadOnlyMemory<char>>);
        input.GetKeyValues(ref keyValues);
        var values = keyValues.DenseValues().ToArray();
        if (single)
            return values;
        var slotNames = default(VBuffer<ReadOnlyMemory<char>>);
        if (input.HasSlotNames())
            input.GetSlotNames(ref slotNames);
        return [.. Enumerable.Range(0, input.Type.GetValueCount()).SelectMany(slot =>
        {
            var name = slotNames.Length > 0 ? slotNames.GetItemOrDefault(slot) : default;
            var prefix = name.IsEmpty ? $"[{slot}]" : name.ToString();
            return values.Select(value => $"{prefix}.{value}".AsMemory());
        })];
    }

    private Delegate CreateGetter(DataViewRow row, DataViewSchema.Column column, int keys) =>
        column.Type is not VectorDataViewType ? Indicator(KeyGetters.Scalar(row, column), keys)
        : OutputCountVector ? Counts(KeyGetters.Vector(row, column), keys)
        : Indicators(KeyGetters.Vector(row, column), keys);

    private static ValueGetter<VBuffer<float>> Indicator(ValueGetter<uint> source, int keys)
    {
        uint key = 0;
        return (ref value) =>
        {
            source(ref key);
            var known = key - 1 < (uint)keys;
            var editor = VBufferEditor.Create(ref value, keys, known ? 1 : 0, requireIndicesOnDense: true);
            if (known)
            {
                editor.Values[0] = 1;
                editor.Indices[0] = (int)key - 1;
            }
            value = editor.Commit();
        };
    }

    private static ValueGetter<VBuffer<float>> Indicators(ValueGetter<VBuffer<uint>> source, int keys)
    {
        var input = default(VBuffer<uint>);
        return (ref value) =>
        {
            source(ref input);
            var values = input.GetValues();
            var slots = input.GetIndices();
            var editor = VBufferEditor.Create(ref value, checked(keys * input.Length), values.Length, requireIndicesOnDense: true);
            var count = 0;
            for (var i = 0; i < values.Length; i++)
            {
                var key = values[i] - 1;
                if (key >= (uint)keys)
                    continue;
                editor.Values[count] = 1;
                editor.Indices[count++] = (input.IsDense ? i : slots[i]) * keys + (int)key;
            }
            value = editor.CommitTruncated(count);
        };
    }

    private static ValueGetter<VBuffer<float>> Counts(ValueGetter<VBuffer<uint>> source, int keys)
    {
        var input = default(VBuffer<uint>);
        return (ref value) =>
        {
            source(ref input);
            var editor = VBufferEditor.Create(ref value, keys);
            editor.Values.Clear();
            foreach (var key in input.GetValues())
                if (key - 1 < (uint)keys)
                    editor.Values[(int)key - 1]++;
            value = editor.Commit();
        };
    }

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.SetLoader(LoaderSignature);
        SaveColumns(ctx);
        ctx.Writer.Write(OutputCountVector);
    }

    internal static KeyToVectorMappingTransformer Load(ModelLoadContext ctx) => new(LoadColumns(ctx), ctx.Reader.ReadBoolean());
}
