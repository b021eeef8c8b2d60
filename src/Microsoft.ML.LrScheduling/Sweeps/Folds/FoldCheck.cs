using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>Refuses a cross-validation with a fold that has no rows, before trials train.</summary>
internal static class FoldCheck
{
    /// <summary>Refuses folds without rows, and a column that rows cannot be grouped by.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="options">How many folds there are, and what they follow from.</param>
    /// <param name="cancellation">What ends it.</param>
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

    // The columns that the rows are chosen by are read all the same.
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
