using Microsoft.ML.Data;

namespace Microsoft.ML.Transforms;

public sealed class ColumnCopyingEstimator : TrivialEstimator<ColumnCopyingTransformer>
{
    internal ColumnCopyingEstimator(params (string OutputColumnName, string InputColumnName)[] columns)
        : base(new ColumnCopyingTransformer(columns))
    {
    }

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema) =>
        Shapes.Add(inputSchema, Transformer.ColumnPairs,
            (output, input) => new(output, input.Kind, input.ItemType, input.IsKey, input.Annotations));
}

public sealed class ColumnCopyingTransformer : OneToOneTransformerBase
{
    internal const string LoaderSignature = "CopyTransform";

    internal ColumnCopyingTransformer((string OutputColumnName, string InputColumnName)[] columns) : base(columns)
    {
    }

    private protected override MappedColumn MapColumn(int index, DataViewSchema.Column input) =>
        new(new(ColumnPairs[index].OutputColumnName, input.Type, input.Annotations), [input.Index],
            row => Getters.Untyped(row, row.Schema[input.Index]));

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.SetLoader(LoaderSignature);
        SaveColumns(ctx);
    }

    internal static ColumnCopyingTransformer Load(ModelLoadContext ctx) => new(LoadColumns(ctx));
}
