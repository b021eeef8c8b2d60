using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

internal sealed class BinaryEvaluator
{
    // Beyond this many rows the precision-recall curve is drawn from a sample of them.
    private const int MaximumRowsOfPrecisionRecall = 100_000;

    private readonly BinaryCounts _counts = new();
    private readonly List<float> _positives = [];
    private readonly List<float> _negatives = [];
    private readonly Reservoir<(float Score, bool IsPositive)> _ranking;

    private BinaryEvaluator(Random random) => _ranking = new(MaximumRowsOfPrecisionRecall, random);

    internal static CalibratedBinaryClassificationMetrics Evaluate(IHostEnvironment env, IDataView data,
        string labelColumnName, string scoreColumnName, string probabilityColumnName, string predictedLabelColumnName)
    {
        var (evaluator, label) = Run(env, data, labelColumnName, scoreColumnName, probabilityColumnName, predictedLabelColumnName);
        return new(evaluator._counts, evaluator.RocArea, evaluator.PrecisionRecallArea, evaluator.ConfusionMatrix(label));
    }

    internal static BinaryClassificationMetrics EvaluateNonCalibrated(IHostEnvironment env, IDataView data,
        string labelColumnName, string scoreColumnName, string predictedLabelColumnName)
    {
        var (evaluator, label) = Run(env, data, labelColumnName, scoreColumnName, null, predictedLabelColumnName);
        return new(evaluator._counts, evaluator.RocArea, evaluator.PrecisionRecallArea, evaluator.ConfusionMatrix(label));
    }

    private double RocArea => AreaUnderCurve.Roc(_positives, _negatives);

    private double PrecisionRecallArea => AreaUnderCurve.PrecisionRecall(_ranking.Rows);

    private ConfusionMatrix ConfusionMatrix(DataViewSchema.Column label) => new(_counts.ConfusionTable, ClassNames(label), isBinary: true);

    private static (BinaryEvaluator, DataViewSchema.Column) Run(IHostEnvironment env, IDataView data,
        string labelColumnName, string scoreColumnName, string probabilityColumnName, string predictedLabelColumnName)
    {
        var label = EvaluationColumns.Find(data.Schema, labelColumnName, "Label");
        var score = EvaluationColumns.Find(data.Schema, scoreColumnName, "Score");
        DataViewSchema.Column? probability = probabilityColumnName is null
            ? null
            : EvaluationColumns.Find(data.Schema, probabilityColumnName, "Probability");
        EvaluationColumns.Find(data.Schema, predictedLabelColumnName, "PredictedLabel");
        EvaluationColumns.CheckSingle(score, "score");
        if (!IsLabel(label.Type))
            throw EvaluationColumns.Mismatch(label, "label", "Single, Double, Boolean, or a Key with cardinality 2");
        if (probability is { } calibrated) EvaluationColumns.CheckSingle(calibrated, "probability");

        var evaluator = new BinaryEvaluator(env.Register(nameof(BinaryEvaluator)).Rand);
        evaluator.Read(data, label, score, probability);
        return (evaluator, label);
    }

    private void Read(IDataView data, DataViewSchema.Column label, DataViewSchema.Column score, DataViewSchema.Column? probability)
    {
        using var cursor = data.GetRowCursor(probability is { } read ? [label, score, read] : [label, score]);
        var getLabel = EvaluationColumns.LabelGetter(cursor, label);
        var getScore = cursor.GetGetter<float>(score);
        var getProbability = probability is { } column ? cursor.GetGetter<float>(column) : (ref float value) => value = float.NaN;
        float actual = 0, predicted = 0, certainty = 0;
        while (cursor.MoveNext())
        {
            getLabel(ref actual);
            getScore(ref predicted);
            if (!float.IsFinite(predicted) || float.IsNaN(actual)) continue;
            getProbability(ref certainty);
            Add(actual > 0, predicted, certainty);
        }
    }

    // The row's class is judged by its score alone, not by the column of predicted labels, as in ML.NET.
    private void Add(bool isPositive, float score, float probability)
    {
        _counts.Add(isPositive, score > 0, probability);
        (isPositive ? _positives : _negatives).Add(score);
        _ranking.Add((score, isPositive));
    }

    private static bool IsLabel(DataViewType type) =>
        type.Equals(NumberDataViewType.Single) || type.Equals(NumberDataViewType.Double)
        || type is BooleanDataViewType or KeyDataViewType { Count: 2 };

    private static string[] ClassNames(DataViewSchema.Column label)
    {
        var namesType = label.Annotations.Schema.GetColumnOrNull(AnnotationKinds.KeyValues)?.Type;
        if (label.Type is not KeyDataViewType || namesType is not VectorDataViewType { ItemType: TextDataViewType, Size: 2 })
            return ["positive", "negative"];
        var names = default(VBuffer<ReadOnlyMemory<char>>);
        label.Annotations.GetValue(AnnotationKinds.KeyValues, ref names);
        return [.. names.DenseValues().Select(name => name.ToString())];
    }
}
