using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.Data;

/// <summary>Adds the columns <c>PredictedLabel</c>, a key, and <c>Score</c>, one value a class.</summary>
public sealed class MulticlassPredictionTransformer<TModel> : SingleFeaturePredictionTransformerBase<TModel>
    where TModel : class
{
    private readonly IClassModel _scorer;
    private readonly string _labelColumn;
    private readonly string _scoreColumn;
    private readonly string _predictedLabelColumn;
    private readonly ClassNames _names;

    internal MulticlassPredictionTransformer(
        IHostEnvironment env, TModel model, DataViewSchema inputSchema, string featureColumn, string labelColumn,
        string scoreColumn = DefaultColumnNames.Score, string predictedLabel = DefaultColumnNames.PredictedLabel)
        : base(env, model, inputSchema, featureColumn)
    {
        Contracts.CheckNonEmpty(scoreColumn, nameof(scoreColumn));
        Contracts.CheckNonEmpty(predictedLabel, nameof(predictedLabel));
        Contracts.CheckParam(scoreColumn == DefaultColumnNames.Score, "scoreColName", $"mapper does not contain a column '{scoreColumn}'");
        _scorer = ScorerOf<IClassModel>(model);
        FeaturesIn(inputSchema, _scorer.InputType);
        _names = ClassNames.OrNull(inputSchema, labelColumn, _scorer.OutputType.Size);
        _labelColumn = labelColumn;
        _scoreColumn = scoreColumn;
        _predictedLabelColumn = predictedLabel;
    }

    private protected override IReadOnlyList<MappedColumn> Map(DataViewSchema input)
    {
        var features = FeaturesIn(input, _scorer.InputType);
        var set = ScoreSet.After(input, ScoreSet.Multiclass);
        var scores = new RowScores<VBuffer<float>>(row => ScoreGetter(row, features));
        int[] inputs = [features.Index];
        return
        [
            new(new(_predictedLabelColumn, new KeyDataViewType(typeof(uint), _scorer.OutputType.Size), PredictedLabelAnnotations(set)),
                inputs, row => PredictedLabelGetter(scores.Of(row))),
            new(new(_scoreColumn, _scorer.OutputType, ScoreAnnotations(set)),
                inputs, row => ScoreGetter(scores.Of(row))),
        ];
    }

    private ValueGetter<VBuffer<float>> ScoreGetter(DataViewRow row, DataViewSchema.Column features)
    {
        var getFeatures = row.GetGetter<VBuffer<float>>(features);
        var buffer = default(VBuffer<float>);
        return (ref VBuffer<float> scores) =>
        {
            getFeatures(ref buffer);
            _scorer.Score(in buffer, ref scores);
        };
    }

    private static ValueGetter<VBuffer<float>> ScoreGetter(RowScore<VBuffer<float>> scores) =>
        (ref VBuffer<float> destination) => scores.Current.CopyTo(ref destination);

    private static ValueGetter<uint> PredictedLabelGetter(RowScore<VBuffer<float>> scores) =>
        (ref uint destination) => destination = (uint)(IndexOfMaximum(scores.Current.GetValues()) + 1);

    // The first of equal maxima; −1, which makes the missing key, where every score is NaN.
    private static int IndexOfMaximum(ReadOnlySpan<float> scores)
    {
        var best = -1;
        for (var i = 0; i < scores.Length; i++)
            if (!float.IsNaN(scores[i]) && (best < 0 || scores[i] > scores[best])) best = i;
        return best;
    }

    private DataViewSchema.Annotations PredictedLabelAnnotations(ScoreSet set)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        set.AddTask(annotations);
        ScoreSet.AddValueKind(annotations, DefaultColumnNames.PredictedLabel);
        _names?.AddTo(annotations, AnnotationKinds.KeyValues);
        set.AddId(annotations);
        return annotations.ToAnnotations();
    }

    private DataViewSchema.Annotations ScoreAnnotations(ScoreSet set)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        set.AddTask(annotations);
        set.AddId(annotations);
        ScoreSet.AddValueKind(annotations, DefaultColumnNames.Score);
        _names?.AddTo(annotations, AnnotationKinds.TrainingLabelValues);
        if (_names is { IsText: true }) _names.AddTo(annotations, AnnotationKinds.SlotNames);
        return annotations.ToAnnotations();
    }

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        SaveBase(ctx, MulticlassPredictionTransformer.LoaderSignature);
        ctx.Writer.WriteOptional(_labelColumn);
        ctx.Writer.Write(_scoreColumn);
        ctx.Writer.Write(_predictedLabelColumn);
    }
}

internal static class MulticlassPredictionTransformer
{
    internal const string LoaderSignature = "MulticlassPredXfer";

    internal static object Load(ModelLoadContext ctx)
    {
        var (featureColumn, schema, loaded) = PredictionFormat.Load(ctx);
        var (label, score, predicted) = (ctx.Reader.ReadOptional(), ctx.Reader.ReadString(), ctx.Reader.ReadString());
        return loaded switch
        {
            MaximumEntropyModelParameters model => Create(model),
            OneVersusAllModelParameters model => Create(model),
            PairwiseCouplingModelParameters model => Create(model),
            _ => throw PredictionFormat.UnexpectedModel(loaded, nameof(MulticlassPredictionTransformer)),
        };

        MulticlassPredictionTransformer<TModel> Create<TModel>(TModel model) where TModel : class =>
            new(ctx.Env, model, schema, featureColumn, label, score, predicted);
    }
}
