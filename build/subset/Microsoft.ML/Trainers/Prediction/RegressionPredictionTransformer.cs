using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Data;

/// <summary>Adds the column <c>Score</c>, the value that a regression model predicts.</summary>
public sealed class RegressionPredictionTransformer<TModel> : SingleFeaturePredictionTransformerBase<TModel>
    where TModel : class
{
    private readonly IScalarModel _scorer;

    internal RegressionPredictionTransformer(IHostEnvironment env, TModel model, DataViewSchema inputSchema, string featureColumn)
        : base(env, model, inputSchema, featureColumn)
    {
        _scorer = ScorerOf<IScalarModel>(model);
        FeaturesIn(inputSchema, _scorer.InputType);
    }

    private protected override IReadOnlyList<MappedColumn> Map(DataViewSchema input)
    {
        var scorer = new ScalarScorer(_scorer, FeaturesIn(input, _scorer.InputType));
        var set = ScoreSet.After(input, ScoreSet.Regression);
        var annotations = new DataViewSchema.Annotations.Builder();
        set.AddId(annotations);
        set.AddTask(annotations);
        ScoreSet.AddValueKind(annotations, DefaultColumnNames.Score);
        return [scorer.Column(DefaultColumnNames.Score, NumberDataViewType.Single, score => score, annotations.ToAnnotations())];
    }

    private protected override void SaveModel(ModelSaveContext ctx) => SaveBase(ctx, RegressionPredictionTransformer.LoaderSignature);
}

internal static class RegressionPredictionTransformer
{
    internal const string LoaderSignature = "RegressionPredXfer";

    internal static object Load(ModelLoadContext ctx)
    {
        var (featureColumn, schema, loaded) = PredictionFormat.Load(ctx);
        return loaded switch
        {
            LinearRegressionModelParameters model =>
                new RegressionPredictionTransformer<LinearRegressionModelParameters>(ctx.Env, model, schema, featureColumn),
            PoissonRegressionModelParameters model =>
                new RegressionPredictionTransformer<PoissonRegressionModelParameters>(ctx.Env, model, schema, featureColumn),
            _ => throw PredictionFormat.UnexpectedModel(loaded, nameof(RegressionPredictionTransformer)),
        };
    }
}
