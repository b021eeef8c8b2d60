using Microsoft.ML.Calibrators;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Data;

/// <summary>Adds the columns <c>PredictedLabel</c> and <c>Score</c>, and <c>Probability</c> where the model is calibrated.</summary>
public sealed class BinaryPredictionTransformer<TModel> : SingleFeaturePredictionTransformerBase<TModel>
    where TModel : class
{
    private readonly IScalarModel _scorer;
    private readonly ICalibrator _calibrator;

    internal readonly float Threshold;
    internal readonly string ThresholdColumn;

    internal BinaryPredictionTransformer(IHostEnvironment env, TModel model, DataViewSchema inputSchema, string featureColumn,
        float threshold = 0f, string thresholdColumn = DefaultColumnNames.Score)
        : base(env, model, inputSchema, featureColumn)
    {
        Contracts.CheckNonEmpty(thresholdColumn, nameof(thresholdColumn));
        _scorer = ScorerOf<IScalarModel>(model);
        _calibrator = (model as CalibratedModelParametersBase)?.Calibrator;
        var isKnown = thresholdColumn == DefaultColumnNames.Score
            || (thresholdColumn == DefaultColumnNames.Probability && _calibrator is not null);
        Contracts.CheckParam(isKnown, "scoreColName", $"mapper does not contain a column '{thresholdColumn}'");
        FeaturesIn(inputSchema, _scorer.InputType);
        Threshold = threshold;
        ThresholdColumn = thresholdColumn;
    }

    private protected override IReadOnlyList<MappedColumn> Map(DataViewSchema input)
    {
        var scorer = new ScalarScorer(_scorer, FeaturesIn(input, _scorer.InputType));
        var set = ScoreSet.After(input, ScoreSet.Binary);
        List<MappedColumn> columns =
        [
            scorer.Column(
                DefaultColumnNames.PredictedLabel, BooleanDataViewType.Instance, Classifier(), PredictedLabelAnnotations(set)),
            scorer.Column(
                DefaultColumnNames.Score, NumberDataViewType.Single, score => score, ScoreAnnotations(set, DefaultColumnNames.Score)),
        ];
        if (_calibrator is not null)
            columns.Add(scorer.Column(
                DefaultColumnNames.Probability, NumberDataViewType.Single, _calibrator.PredictProbability,
                ScoreAnnotations(set, DefaultColumnNames.Probability, isNormalized: true)));
        return columns;
    }

    private Func<float, bool> Classifier() => ThresholdColumn == DefaultColumnNames.Score
        ? score => score > Threshold
        : score => _calibrator.PredictProbability(score) > Threshold;

    private static DataViewSchema.Annotations PredictedLabelAnnotations(ScoreSet set)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        set.AddTask(annotations);
        ScoreSet.AddValueKind(annotations, DefaultColumnNames.PredictedLabel);
        set.AddId(annotations);
        return annotations.ToAnnotations();
    }

    private static DataViewSchema.Annotations ScoreAnnotations(ScoreSet set, string valueKind, bool isNormalized = false)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        set.AddTask(annotations);
        set.AddId(annotations);
        if (isNormalized) annotations.AddPrimitiveValue(AnnotationKinds.IsNormalized, BooleanDataViewType.Instance, true);
        ScoreSet.AddValueKind(annotations, valueKind);
        return annotations.ToAnnotations();
    }

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        SaveBase(ctx, BinaryPredictionTransformer.LoaderSignature);
        ctx.Writer.Write(Threshold);
        ctx.Writer.Write(ThresholdColumn);
    }
}

internal static class BinaryPredictionTransformer
{
    internal const string LoaderSignature = "BinaryPredXfer";

    internal static object Load(ModelLoadContext ctx)
    {
        var (featureColumn, schema, loaded) = PredictionFormat.Load(ctx);
        var threshold = ctx.Reader.ReadSingle();
        var thresholdColumn = ctx.Reader.ReadString();
        return loaded switch
        {
            CalibratedModelParametersBase<LinearBinaryModelParameters, PlattCalibrator> model => Create(model),
            LinearBinaryModelParameters model => Create(model),
            _ => throw PredictionFormat.UnexpectedModel(loaded, nameof(BinaryPredictionTransformer)),
        };

        BinaryPredictionTransformer<TModel> Create<TModel>(TModel model) where TModel : class =>
            new(ctx.Env, model, schema, featureColumn, threshold, thresholdColumn);
    }
}
