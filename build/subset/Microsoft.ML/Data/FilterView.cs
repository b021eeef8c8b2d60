namespace Microsoft.ML.Data;

/// <summary>The rows of a source that pass a test.</summary>
/// <param name="inputs">The columns that the test reads.</param>
/// <param name="createTest">Makes the test of the row that a cursor stands on; called once a cursor.</param>
/// <param name="isInOrder">Whether the test has to see every row in the source's own order.</param>
internal sealed class FilterView(IDataView source, int[] inputs, Func<DataViewRow, Func<bool>> createTest, bool isInOrder = false)
    : IDataView
{
    public bool CanShuffle => !isInOrder && source.CanShuffle;

    public DataViewSchema Schema => source.Schema;

    // How many rows pass is known only once they have been read.
    public long? GetRowCount() => null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null)
    {
        var active = ColumnSet.Of(Schema, columnsNeeded);
        return Filter(source.GetRowCursor(Needed(active), isInOrder ? null : rand), active);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null)
    {
        if (isInOrder)
            return [GetRowCursor(columnsNeeded)];
        var active = ColumnSet.Of(Schema, columnsNeeded);
        return Array.ConvertAll(source.GetRowCursorSet(Needed(active), n, rand), cursor => Filter(cursor, active));
    }

    private IEnumerable<DataViewSchema.Column> Needed(ColumnSet active)
        => Schema.Where(column => active.Contains(column.Index) || inputs.Contains(column.Index));

    private DataViewRowCursor Filter(DataViewRowCursor cursor, ColumnSet active) => new Cursor(cursor, active, createTest(cursor));

    private sealed class Cursor(DataViewRowCursor input, ColumnSet active, Func<bool> passes) : SelectingCursor(input, active)
    {
        private protected override bool MoveNextCore()
        {
            while (Input.MoveNext())
            {
                if (passes())
                    return true;
            }
            return false;
        }
    }
}
