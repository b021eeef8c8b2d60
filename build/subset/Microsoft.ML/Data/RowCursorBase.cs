namespace Microsoft.ML.Data;

/// <summary>A cursor over rows of its own, in one batch.</summary>
internal abstract class RowCursorBase(DataViewSchema schema, ColumnSet active) : DataViewRowCursor
{
    private readonly Delegate[] _getters = new Delegate[schema.Count];
    private long _position = -1;
    private bool _ended;

    public sealed override DataViewSchema Schema => schema;

    public sealed override long Position => _position;

    public override long Batch => 0;

    private protected abstract bool MoveNextCore();

    private protected abstract Delegate CreateGetter(DataViewSchema.Column column);

    public sealed override bool MoveNext()
    {
        if (!_ended && MoveNextCore())
        {
            _position++;
            return true;
        }
        _ended = true;
        _position = -1;
        return false;
    }

    public sealed override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column);

    public sealed override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        active.CheckContains(column);
        return Getters.Typed<TValue>(_getters[column.Index] ??= CreateGetter(column), column.Type);
    }

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) => value = new((ulong)Position, 0);
}

/// <summary>A cursor over some rows of another, whose values pass through.</summary>
internal abstract class SelectingCursor(DataViewRowCursor input, ColumnSet active) : RowCursorBase(input.Schema, active)
{
    private protected DataViewRowCursor Input => input;

    public sealed override long Batch => input.Batch;

    private protected sealed override Delegate CreateGetter(DataViewSchema.Column column) => Getters.Untyped(input, column);

    public sealed override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            input.Dispose();
    }
}
