using Microsoft.ML.Data;

namespace Microsoft.ML.LrScheduling.Tests.Data;

/// <summary>
/// Rows that are dealt out to several cursors in batches of different lengths: row i has the features i and 2i, and the label i, where
/// nothing else is said.
/// </summary>
/// <param name="rowCount">The rows.</param>
/// <param name="cursorCount">The cursors of a set; 1 for a view that cannot be read in parallel.</param>
internal sealed class DealtView(int rowCount, int cursorCount) : IDataView
{
    private readonly int[] _batchStarts = BatchStarts(rowCount);
    private int _open;

    /// <summary>The row that cannot be read.</summary>
    public int BadRow { get; init; } = -1;

    /// <summary>The features that the column has.</summary>
    public int Width { get; init; } = 2;

    /// <summary>The features of a row, which need not be those of the column.</summary>
    public Func<int, VBuffer<float>> Features { get; init; } = row => new VBuffer<float>(2, [row, 2 * row]);

    /// <summary>The label of a row.</summary>
    public Func<int, float> Label { get; init; } = row => row;

    /// <summary>The cursors that have been opened and not closed.</summary>
    public int OpenCursors => _open;

    public bool CanShuffle => false;

    public DataViewSchema Schema => field ??= MakeSchema(Width);

    public long? GetRowCount() => rowCount;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) => new Cursor(this, 0, 1);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [.. Enumerable.Range(0, cursorCount).Select(i => new Cursor(this, i, cursorCount))];

    private static DataViewSchema MakeSchema(int width)
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("Features", new VectorDataViewType(NumberDataViewType.Single, width));
        builder.AddColumn("Label", NumberDataViewType.Single);
        return builder.ToSchema();
    }

    private static int[] BatchStarts(int rowCount)
    {
        var (random, starts) = (new Random(1), new List<int>());
        // Some of them longer than what is handed over at once.
        for (var start = 0; start < rowCount; start += 1 + random.Next(random.Next(4) == 0 ? 700 : 20)) starts.Add(start);
        return [.. starts, rowCount];
    }

    private sealed class Cursor : DataViewRowCursor
    {
        private readonly DealtView _view;
        private readonly int _step;
        private int _batch;
        private int _row;
        private long _position = -1;

        public Cursor(DealtView view, int first, int step)
        {
            (_view, _batch, _step) = (view, first, step);
            _row = first < view._batchStarts.Length - 1 ? view._batchStarts[first] - 1 : int.MaxValue - 1;
            Interlocked.Increment(ref view._open);
        }

        public override long Position => _position;

        public override long Batch => _batch;

        public override DataViewSchema Schema => _view.Schema;

        public override bool IsColumnActive(DataViewSchema.Column column) => true;

        public override bool MoveNext()
        {
            if (_batch >= _view._batchStarts.Length - 1) return false;
            _row++;
            if (_row == _view._batchStarts[_batch + 1])
            {
                _batch += _step;
                if (_batch >= _view._batchStarts.Length - 1) return false;
                _row = _view._batchStarts[_batch];
            }

            if (_row == _view.BadRow) throw new FormatException($"row {_row} is bad");
            _position++;
            return true;
        }

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
            (ValueGetter<TValue>)(object)(column.Name == "Label" ? GetLabel : (Delegate)GetFeatures);

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new((ulong)_row, 0);

        protected override void Dispose(bool disposing)
        {
            if (disposing) Interlocked.Decrement(ref _view._open);
            base.Dispose(disposing);
        }

        private ValueGetter<float> GetLabel => (ref float value) => value = _view.Label(_row);

        private ValueGetter<VBuffer<float>> GetFeatures => (ref VBuffer<float> value) => value = _view.Features(_row);
    }
}
