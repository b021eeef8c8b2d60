using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>A trained model that reads one column of features.</summary>
public abstract class SingleFeaturePredictionTransformerBase<TModel> :
    PredictionTransformerBase<TModel>, ISingleFeaturePredictionTransformer<TModel>, ISingleFeaturePredictionTransformer
    where TModel : class
{
    private protected SingleFeaturePredictionTransformerBase(
        IHostEnvironment env, TModel model, DataViewSchema trainSchema, string featureColumn)
        : base(env, model, trainSchema)
    {
        Contracts.CheckNonEmpty(featureColumn, nameof(featureColumn));
        FeatureColumnName = featureColumn;
        FeatureColumnType = trainSchema.GetColumnOrNull(featureColumn)?.Type
            ?? throw Contracts.ExceptSchemaMismatch(nameof(featureColumn), "feature", featureColumn);
    }

    public string FeatureColumnName { get; }

    public DataViewType FeatureColumnType { get; }

    public sealed override DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        Contracts.CheckValue(inputSchema, nameof(inputSchema));
        var column = inputSchema.GetColumnOrNull(FeatureColumnName)
            ?? throw Contracts.ExceptSchemaMismatch(nameof(inputSchema), "feature", FeatureColumnName);
        if (!column.Type.Equals(FeatureColumnType))
            throw Contracts.ExceptSchemaMismatch(
                nameof(inputSchema), "feature", FeatureColumnName, FeatureColumnType.ToString(), column.Type.ToString());
        return RowMapping.OutputSchema(inputSchema, Map(inputSchema));
    }

    /// <summary>The column of features in a schema, which must be as wide as the model.</summary>
    private protected DataViewSchema.Column FeaturesIn(DataViewSchema schema, VectorDataViewType expected)
    {
        var column = schema.GetColumnOrNull(FeatureColumnName)
            ?? throw Contracts.ExceptParam(nameof(schema), $"{FeatureColumnName} column 'Feature' not found");
        var vector = column.Type as VectorDataViewType;
        var itemType = vector?.ItemType ?? column.Type;
        Contracts.Check(itemType.Equals(expected.ItemType),
            $"Incompatible features column type item type: '{itemType}' vs '{expected.ItemType}'");
        Contracts.Check(vector is not null && vector.Size == expected.Size,
            $"Incompatible features column type: '{column.Type}' vs '{expected}'");
        return column;
    }

    private protected static TScorer ScorerOf<TScorer>(object model) where TScorer : class =>
        model as TScorer ?? throw Contracts.ExceptNotInSubset($"Prediction with a {model.GetType().Name}");

    private protected void SaveBase(ModelSaveContext ctx, string signature)
    {
        ctx.SetLoader(signature);
        ctx.Writer.Write(FeatureColumnName);
        SchemaFormat.Write(ctx.Writer, TrainSchema);
        ctx.SaveModel(Model, PredictionFormat.ModelDirectory);
    }
}

internal static class PredictionFormat
{
    internal const string ModelDirectory = "Model";

    internal static (string FeatureColumn, DataViewSchema TrainSchema, object Model) Load(ModelLoadContext ctx) =>
        (ctx.Reader.ReadString(), SchemaFormat.Read(ctx.Reader), ctx.LoadModel<object>(ModelDirectory));

    internal static FormatException UnexpectedModel(object model, string transformer) =>
        new($"Corrupt model file: a {transformer} cannot hold a {model.GetType().Name}");
}
