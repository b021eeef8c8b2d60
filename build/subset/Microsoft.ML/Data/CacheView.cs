using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>Keeps the columns of a source in memory from the first time that they are read.</summary>
internal sealed class CacheView : IDataView
{
    private const int BatchRows = 64;

    private readonly IDataView _source;
    private readonly CachedColumn[] _columns;
    private readonly Lock _filling = new();
    private long? _rowCount;

    internal CacheView(IDataView source, string[] columnsToPrefetch)
    {
        _source = source;
        _columns = new CachedColumn[source.Schema.Count];
        if (columnsToPrefetch is { Length: > 0 })
            Fill(ColumnSet.Of(Schema, columnsToPrefetch.Select(name => source.Schema[name])));
    }

    public bool CanShuffle => true;

    public DataViewSchema Schema => _source.Schema;

    public long? GetRowCount() => _rowCount ?? _source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
        => GetRowCursorSet(columnsNeeded, 1, rand)[0];

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
    {
        Contracts.CheckParam(n > 0, nameof(n), $"The number of cursors must be at least 1. Received: {n}.");
        var active = ColumnSet.Of(Schema, columnsNeeded);
        var count = Fill(active);
        var order = rand is null ? null : Permutation(count, rand);
        // Batches of a few rows are dealt out in turn, so that cursors that are read at the same time need not wait for each other long to be merged.
        var cursors = new DataViewRowCursor[Math.Max(1, Math.Min(n, (count + BatchRows - 1) / BatchRows))];
        for (var i = 0; i < cursors.Length; i++)
            cursors[i] = new Cursor(Schema, active, _columns, order, count, firstBatch: i, batchStep: cursors.Length);
        return cursors;
    }

    private int Fill(ColumnSet active)
    {
        lock (_filling)
        {
            var missing = active.Columns(Schema).Where(column => _columns[column.Index] is null).ToList();
            if (missing.Count > 0 || _rowCount is null)
            {
                using var cursor = _source.GetRowCursor(missing);
                var filled = missing.ConvertAll(column => CachedColumn.Create(cursor, column));
                var count = 0;
                for (; cursor.MoveNext(); count++)
                {
                    foreach (var column in filled)
                        column.Append();
                }
                Contracts.Check(_rowCount is null || _rowCount == count,
                    $"The cached data had {_rowCount} rows when it was read first and has {count} now.");
                for (var i = 0; i < filled.Count; i++)
                    _columns[missing[i].Index] = filled[i];
                _rowCount = count;
            }
            return (int)_rowCount;
        }
    }

    private static int[] Permutation(int count, Random rand)
    {
        var order = Enumerable.Range(0, count).ToArray();
        rand.Shuffle(order);
        return order;
    }

    private sealed class Cursor(DataViewSchema schema, ColumnSet active, CachedColumn[] columns, int[] order, int count, int firstBatch, int batchStep)
        : RowCursorBase(schema, active)
    {
        private readonly CachedRow _row = new();
        private long _batch = firstBatch;
        private long _next = (long)firstBatch * BatchRows;

        public override long Batch => _batch;

        private protected override bool MoveNextCore()
        {
            if (_next == (_batch + 1) * BatchRows)
            {
                _batch += batchStep;
                _next = _batch * BatchRows;
            }

            if (_next >= count)
            {
                _row.Index = -1;
                return false;
            }
            _row.Index = order is null ? (int)_next : order[_next];
            _next++;
            return true;
        }

        private protected override Delegate CreateGetter(DataViewSchema.Column column) => columns[column.Index].CreateGetter(_row);

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) => value = new((ulong)_row.Index, 0);
    }
}
