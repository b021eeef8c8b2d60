using Microsoft.ML.Data;

namespace Microsoft.ML.LrScheduling.Data;

/// <summary>Reads the columns of an <see cref="IDataView"/> that a trainer needs, once and in order.</summary>
/// <param name="FeatureColumn">A known-size vector of <see cref="float"/>.</param>
/// <param name="LabelColumn">A <see cref="float"/>, a <see cref="bool"/> (read as 1 and 0) or a key (read as the number of its value, from 0).</param>
/// <param name="WeightColumn">A <see cref="float"/>; null where every row weighs 1.</param>
internal sealed record TrainingSetReader(string FeatureColumn, string LabelColumn, string? WeightColumn)
{
    /// <summary>Whether a row with a missing or infinite value is an error, or is left out and counted.</summary>
    public bool RefusesInvalidRows { get; init; }

    /// <summary>Refuses labels that cannot be trained on, with an exception that says why; null where all can.</summary>
    public Action<float>? CheckLabel { get; init; }

    /// <summary>What was read.</summary>
    /// <param name="Training">The rows to train on.</param>
    /// <param name="Validation">The rows held back; null where none were asked for.</param>
    /// <param name="SkippedRows">Rows left out because their label, weight or a feature is missing (NaN) or infinite.</param>
    internal readonly record struct Result(TrainingSet Training, TrainingSet? Validation, long SkippedRows);

    /// <summary>Reads all rows.</summary>
    /// <param name="data">The rows; their columns have been checked.</param>
    /// <param name="holdOut">Which rows to hold back for validation; null for none.</param>
    /// <param name="checkCancelled">Called every few hundred rows; throws where reading is to end.</param>
    /// <exception cref="InvalidOperationException">
    /// A weight is negative, or all of the training or of the validation rows are zero; a label cannot be trained on; a value is missing or infinite,
    /// and such rows are refused.
    /// </exception>
    public Result Read(IDataView data, HoldOut? holdOut, Action checkCancelled)
    {
        var schema = data.Schema;
        var (features, label) = (schema[FeatureColumn], schema[LabelColumn]);
        DataViewSchema.Column? weight = WeightColumn is null ? null : schema[WeightColumn];
        var width = ((VectorDataViewType)features.Type).Size;
        var training = new TrainingSetBuilder(width, weight is not null);
        var validation = holdOut is null ? null : new TrainingSetBuilder(width, weight is not null);

        var skipped = 0L;
        using (var cursor = data.GetRowCursor(weight is { } w ? [features, label, w] : [features, label]))
        {
            var getFeatures = cursor.GetGetter<VBuffer<float>>(features);
            var getLabel = LabelGetter(cursor, label);
            var getWeight = weight is { } column ? cursor.GetGetter<float>(column) : static (ref float value) => value = 1;
            var (vector, target, importance) = (default(VBuffer<float>), 0f, 0f);
            while (cursor.MoveNext())
            {
                if ((cursor.Position & 0xFF) == 0) checkCancelled();
                getFeatures(ref vector);
                getLabel(ref target);
                getWeight(ref importance);
                if (!(float.IsFinite(target) && float.IsFinite(importance) && AllFinite(vector.GetValues())))
                {
                    if (RefusesInvalidRows) throw Invalid(cursor.Position, target, importance);
                    skipped++;
                    continue;
                }

                if (importance < 0)
                    throw new InvalidOperationException(FormattableString.Invariant(
                        $"An example weight must be in [0, ∞). Received: {importance} in column '{WeightColumn}', row {cursor.Position}"));
                CheckLabel?.Invoke(target);
                var builder = holdOut is not null && holdOut.TakesNext() ? validation! : training;
                builder.Add(vector.GetValues(), vector.IsDense ? [] : vector.GetIndices(), target, importance);
            }
        }

        return new Result(training.Build("training"), validation?.Build("validation"), skipped);
    }

    private static ValueGetter<float> LabelGetter(DataViewRow row, DataViewSchema.Column label)
    {
        switch (label.Type)
        {
            case BooleanDataViewType:
                var getBoolean = row.GetGetter<bool>(label);
                var isTrue = false;
                return (ref float value) =>
                {
                    getBoolean(ref isTrue);
                    value = isTrue ? 1 : 0;
                };
            case KeyDataViewType:
                var getKey = row.GetGetter<uint>(label);
                var key = 0u;
                return (ref float value) =>
                {
                    getKey(ref key);
                    value = key == 0 ? float.NaN : key - 1;
                };
            default:
                return row.GetGetter<float>(label);
        }
    }

    private InvalidOperationException Invalid(long row, float label, float weight)
    {
        var what = !float.IsFinite(label) ? $"label (column '{LabelColumn}')"
            : !float.IsFinite(weight) ? $"weight (column '{WeightColumn}')"
            : $"feature (column '{FeatureColumn}')";
        return new InvalidOperationException($"Row {row} has a {what} that is missing (NaN) or infinite. Mend it, or let InvalidRows skip such rows.");
    }

    // x · 0 is 0 for finite x and NaN otherwise, so one sum tells of all of them.
    private static bool AllFinite(ReadOnlySpan<float> values)
    {
        var sum = 0f;
        foreach (var value in values) sum += value * 0f;
        return sum == 0f;
    }
}
