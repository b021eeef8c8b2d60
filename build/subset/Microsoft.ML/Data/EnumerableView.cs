using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>A view over a sequence of objects, enumerated anew by each cursor.</summary>
internal sealed class EnumerableView<TRow>(IEnumerable<TRow> rows, SchemaDefinition definition) : IDataView where TRow : class
{
    private readonly ObjectReader<TRow> _reader = new(definition);

    public bool CanShuffle => false;

    public DataViewSchema Schema => _reader.Schema;

    public long? GetRowCount() => (rows as ICollection<TRow>)?.Count;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
        => new Cursor(_reader, rows.GetEnumerator(), ColumnSet.Of(Schema, columnsNeeded));

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
        => [GetRowCursor(columnsNeeded, rand)];

    private sealed class Cursor(ObjectReader<TRow> reader, IEnumerator<TRow> rows, ColumnSet active) : RowCursorBase(reader.Schema, active)
    {
        private readonly Current<TRow> _current = new();

        private protected override bool MoveNextCore()
        {
            if (!rows.MoveNext())
            {
                _current.Clear();
                return false;
            }
            _current.Value = rows.Current
                ?? throw new InvalidOperationException("Encountered null when iterating over data, this is not supported.");
            return true;
        }

        private protected override Delegate CreateGetter(DataViewSchema.Column column) => reader.CreateGetter(column.Index, _current);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                rows.Dispose();
        }
    }
}
