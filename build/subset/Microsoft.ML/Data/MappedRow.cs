namespace Microsoft.ML.Data;

/// <summary>The values of a mapped row, shared by rows and cursors.</summary>
internal sealed class MappedValues(DataViewRow input, RowMapper mapper, ColumnSet active)
{
    // One getter a column: columns that share work through their getters' buffers must not get a second set of them.
    private readonly Delegate[] _getters = new Delegate[mapper.OutputSchema.Count];

    internal DataViewSchema Schema => mapper.OutputSchema;

    internal bool IsActive(DataViewSchema.Column column) => active.Contains(column);

    internal ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        active.CheckContains(column);
        if (mapper.IsPassedThrough(column.Index, out var inputIndex))
            return input.GetGetter<TValue>(mapper.InputSchema[inputIndex]);
        var getter = _getters[column.Index] ??= mapper.Mapped(column.Index).CreateGetter(input);
        return Getters.Typed<TValue>(getter, column.Type);
    }
}

internal sealed class MappedRow(DataViewRow input, RowMapper mapper, ColumnSet active) : DataViewRow
{
    private readonly MappedValues _values = new(input, mapper, active);

    public override DataViewSchema Schema => _values.Schema;

    public override long Position => input.Position;

    public override long Batch => input.Batch;

    public override bool IsColumnActive(DataViewSchema.Column column) => _values.IsActive(column);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => _values.GetGetter<TValue>(column);

    public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            input.Dispose();
    }
}

internal sealed class MappedCursor(DataViewRowCursor input, RowMapper mapper, ColumnSet active) : DataViewRowCursor
{
    private readonly MappedValues _values = new(input, mapper, active);

    public override DataViewSchema Schema => _values.Schema;

    public override long Position => input.Position;

    public override long Batch => input.Batch;

    public override bool MoveNext() => input.MoveNext();

    public override bool IsColumnActive(DataViewSchema.Column column) => _values.IsActive(column);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => _values.GetGetter<TValue>(column);

    public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            input.Dispose();
    }
}
