using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

public sealed class ColumnConcatenatingTransformer : RowToRowTransformerBase
{
    internal const string LoaderSignature = "ConcatTransform";
    private readonly string _name;
    private readonly string[] _sources;

    internal ColumnConcatenatingTransformer(string outputColumnName, string[] inputColumnNames)
    {
        _name = outputColumnName;
        _sources = inputColumnNames;
    }

    private protected override IReadOnlyList<MappedColumn> Map(DataViewSchema inputSchema)
    {
        var inputs = Array.ConvertAll(_sources, name => OneToOneTransformerBase.Find(inputSchema, name));
        var indices = Array.ConvertAll(inputs, input => input.Index);
        if (inputs is [{ Type: VectorDataViewType } single])
            return [new(new(_name, single.Type, single.Annotations), indices, row => Getters.Untyped(row, row.Schema[single.Index]))];

        var itemType = inputs[0].Type.GetItemType();
        var size = 0;
        foreach (var input in inputs)
        {
            if (!input.Type.GetItemType().Equals(itemType))
                throw Contracts.ExceptSchemaMismatch(nameof(inputSchema), "input", input.Name, itemType.ToString(), input.Type.ToString());
            size += input.Type.GetValueCount();
        }
        if (Array.Exists(inputs, input => input.Type.GetValueCount() == 0))
            size = 0;
        var column = new DataViewSchema.DetachedColumn(_name, new VectorDataViewType(itemType, size),
            ConcatenatedAnnotations.Of(inputs, itemType, size));
        return [new(column, indices, row => Generic.Call(ConcatenatedValues.CreateGetter<int>, itemType.RawType, row, indices))];
    }

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.SetLoader(LoaderSignature);
        ctx.Writer.Write(_name);
        ctx.Writer.Write(_sources.Length);
        foreach (var source in _sources)
            ctx.Writer.Write(source);
    }

    internal static ColumnConcatenatingTransformer Load(ModelLoadContext ctx)
    {
        var name = ctx.Reader.ReadString();
        var count = ctx.Reader.ReadInt32();
        if (count <= 0)
            throw new InvalidDataException($"Corrupt model file: a concatenation of {count} columns");
        var sources = new List<string>();
        for (var i = 0; i < count; i++)
            sources.Add(ctx.Reader.ReadString());
        return new ColumnConcatenatingTransformer(name, [.. sources]);
    }
}
