using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>Checks before training that each fold of a cross-validation has rows.</summary>
internal static class FoldCheck
{
    /// <summary>Checks that each fold has rows, and that the grouping column exists and has single values.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="options">The options of the sweep, with the number of folds, the seed and the grouping column.</param>
    /// <param name="cancellation">Cancels the check.</param>
    /// <exception cref="InvalidOperationException">The message names NumberOfFolds or SamplingKeyColumnName.</exception>
    /// <exception cref="OperationCanceledException">The sweep was cancelled.</exception>
    public static void Check(SweepData data, SweepOptions options, Cancellation cancellation)
    {
        if (options.SamplingKeyColumnName is { } key) CheckKey(data.Training.Schema, key);
        var splits = CrossValidation.Split(data, options);
        for (var fold = 0; fold < splits.Count; fold++)
        {
            cancellation.ThrowIfRequested();
            if (IsEmpty(splits[fold].TestSet)) throw Empty(fold, data, options);
        }
    }

    private static void CheckKey(DataViewSchema schema, string key)
    {
        if (schema.GetColumnOrNull(key) is not { } column)
            throw new InvalidOperationException(
                $"SamplingKeyColumnName must be a column of the training rows. Received: \"{key}\". Their columns are "
                + $"{string.Join(", ", schema.Where(other => !other.IsHidden).Select(other => other.Name))}.");
        if (column.Type is not PrimitiveDataViewType)
            throw new InvalidOperationException(
                $"SamplingKeyColumnName must be a column of the training rows with single values. Received: \"{key}\", of {column.Type}");
    }

    // No columns are needed. The view itself reads the columns by which it chooses rows.
    private static bool IsEmpty(IDataView rows)
    {
        using var cursor = rows.GetRowCursor([]);
        return !cursor.MoveNext();
    }

    private static InvalidOperationException Empty(int fold, SweepData data, SweepOptions options)
    {
        var received = $"NumberOfFolds must leave each fold a row. Received: {options.NumberOfFolds}, and fold {fold + 1} has none";
        if (options.SamplingKeyColumnName is not { } key) return new($"{received}. Set fewer folds.");
        var values = ValuesOf(data.Training, key);
        if (values <= 1)
            return new($"SamplingKeyColumnName must be a column with several values. Received: \"{key}\", by which all rows are in one "
                + $"fold of {options.NumberOfFolds}.");
        return new($"{received}: rows with the same value of SamplingKeyColumnName \"{key}\" are in the same fold, and it has "
            + $"{Quantity.Of(values, "value")}. "
            + (values < options.NumberOfFolds ? $"Set at most {values} folds." : $"Set another Seed than {options.Seed}, or fewer folds."));
    }

    private static long ValuesOf(IDataView rows, string key)
    {
        const string Values = "values";
        var mapped = new MLContext().Transforms.Conversion.MapValueToKey(Values, key, maximumNumberOfKeys: int.MaxValue)
            .Fit(rows).Transform(rows);
        return (long)((KeyDataViewType)mapped.Schema[Values].Type).Count;
    }
}
