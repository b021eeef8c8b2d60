using Microsoft.ML.Data;

namespace Microsoft.ML.LrScheduling.Data;

/// <summary>Reads the columns of an <see cref="IDataView"/> that a trainer needs, once and in order.</summary>
/// <param name="FeatureColumn">A known-size vector of <see cref="float"/>.</param>
/// <param name="LabelColumn">A <see cref="float"/>.</param>
/// <param name="WeightColumn">A <see cref="float"/>; null where every row weighs 1.</param>
internal sealed record TrainingSetReader(string FeatureColumn, string LabelColumn, string? WeightColumn)
{
    /// <summary>What was read.</summary>
    /// <param name="Training">The rows to train on.</param>
    /// <param name="Validation">The rows held back; null where none were asked for.</param>
    /// <param name="SkippedRows">Rows left out because their label, weight or a feature is missing (NaN) or infinite.</param>
    internal readonly record struct Result(TrainingSet Training, TrainingSet? Validation, long SkippedRows);

    /// <summary>Reads all rows.</summary>
    /// <param name="data">The rows; their columns have been checked.</param>
    /// <param name="holdOut">Which rows to hold back for validation; null for none.</param>
    /// <param name="cancellationToken">Checked every few hundred rows.</param>
    /// <exception cref="InvalidOperationException">A weight is negative, or all of the training or of the validation rows are zero.</exception>
    public Result Read(IDataView data, HoldOut? holdOut, CancellationToken cancellationToken)
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
            var getLabel = cursor.GetGetter<float>(label);
            var getWeight = weight is { } column ? cursor.GetGetter<float>(column) : static (ref float value) => value = 1;
            var (vector, target, importance) = (default(VBuffer<float>), 0f, 0f);
            while (cursor.MoveNext())
            {
                if ((cursor.Position & 0xFF) == 0) cancellationToken.ThrowIfCancellationRequested();
                getFeatures(ref vector);
                getLabel(ref target);
                getWeight(ref importance);
                if (!(float.IsFinite(target) && float.IsFinite(importance) && AllFinite(vector.GetValues())))
                {
                    skipped++;
                    continue;
                }

                if (importance < 0)
                    throw new InvalidOperationException(FormattableString.Invariant(
                        $"An example weight must be in [0, ∞). Received: {importance} in column '{WeightColumn}', row {cursor.Position}"));
                var builder = holdOut is not null && holdOut.TakesNext() ? validation! : training;
                vector.CopyTo(builder.Add(target, importance));
            }
        }

        return new Result(training.Build("training"), validation?.Build("validation"), skipped);
    }

    // x · 0 is 0 for finite x and NaN otherwise, so one sum tells of all of them.
    private static bool AllFinite(ReadOnlySpan<float> values)
    {
        var sum = 0f;
        foreach (var value in values) sum += value * 0f;
        return sum == 0f;
    }
}
