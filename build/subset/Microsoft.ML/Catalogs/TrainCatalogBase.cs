using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

public abstract class TrainCatalogBase
{
    internal IHostEnvironment Environment { get; }

    private protected TrainCatalogBase(IHostEnvironment env, string registrationName)
    {
        Contracts.CheckValue(env, nameof(env));
        Contracts.CheckNonEmpty(registrationName, nameof(registrationName));
        Environment = env.Register(registrationName);
    }

    /// <summary>Fits the estimator once a fold, on all rows but the fold's, and scores those.</summary>
    private protected IEnumerable<(ITransformer Model, IDataView Scores, int Fold)> CrossValidateTrain(
        IDataView data, IEstimator<ITransformer> estimator, int numFolds, string samplingKeyColumn, int? seed = null)
    {
        Contracts.CheckValue(data, nameof(data));
        Contracts.CheckValue(estimator, nameof(estimator));
        var folds = RowSplit.Folds(Environment, data, numFolds, samplingKeyColumn, seed);
        return folds.Select((fold, index) =>
        {
            var model = estimator.Fit(fold.TrainSet);
            return (model, Scores(model, fold.TestSet), index);
        });
    }

    // What a chain has for training and testing alone, such as the keys of the label, is needed to evaluate too.
    private static IDataView Scores(ITransformer model, IDataView data) =>
        model is ITransformerChainAccessor chain ? chain.Transform(data, TransformerScope.Everything) : model.Transform(data);

    private protected IReadOnlyList<CrossValidationResult<T>> CrossValidate<T>(IDataView data, IEstimator<ITransformer> estimator,
        int numberOfFolds, string samplingKeyColumnName, int? seed, Func<IDataView, T> evaluate) where T : class
        => [.. CrossValidateTrain(data, estimator, numberOfFolds, samplingKeyColumnName, seed)
            .Select(fold => new CrossValidationResult<T>(fold.Model, evaluate(fold.Scores), fold.Scores, fold.Fold))];

    public abstract class CatalogInstantiatorBase
    {
        internal TrainCatalogBase Owner { get; }

        internal CatalogInstantiatorBase(TrainCatalogBase catalog) => Owner = catalog;
    }

    public sealed class CrossValidationResult<T> where T : class
    {
        public readonly ITransformer Model;

        public readonly T Metrics;

        public readonly IDataView ScoredHoldOutSet;

        public readonly int Fold;

        internal CrossValidationResult(ITransformer model, T metrics, IDataView scores, int fold)
            => (Model, Metrics, ScoredHoldOutSet, Fold) = (model, metrics, scores, fold);
    }
}
