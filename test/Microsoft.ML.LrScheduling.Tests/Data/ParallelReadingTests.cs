using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Tests.Data;

/// <summary>
/// Rows that several cursors read at the same time are those that one reads, in the same order; and what one of them throws comes out.
/// </summary>
[TestClass]
public sealed class ParallelReadingTests
{
    private static readonly TrainingSetReader Reader = new("Features", "Label", null);

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(8)]
    public void Rows_come_in_the_order_of_the_view(int cursors)
    {
        foreach (var rows in new[] { 0, 1, 5, 20_000 })
        {
            var view = new DealtView(rows, cursors);
            var read = Reader.Read(view, new RandomHoldOut(0.3, 1), RowStore.Unlimited(), () => { });
            var expected = Reader.Read(new DealtView(rows, 1), new RandomHoldOut(0.3, 1), RowStore.Unlimited(), () => { });
            foreach (var (set, expectedSet) in new[] { (read.Training, expected.Training), (read.Validation!, expected.Validation!) })
            {
                CollectionAssert.AreEqual(Labels(expectedSet), Labels(set), $"{rows} rows");
                for (var row = 0; row < set.RowCount; row++)
                    Assert.IsTrue(set.Features(row).SequenceEqual([set.Label(row), 2 * set.Label(row)]));
            }

            CollectionAssert.AreEqual(Enumerable.Range(0, rows).ToArray(),
                Labels(read.Training).Concat(Labels(read.Validation!)).Select(label => (int)label).Order().ToArray());
            Assert.AreEqual(0, view.OpenCursors);
        }
    }

    [TestMethod]
    public void What_a_cursor_throws_comes_out_and_all_are_closed()
    {
        foreach (var bad in new[] { 0, 5, 1234, 19_999 })
        {
            var view = new DealtView(20_000, 3) { BadRow = bad };
            Assert.AreEqual($"row {bad} is bad",
                Assert.ThrowsExactly<FormatException>(() => Reader.Read(view, null, RowStore.Unlimited(), () => { })).Message);
            Assert.AreEqual(0, view.OpenCursors);
        }
    }

    [TestMethod]
    public void A_row_that_is_refused_is_named_by_its_place_in_the_view()
    {
        var view = new DealtView(20_000, 3) { Label = row => row == 12_345 ? float.NaN : row };
        StringAssert.StartsWith(
            Assert.ThrowsExactly<InvalidOperationException>(
                () => (Reader with { RefusesInvalidRows = true }).Read(view, null, RowStore.Unlimited(), () => { })).Message,
            "Row 12345 has a label");
        Assert.AreEqual(0, view.OpenCursors);
        Assert.AreEqual(1, Reader.Read(view, null, RowStore.Unlimited(), () => { }).SkippedRows);
    }

    [TestMethod]
    public void Reading_that_is_cancelled_closes_all_cursors()
    {
        var view = new DealtView(20_000, 3);
        var calls = 0;
        Assert.ThrowsExactly<OperationCanceledException>(() => Reader.Read(view, null, RowStore.Unlimited(), () =>
        {
            if (++calls == 10) throw new OperationCanceledException();
        }));
        Assert.AreEqual(0, view.OpenCursors);
    }

    [TestMethod]
    public void Views_of_ML_NET_give_the_rows_that_one_cursor_gives()
    {
        var mlContext = new MLContext(1);
        var random = new Random(1);
        var rows = Enumerable.Range(0, 5000)
            .Select(row => new Row { Label = row, Weight = (float)random.NextDouble(), Features = [row, row % 7, row % 3 == 0 ? 0 : 1] })
            .ToArray();
        var cached = mlContext.Data.Cache(mlContext.Data.LoadFromEnumerable(rows));
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllLines(
                file, rows.Select(row => FormattableString.Invariant($"{row.Label}\t{row.Weight}\t{string.Join('\t', row.Features)}")));
            var loaded = mlContext.Data.LoadFromTextFile<Row>(file);
            IDataView[] views =
            [
                cached, loaded, mlContext.Data.FilterRowsByColumn(cached, "Label", 100, 4000),
                mlContext.Transforms.NormalizeMeanVariance("Features").Fit(cached).Transform(cached),
                mlContext.Data.SkipRows(cached, 77),
            ];
            foreach (var (view, i) in views.Select((view, i) => (view, i)))
            {
                var reader = Reader with { WeightColumn = "Weight" };
                var (set, expected) = (reader.Read(view, null, RowStore.Unlimited(), () => { }).Training,
                    reader.Read(new OneCursor(view), null, RowStore.Unlimited(), () => { }).Training);
                Assert.AreEqual(RowsHash.Of(expected), RowsHash.Of(set), $"view {i}");
                Assert.IsGreaterThan(3000, set.RowCount, $"view {i}");
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static float[] Labels(TrainingSet set) => [.. Enumerable.Range(0, set.RowCount).Select(set.Label)];

    private sealed class Row
    {
        [LoadColumn(0)]
        public float Label { get; set; }

        [LoadColumn(1)]
        public float Weight { get; set; }

        [LoadColumn(2, 4), VectorType(3)]
        public float[] Features { get; set; } = [];
    }

    private sealed class OneCursor(IDataView view) : IDataView
    {
        public bool CanShuffle => view.CanShuffle;

        public DataViewSchema Schema => view.Schema;

        public long? GetRowCount() => view.GetRowCount();

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
            view.GetRowCursor(columnsNeeded, rand);

        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
            [view.GetRowCursor(columnsNeeded, rand)];
    }
}
