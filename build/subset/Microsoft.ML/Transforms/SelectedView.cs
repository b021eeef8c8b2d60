using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms;

/// <summary>Some columns of a schema, each known by where it came from.</summary>
internal sealed class SelectedColumns : IRowToRowMapper
{
    private readonly int[] _origins;

    internal SelectedColumns(DataViewSchema input, int[] origins)
    {
        _origins = origins;
        InputSchema = input;
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(origins.Select(origin => new DataViewSchema.DetachedColumn(input[origin])));
        OutputSchema = builder.ToSchema();
    }

    public DataViewSchema InputSchema { get; }

    public DataViewSchema OutputSchema { get; }

    internal DataViewSchema.Column Origin(DataViewSchema.Column column)
    {
        Contracts.CheckParam(column.Index < _origins.Length, nameof(column), $"The column '{column.Name}' is not of this schema.");
        return InputSchema[_origins[column.Index]];
    }

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) =>
        dependingColumns.Select(Origin);

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        Contracts.CheckValue(input, nameof(input));
        return new SelectedRow(input, this);
    }
}

internal sealed class SelectedView(IDataView source, SelectedColumns columns) : IDataView
{
    public DataViewSchema Schema => columns.OutputSchema;

    public bool CanShuffle => source.CanShuffle;

    public long? GetRowCount() => source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null) =>
        new SelectedCursor(source.GetRowCursor(columns.GetDependencies(columnsNeeded), rand), columns);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null) =>
        Array.ConvertAll(source.GetRowCursorSet(columns.GetDependencies(columnsNeeded), n, rand),
            cursor => (DataViewRowCursor)new SelectedCursor(cursor, columns));
}

internal sealed class SelectedRow(DataViewRow input, SelectedColumns columns) : DataViewRow
{
    public override DataViewSchema Schema => columns.OutputSchema;

    public override long Position => input.Position;

    public override long Batch => input.Batch;

    public override bool IsColumnActive(DataViewSchema.Column column) => input.IsColumnActive(columns.Origin(column));

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => input.GetGetter<TValue>(columns.Origin(column));

    public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            input.Dispose();
    }
}

internal sealed class SelectedCursor(DataViewRowCursor input, SelectedColumns columns) : DataViewRowCursor
{
    public override DataViewSchema Schema => columns.OutputSchema;

    public override long Position => input.Position;

    public override long Batch => input.Batch;

    public override bool MoveNext() => input.MoveNext();

    public override bool IsColumnActive(DataViewSchema.Column column) => input.IsColumnActive(columns.Origin(column));

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => input.GetGetter<TValue>(columns.Origin(column));

    public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            input.Dispose();
    }
}
