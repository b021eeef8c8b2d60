using Microsoft.ML.Data;

namespace Microsoft.ML.LrScheduling.Tests.Data;

/// <summary>Rows whose features are whatever is said of them, dealt out to several cursors.</summary>
/// <param name="features">The features of a row.</param>
/// <param name="rowCount">The rows.</param>
/// <param name="cursorCount">The cursors of a set.</param>
/// <param name="width">The features that the column has.</param>
internal sealed class ShapedView(Func<long, VBuffer<float>> features, int rowCount, int cursorCount, int width = 5) : IDataView
{
    public bool CanShuffle => false;

    public DataViewSchema Schema { get; } = MakeSchema(width);

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

    // Each row is a batch, and cursor i of n has the rows i, i + n …
    private sealed class Cursor(ShapedView view, int first, int step) : DataViewRowCursor
    {
        private long _row = first - step;

        public override long Position => (_row - first) / step;

        public override long Batch => _row;

        public override DataViewSchema Schema => view.Schema;

        public override bool MoveNext() => (_row += step) < view.GetRowCount();

        public override bool IsColumnActive(DataViewSchema.Column column) => true;

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => column.Name == "Features"
            ? (ValueGetter<TValue>)(Delegate)(ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) => value = view.Features(_row))
            : (ValueGetter<TValue>)(Delegate)(ValueGetter<float>)((ref float value) => value = _row % 10);

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)_row, 0);
    }

    private VBuffer<float> Features(long row) => features(row);
}
