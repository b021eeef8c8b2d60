using Microsoft.ML.Data;

namespace Microsoft.ML;

/// <summary>A transformer that applies a trained model.</summary>
public interface IPredictionTransformer<out TModel> : ITransformer
{
    TModel Model { get; }
}

/// <summary>A transformer that applies a trained model to one column of features.</summary>
public interface ISingleFeaturePredictionTransformer<out TModel> : IPredictionTransformer<TModel>
{
    string FeatureColumnName { get; }
    DataViewType FeatureColumnType { get; }
}
