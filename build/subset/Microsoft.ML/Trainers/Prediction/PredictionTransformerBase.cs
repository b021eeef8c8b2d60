using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>A trained model as a transformer that adds its predictions to a view.</summary>
public abstract class PredictionTransformerBase<TModel> : IPredictionTransformer<TModel>, IDisposable
    where TModel : class
{
    internal readonly DataViewSchema TrainSchema;

    private protected PredictionTransformerBase(IHostEnvironment env, TModel model, DataViewSchema trainSchema)
    {
        Contracts.CheckValue(env, nameof(env));
        Contracts.CheckValue(model, nameof(model));
        Contracts.CheckValue(trainSchema, nameof(trainSchema));
        Model = model;
        TrainSchema = trainSchema;
    }

    public TModel Model { get; }

    bool ITransformer.IsRowToRowMapper => true;

    public abstract DataViewSchema GetOutputSchema(DataViewSchema inputSchema);

    public IDataView Transform(IDataView input)
    {
        Contracts.CheckValue(input, nameof(input));
        return new MappedView(input, Map(input.Schema));
    }

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema)
    {
        Contracts.CheckValue(inputSchema, nameof(inputSchema));
        return RowMapping.Mapper(inputSchema, Map(inputSchema));
    }

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        Contracts.CheckValue(ctx, nameof(ctx));
        SaveModel(ctx);
    }

    public void Dispose() => (Model as IDisposable)?.Dispose();

    /// <summary>The columns that the model adds to a view of the schema.</summary>
    private protected abstract IReadOnlyList<MappedColumn> Map(DataViewSchema input);

    private protected abstract void SaveModel(ModelSaveContext ctx);
}
