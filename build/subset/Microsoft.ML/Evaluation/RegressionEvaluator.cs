namespace Microsoft.ML.Data;

internal static class RegressionEvaluator
{
    internal static RegressionMetrics Evaluate(IDataView data, string labelColumnName, string scoreColumnName)
    {
        var label = EvaluationColumns.Find(data.Schema, labelColumnName, "Label");
        var score = EvaluationColumns.Find(data.Schema, scoreColumnName, "Score");
        EvaluationColumns.CheckSingle(score, "score");
        EvaluationColumns.CheckSingle(label, "label");

        double count = 0, l1 = 0, l2 = 0, loss = 0, labelSum = 0, labelSquares = 0;
        using var cursor = data.GetRowCursor([label, score]);
        var getLabel = cursor.GetGetter<float>(label);
        var getScore = cursor.GetGetter<float>(score);
        float actual = 0, predicted = 0;
        while (cursor.MoveNext())
        {
            getLabel(ref actual);
            getScore(ref predicted);
            if (float.IsNaN(actual) || float.IsNaN(predicted)) continue;
            var error = Math.Abs((double)actual - predicted);
            // ML.NET's loss functions and squared labels are of single precision, its error sums are not.
            var singleError = predicted - actual;
            count++;
            l1 += error;
            l2 += error * error;
            loss += singleError * singleError;
            labelSum += actual;
            labelSquares += actual * actual;
        }
        if (count == 0) return new RegressionMetrics(0, 0, 0, 0);
        var spread = labelSquares - labelSum * labelSum / count;
        return new RegressionMetrics(l1 / count, l2 / count, loss / count, spread == 0 ? double.NaN : 1 - l2 / spread);
    }
}
