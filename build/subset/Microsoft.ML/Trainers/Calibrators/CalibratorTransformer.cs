using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Calibrators;

/// <summary>Adds the column <c>Probability</c>, made of a column of scores.</summary>
public abstract class CalibratorTransformer<TICalibrator> :
    RowToRowTransformerBase, ISingleFeaturePredictionTransformer<TICalibrator>, ISingleFeaturePredictionTransformer
    where TICalibrator : class, ICalibrator
{
    private readonly TICalibrator _calibrator;
    private readonly string _loaderSignature;
    private readonly string _scoreColumnName;

    private protected CalibratorTransformer(TICalibrator calibrator, string loaderSignature, string scoreColumnName)
    {
        _calibrator = calibrator;
        _loaderSignature = loaderSignature;
        _scoreColumnName = scoreColumnName;
    }

    TICalibrator IPredictionTransformer<TICalibrator>.Model => _calibrator;

    // Whatever the column is that it reads, as in ML.NET.
    string ISingleFeaturePredictionTransformer<TICalibrator>.FeatureColumnName => DefaultColumnNames.Score;

    string ISingleFeaturePredictionTransformer.FeatureColumnName => DefaultColumnNames.Score;

    DataViewType ISingleFeaturePredictionTransformer<TICalibrator>.FeatureColumnType => NumberDataViewType.Single;

    private protected override IReadOnlyList<MappedColumn> Map(DataViewSchema input)
    {
        var column = input.GetColumnOrNull(_scoreColumnName);
        Contracts.Check(column is not null, $"The data to calibrate contains no '{_scoreColumnName}' column.");
        var score = column.Value;
        return
        [
            new(new(DefaultColumnNames.Probability, NumberDataViewType.Single, AnnotationsOf(score)), [score.Index], row =>
            {
                var getScore = row.GetGetter<float>(score);
                var value = 0f;
                return (ValueGetter<float>)((ref float probability) =>
                {
                    getScore(ref value);
                    probability = _calibrator.PredictProbability(value);
                });
            }),
        ];
    }

    private static DataViewSchema.Annotations AnnotationsOf(DataViewSchema.Column score)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        var schema = score.Annotations.Schema;
        // All that tells of a trained model, or nothing of it.
        if (schema.GetColumnOrNull(AnnotationKinds.ScoreColumnSetId)?.Type is KeyDataViewType id && id.RawType == typeof(uint)
            && schema.GetColumnOrNull(AnnotationKinds.ScoreColumnKind)?.Type is TextDataViewType
            && schema.GetColumnOrNull(AnnotationKinds.ScoreValueKind)?.Type is TextDataViewType)
        {
            string[] kinds = [AnnotationKinds.ScoreColumnSetId, AnnotationKinds.ScoreColumnKind, AnnotationKinds.ScoreValueKind];
            foreach (var kind in kinds) annotations.Add(score.Annotations, name => name == kind);
        }
        annotations.AddPrimitiveValue(AnnotationKinds.IsNormalized, BooleanDataViewType.Instance, true);
        return annotations.ToAnnotations();
    }

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.SetLoader(_loaderSignature);
        ctx.Writer.Write(_scoreColumnName);
        ctx.SaveModel(_calibrator, "Calibrator");
    }
}
