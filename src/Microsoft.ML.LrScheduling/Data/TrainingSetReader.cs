using Microsoft.ML.Data;

namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// Reads the columns that a trainer needs from an <see cref="IDataView"/>, once and in order, with several threads if the view allows it.
/// </summary>
/// <param name="FeatureColumn">The column of the features: a vector of <see cref="float"/> with a known size.</param>
/// <param name="LabelColumn">
/// The column of the label: a <see cref="float"/>, a <see cref="bool"/> (read as 1 or 0) or a key (read as the number of its value, from
/// 0).
/// </param>
/// <param name="WeightColumn">The column of the weight, a <see cref="float"/>; null if each row has the weight 1.</param>
internal sealed record TrainingSetReader(string FeatureColumn, string LabelColumn, string? WeightColumn)
{
    private const string Training = "training";

    // With more threads, they would wait for the single thread that stores the rows.
    private const int MostCursors = 8;

    /// <summary>Whether a row with a missing or infinite value is an error; if not, it is skipped and counted.</summary>
    public bool RefusesInvalidRows { get; init; }

    /// <summary>
    /// The column whose equal values keep rows together when rows are held back, of a single value; null for single rows.
    /// </summary>
    public string? KeyColumn { get; init; }

    /// <summary>Converts each label; null to use the labels unchanged.</summary>
    public Func<float, float>? MapLabel { get; init; }

    /// <summary>Throws an exception for a label that the loss does not allow; null if all labels are allowed.</summary>
    public Action<float>? CheckLabel { get; init; }

    /// <summary>What the rows are for, in messages.</summary>
    public string Purpose { get; init; } = Training;

    /// <summary>Whether the features of the training rows are standardized.</summary>
    public bool Standardizes { get; init; }

    /// <summary>The result of reading.</summary>
    /// <param name="Training">The training rows.</param>
    /// <param name="Validation">The validation rows; null if none were requested.</param>
    /// <param name="SkippedRows">
    /// The number of rows that were skipped because their label, weight or a feature is missing (NaN) or infinite.
    /// </param>
    internal readonly record struct Result(TrainingSet Training, TrainingSet? Validation, long SkippedRows);

    /// <summary>Reads all rows.</summary>
    /// <param name="data">The rows. Their columns must have been checked.</param>
    /// <param name="holdOut">Chooses the rows to hold back for validation; null for none.</param>
    /// <param name="store">The store of the rows.</param>
    /// <param name="checkCancelled">A method that is called every few milliseconds. It throws an exception to cancel.</param>
    /// <exception cref="InvalidOperationException">
    /// A row does not have the shape of its column; a weight is negative; all weights of the training rows or of the validation rows are
    /// zero; the loss does not allow a label; or a value is missing or infinite, and such rows are errors.
    /// </exception>
    /// <exception cref="IOException">The file for the rows cannot be written.</exception>
    public Result Read(IDataView data, HoldOut? holdOut, RowStore store, Action checkCancelled)
    {
        var schema = data.Schema;
        var (features, label) = (schema[FeatureColumn], schema[LabelColumn]);
        DataViewSchema.Column? weight = WeightColumn is null ? null : schema[WeightColumn];
        var width = ((VectorDataViewType)features.Type).Size;
        var training = new TrainingSetBuilder(width, weight is not null, store, Standardizes);
        var validation = holdOut is null ? null : new TrainingSetBuilder(width, weight is not null, store);
        var split = holdOut is null ? null : new RowSplit(holdOut, training, validation!);
        DataViewSchema.Column? key = split is null || KeyColumn is null ? null : schema[KeyColumn];
        var (position, skipped) = (0L, 0L);
        DataViewSchema.Column[] columns =
            [.. new[] { features, label, weight, key }.OfType<DataViewSchema.Column>().DistinctBy(column => column.Index)];
        var cursors = Environment.ProcessorCount == 1
            ? [data.GetRowCursor(columns)]
            : data.GetRowCursorSet(columns, Math.Min(Environment.ProcessorCount, MostCursors));
        new RowCursors(cursors, Open, width, checkCancelled).ReadAll(Take);
        split?.End();
        return new Result(training.Build(Purpose), validation?.Build("validation"), skipped);

        Action<RowBatch> Open(DataViewRowCursor cursor)
        {
            var getFeatures = cursor.GetGetter<VBuffer<float>>(features);
            var getLabel = LabelGetter(cursor, label);
            var getWeight = weight is { } column ? cursor.GetGetter<float>(column) : static (ref float value) => value = 1;
            var getKey = key is { } keys ? RowKeys.Getter(cursor, keys) : static () => null;
            var (vector, target, importance) = (default(VBuffer<float>), 0f, 0f);
            return batch =>
            {
                getFeatures(ref vector);
                getLabel(ref target);
                getWeight(ref importance);
                batch.Add(vector, target, importance, getKey());
            };
        }

        void Take(RowBatch batch)
        {
            checkCancelled();
            for (var row = 0; row < batch.Count; row++, position++)
            {
                var (target, importance, fault) = batch[row];
                if (fault == RowFault.Shape)
                    throw new InvalidOperationException(
                        $"Each row of column '{FeatureColumn}' must have {width} features, as its type says, with indices in [0, {width}). "
                        + $"Received: other features in {NameOf(position)}");
                if (fault == RowFault.Repeated)
                    throw new InvalidOperationException(
                        "A sparse row must give each feature once. Received: more than one value of a feature in column "
                        + $"'{FeatureColumn}', {NameOf(position)}");
                if (fault == RowFault.NotFinite)
                {
                    if (RefusesInvalidRows) throw Invalid(position, target, importance);
                    skipped++;
                    continue;
                }

                if (importance < 0)
                    throw new InvalidOperationException(FormattableString.Invariant(
                        $"An example weight must be in [0, ∞). Received: {importance} in column '{WeightColumn}', {NameOf(position)}"));
                if (MapLabel is not null) target = MapLabel(target);
                Check(target, position);
                if (split is null) training.Add(batch.Values(row), batch.Indices(row), target, importance);
                else split.Add(batch.Values(row), batch.Indices(row), target, importance, batch.Key(row));
            }
        }
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

    private void Check(float label, long row)
    {
        try
        {
            CheckLabel?.Invoke(label);
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidOperationException($"{e.Message} in column '{LabelColumn}', {NameOf(row)}", e);
        }
    }

    // A row without more is one of those that training was asked for with.
    private string NameOf(long row) => Purpose == Training ? $"row {row}" : $"{Purpose} row {row}";

    private InvalidOperationException Invalid(long row, float label, float weight)
    {
        var what = !float.IsFinite(label) ? $"label (column '{LabelColumn}')"
            : !float.IsFinite(weight) ? $"weight (column '{WeightColumn}')"
            : $"feature (column '{FeatureColumn}')";
        var name = NameOf(row);
        return new InvalidOperationException(
            $"{char.ToUpperInvariant(name[0])}{name[1..]} has a {what} that is missing (NaN) or infinite. Correct it, or set "
            + "InvalidRows to Skip.");
    }
}
