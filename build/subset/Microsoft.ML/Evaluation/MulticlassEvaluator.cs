using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

internal static class MulticlassEvaluator
{
    internal static MulticlassClassificationMetrics Evaluate(IDataView data,
        string labelColumnName, string scoreColumnName, string predictedLabelColumnName, int topKPredictionCount)
    {
        var label = EvaluationColumns.Find(data.Schema, labelColumnName, "Label");
        var score = EvaluationColumns.Find(data.Schema, scoreColumnName, "Score");
        EvaluationColumns.Find(data.Schema, predictedLabelColumnName, "PredictedLabel");
        if (score.Type is not VectorDataViewType { Size: >= 2 } scoreType || !scoreType.ItemType.Equals(NumberDataViewType.Single))
            throw EvaluationColumns.Mismatch(score, "score", "vector of two or more items of type Single");
        if (!label.Type.Equals(NumberDataViewType.Single) && label.Type is not KeyDataViewType { Count: > 0 })
            throw EvaluationColumns.Mismatch(label, "label", "Single or Key");
        // One more than there are classes is allowed, as in ML.NET: labels that the model does not know have a rank too.
        Contracts.CheckUserArg(topKPredictionCount <= scoreType.Size + 1, nameof(topKPredictionCount),
            $"Must be at most {scoreType.Size + 1}, one more than there are classes. Received: {topKPredictionCount}");

        var counts = new MulticlassCounts(scoreType.Size);
        Read(data, label, score, counts);
        var matrix = new ConfusionMatrix(counts.ConfusionTable, ClassNames(score, scoreType.Size), isBinary: false);
        return new(counts, topKPredictionCount, matrix);
    }

    private static void Read(IDataView data, DataViewSchema.Column label, DataViewSchema.Column score, MulticlassCounts counts)
    {
        using var cursor = data.GetRowCursor([label, score]);
        var getLabel = EvaluationColumns.LabelGetter(cursor, label);
        var getScores = cursor.GetGetter<VBuffer<float>>(score);
        var actual = 0f;
        var buffer = default(VBuffer<float>);
        var scores = new float[score.Type.GetValueCount()];
        while (cursor.MoveNext())
        {
            getLabel(ref actual);
            // Neither a missing label nor one that is no whole number from 0 belongs to any class.
            if (!(actual >= 0) || actual != (int)actual) continue;
            getScores(ref buffer);
            buffer.CopyTo(scores);
            if (Array.TrueForAll(scores, float.IsFinite)) counts.Add((int)actual, scores);
        }
    }

    private static string[] ClassNames(DataViewSchema.Column score, int classes)
    {
        var type = score.Annotations.Schema.GetColumnOrNull(AnnotationKinds.SlotNames)?.Type;
        if (type is not VectorDataViewType { ItemType: TextDataViewType } vector || vector.Size != classes)
            return [.. Enumerable.Range(0, classes).Select(label => label.ToString())];
        var names = default(VBuffer<ReadOnlyMemory<char>>);
        score.Annotations.GetValue(AnnotationKinds.SlotNames, ref names);
        return [.. names.DenseValues().Select(name => name.ToString())];
    }
}
