using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

public sealed class ColumnSelectingEstimator : TrivialEstimator<ColumnSelectingTransformer>
{
    private ColumnSelectingEstimator(ColumnSelectingTransformer transformer) : base(transformer)
    {
    }

    internal static ColumnSelectingEstimator Keep(string[] columnNames, bool keepHidden = false) =>
        new(new ColumnSelectingTransformer(columnNames, keep: true, keepHidden));

    internal static ColumnSelectingEstimator Drop(string[] columnNames) =>
        new(new ColumnSelectingTransformer(columnNames, keep: false, keepHidden: false));

    public override SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Contracts.CheckValue(inputSchema, nameof(inputSchema));
        Transformer.CheckNames(inputSchema.Select(column => column.Name), nameof(inputSchema));
        return new SchemaShape(inputSchema.Where(column => Transformer.Selects(column.Name)));
    }
}
