using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.LrScheduling.Tests.Subset;

/// <summary>A transformer of another assembly that wraps a built-in one.</summary>
internal sealed class ForeignTransformer<TModel>(ISingleFeaturePredictionTransformer<TModel> inner) : ISingleFeaturePredictionTransformer<TModel>
    where TModel : class
{
    public TModel Model => inner.Model;

    public string FeatureColumnName => inner.FeatureColumnName;

    public DataViewType FeatureColumnType => inner.FeatureColumnType;

    public bool IsRowToRowMapper => true;

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => inner.GetOutputSchema(inputSchema);

    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => inner.GetRowToRowMapper(inputSchema);

    public IDataView Transform(IDataView input) => inner.Transform(input);

    public void Save(ModelSaveContext ctx) => inner.Save(ctx);
}

/// <summary>A trainer of such transformers.</summary>
internal sealed class ForeignTrainer<TModel>(ITrainerEstimator<ISingleFeaturePredictionTransformer<TModel>, TModel> inner) :
    ITrainerEstimator<ForeignTransformer<TModel>, TModel>
    where TModel : class
{
    public TrainerInfo Info => inner.Info;

    public ForeignTransformer<TModel> Fit(IDataView input) => new(inner.Fit(input));

    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => inner.GetOutputSchema(inputSchema);
}
