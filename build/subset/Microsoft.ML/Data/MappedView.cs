namespace Microsoft.ML.Data;

/// <summary>One output column: what it is, which input columns it reads, and how to get it from a row of the input schema.</summary>
/// <param name="CreateGetter">
/// Called once for each row object, so that a getter may own its buffers;
/// gives a <see cref="ValueGetter{TValue}"/> of the column's raw type.
/// </param>
internal sealed record MappedColumn(DataViewSchema.DetachedColumn Column, int[] Inputs, Func<DataViewRow, Delegate> CreateGetter);

/// <summary>A view with columns added to those of its source, computed when they are read.</summary>
internal sealed class MappedView(IDataView source, IReadOnlyList<MappedColumn> columns) : IDataView, IRowToRowMapper
{
    private readonly RowMapper _mapper = new(source.Schema, columns);

    internal IDataView Source => source;

    public bool CanShuffle => source.CanShuffle;

    public DataViewSchema Schema => _mapper.OutputSchema;

    public long? GetRowCount() => source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        var active = ColumnSet.Of(Schema, columnsNeeded);
        return new MappedCursor(source.GetRowCursor(_mapper.Dependencies(active), rand), _mapper, active);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
    {
        var active = ColumnSet.Of(Schema, columnsNeeded);
        var cursors = source.GetRowCursorSet(_mapper.Dependencies(active), n, rand);
        return Array.ConvertAll(cursors, cursor => (DataViewRowCursor)new MappedCursor(cursor, _mapper, active));
    }

    DataViewSchema IRowToRowMapper.InputSchema => _mapper.InputSchema;

    DataViewSchema IRowToRowMapper.OutputSchema => _mapper.OutputSchema;

    IEnumerable<DataViewSchema.Column> IRowToRowMapper.GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
        => _mapper.GetDependencies(dependingColumns);

    DataViewRow IRowToRowMapper.GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
        => _mapper.GetRow(input, activeColumns);
}

internal static class RowMapping
{
    internal static DataViewSchema OutputSchema(DataViewSchema input, IReadOnlyList<MappedColumn> columns)
        => new RowMapper(input, columns).OutputSchema;

    internal static IRowToRowMapper Mapper(DataViewSchema input, IReadOnlyList<MappedColumn> columns) => new RowMapper(input, columns);
}
