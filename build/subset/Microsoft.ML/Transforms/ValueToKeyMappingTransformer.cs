using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

public sealed class ValueToKeyMappingTransformer : OneToOneTransformerBase
{
    internal const string LoaderSignature = "TermTransform";
    private readonly KeyMap[] _maps;
    private readonly bool _keyValuesAsText;

    internal ValueToKeyMappingTransformer((string OutputColumnName, string InputColumnName)[] columns, KeyMap[] maps, bool keyValuesAsText)
        : base(columns)
    {
        _maps = maps;
        _keyValuesAsText = keyValuesAsText;
    }

    internal static bool IsMappable(DataViewType itemType) =>
        itemType is NumberDataViewType or TextDataViewType or BooleanDataViewType or DateTimeDataViewType or DateTimeOffsetDataViewType
            or TimeSpanDataViewType or KeyDataViewType;

    internal static void CheckType(DataViewSchema.Column input)
    {
        var itemType = input.Type is VectorDataViewType vector ? vector.ItemType : input.Type;
        if (!IsMappable(itemType))
            throw Contracts.ExceptSchemaMismatch("inputSchema", "input", input.Name, "standard type or a vector of standard type",
                input.Type.ToString());
    }

    private protected override MappedColumn MapColumn(int index, DataViewSchema.Column input)
    {
        CheckType(input);
        var map = _maps[index];
        if (!input.Type.GetItemType().Equals(map.ItemType))
            throw Contracts.ExceptSchemaMismatch("inputSchema", "input", input.Name, map.ItemType.ToString(), input.Type.ToString());
        var annotations = new DataViewSchema.Annotations.Builder();
        map.AddKeyValues(annotations, input, _keyValuesAsText);
        annotations.Add(input.Annotations, kind => kind == AnnotationKinds.SlotNames);
        DataViewType type = input.Type is VectorDataViewType vector ? new VectorDataViewType(map.KeyType, vector.Dimensions) : map.KeyType;
        return new(new(ColumnPairs[index].OutputColumnName, type, annotations.ToAnnotations()), [input.Index],
            row => map.CreateGetter(row, row.Schema[input.Index]));
    }

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.SetLoader(LoaderSignature);
        SaveColumns(ctx);
        ctx.Writer.Write(_keyValuesAsText);
        foreach (var map in _maps)
            map.Save(ctx.Writer);
    }

    internal static ValueToKeyMappingTransformer Load(ModelLoadContext ctx)
    {
        var columns = LoadColumns(ctx);
        var keyValuesAsText = ctx.Reader.ReadBoolean();
        return new(columns, Array.ConvertAll(columns, _ => KeyMap.Load(ctx.Reader)), keyValuesAsText);
    }
}
