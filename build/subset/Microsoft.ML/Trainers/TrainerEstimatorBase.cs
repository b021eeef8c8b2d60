using Microsoft.ML.Runtime;

namespace Microsoft.ML.Trainers;

/// <summary>Checks the columns a trainer reads and says which ones its model will add.</summary>
public abstract class TrainerEstimatorBase<TTransformer, TModel> : ITrainerEstimator<TTransformer, TModel>
    where TTransformer : ISingleFeaturePredictionTransformer<TModel>
    where TModel : class
{
    public readonly SchemaShape.Column FeatureColumn;
    public readonly SchemaShape.Column LabelColumn;
    public readonly SchemaShape.Column WeightColumn;

    private protected readonly IHost Host;

    private protected TrainerEstimatorBase(
        IHost host, SchemaShape.Column feature, SchemaShape.Column label, SchemaShape.Column weight = default)
    {
        Contracts.CheckValue(host, nameof(host));
        Contracts.CheckParam(feature.IsValid, nameof(feature), "not initialized properly");
        Host = host;
        FeatureColumn = feature;
        LabelColumn = label;
        WeightColumn = weight;
    }

    public abstract TrainerInfo Info { get; }

    public TTransformer Fit(IDataView input)
    {
        Contracts.CheckValue(input, nameof(input));
        CheckInputSchema(SchemaShape.Create(input.Schema));
        throw new NotSupportedException(
            $"{GetType().Name} trains only with the package Microsoft.ML; its subset has this trainer's schema, not its algorithm");
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        Contracts.CheckValue(inputSchema, nameof(inputSchema));
        CheckInputSchema(inputSchema);
        var columns = inputSchema.ToDictionary(column => column.Name);
        foreach (var added in GetOutputColumns(inputSchema))
            columns[added.Name] = added;
        return new SchemaShape(columns.Values);
    }

    private protected abstract SchemaShape.Column[] GetOutputColumns(SchemaShape inputSchema);

    private void CheckInputSchema(SchemaShape inputSchema)
    {
        Check(inputSchema, FeatureColumn, "feature", nameof(inputSchema));
        if (WeightColumn.IsValid) Check(inputSchema, WeightColumn, "weight", nameof(inputSchema));
        if (LabelColumn.IsValid) Check(inputSchema, LabelColumn, "label", "labelCol");
    }

    private static void Check(SchemaShape inputSchema, SchemaShape.Column expected, string role, string mismatchParameter)
    {
        if (!inputSchema.TryFindColumn(expected.Name, out var actual))
            throw Contracts.ExceptSchemaMismatch(nameof(inputSchema), role, expected.Name);
        if (!expected.IsCompatibleWith(actual))
            throw Contracts.ExceptSchemaMismatch(mismatchParameter, role, expected.Name, expected.GetTypeString(), actual.GetTypeString());
    }
}
