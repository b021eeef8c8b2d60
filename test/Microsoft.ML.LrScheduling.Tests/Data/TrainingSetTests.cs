using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Tests.Data;

[TestClass]
public sealed class TrainingSetTests
{
    private static readonly TrainingSetReader Reader = new("Features", "Label", "Weight");

    [TestMethod]
    public void Rows_come_as_they_are_in_the_view_over_block_boundaries()
    {
        var rows = 70_000;
        var data = new MLContext(1).Data.LoadFromEnumerable(Enumerable.Range(0, rows)
            .Select(i => new Row { Label = i, Weight = 1, Features = [i, i * 2f, -i, 1, 0] }));
        var set = Reader.Read(data, holdOut: null, RowStore.Unlimited(), Never).Training;
        Assert.AreEqual((rows, 5, true), (set.RowCount, set.FeatureCount, set.HasWeights));
        for (var i = 0; i < rows; i++)
        {
            Assert.AreEqual(i, set.Label(i));
            Assert.IsTrue(set.Features(i).SequenceEqual([i, i * 2f, -i, 1f, 0f]), $"row {i}");
        }

    }

    [TestMethod]
    public void Rows_with_missing_or_infinite_values_are_left_out_and_counted()
    {
        var data = new MLContext(1).Data.LoadFromEnumerable(new[]
        {
            new Row { Label = 1, Weight = 1, Features = [1, 2] },
            new Row { Label = float.NaN, Weight = 1, Features = [1, 2] },
            new Row { Label = 1, Weight = float.NaN, Features = [1, 2] },
            new Row { Label = 1, Weight = 1, Features = [1, float.NaN] },
            new Row { Label = 1, Weight = 1, Features = [float.NegativeInfinity, 2] },
            new Row { Label = 2, Weight = 1, Features = [float.MaxValue, -float.MaxValue] },
        }, SchemaOf(2));
        var result = Reader.Read(data, holdOut: null, RowStore.Unlimited(), Never);
        Assert.AreEqual(4, result.SkippedRows);
        CollectionAssert.AreEqual(new[] { 1f, 2f }, Enumerable.Range(0, result.Training.RowCount).Select(result.Training.Label).ToArray());
    }

    [TestMethod]
    public void Weights_are_divided_by_their_mean()
    {
        var data = new MLContext(1).Data.LoadFromEnumerable(
            new[] { 2f, 4f, 6f }.Select(w => new Row { Label = 1, Weight = w, Features = [1, 2] }), SchemaOf(2));
        var set = Reader.Read(data, holdOut: null, RowStore.Unlimited(), Never).Training;
        CollectionAssert.AreEqual(new[] { 0.5f, 1f, 1.5f }, Enumerable.Range(0, 3).Select(set.Weight).ToArray());
    }

    [TestMethod]
    public void A_negative_weight_and_weights_of_zero_alone_are_refused()
    {
        var data = new MLContext(1).Data;
        var negative = data.LoadFromEnumerable(new[] { new Row { Label = 1, Weight = -2, Features = [1, 2] } }, SchemaOf(2));
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => Reader.Read(negative, null, RowStore.Unlimited(), Never));
        Assert.AreEqual("An example weight must be in [0, ∞). Received: -2 in column 'Weight', row 0", error.Message);
        var zero = data.LoadFromEnumerable(new[] { new Row { Label = 1, Weight = 0, Features = [1, 2] } }, SchemaOf(2));
        Assert.ThrowsExactly<InvalidOperationException>(() => Reader.Read(zero, null, RowStore.Unlimited(), Never));
    }

    [TestMethod]
    public void Sparse_vectors_are_read_as_well_as_dense_ones()
    {
        var data = new MLContext(1).Data.LoadFromEnumerable(new[]
        {
            new SparseRow { Label = 1, Features = new VBuffer<float>(4, 1, [7f], [2]) },
            new SparseRow { Label = 2, Features = new VBuffer<float>(4, [1f, 2f, 3f, 4f]) },
            new SparseRow { Label = 3, Features = new VBuffer<float>(4, 0, [], []) },
        });
        var set = (Reader with { WeightColumn = null }).Read(data, null, RowStore.Unlimited(), Never).Training;
        Assert.IsTrue(set.Features(0).SequenceEqual([0f, 0f, 7f, 0f]));
        Assert.IsTrue(set.Features(1).SequenceEqual([1f, 2f, 3f, 4f]));
        Assert.IsTrue(set.Features(2).SequenceEqual([0f, 0f, 0f, 0f]));
    }

    [TestMethod]
    public void Rows_with_few_features_of_many_stay_sparse_and_others_become_dense()
    {
        foreach (var (features, entries, rows, isSparse) in new[]
            { (1_000_000, 5, 3000, true), (1000, 250, 1500, true), (1000, 251, 1500, false), (1000, 251, 1024, false),
                (20, 1, 2000, false), (400, 0, 10, true) })
        {
            var builder = new TrainingSetBuilder(features, hasWeights: true);
            for (var row = 0; row < rows; row++)
            {
                // The last row is given as a dense one, with as many features that are not zero.
                var (values, indices) = Entries(row, entries, features);
                if (row == rows - 1 && features <= 1000) builder.Add(Dense(values, indices, features), [], row, 1);
                else builder.Add(values, indices, row, 1);
            }

            var set = builder.Build("training");
            Assert.AreEqual((isSparse, rows, features), (set.IsSparse, set.RowCount, set.FeatureCount), $"{features} {entries}");
            foreach (var row in Enumerable.Range(0, rows).Where(row => row % 97 == 0).Append(rows - 1))
            {
                var (values, indices) = Entries(row, entries, features);
                Assert.AreEqual(row, set.Label(row));
                if (!isSparse) Assert.IsTrue(set.Features(row).SequenceEqual(Dense(values, indices, features)), $"row {row}");
                else Assert.IsTrue(
                    set.Entries(row).Values.SequenceEqual(values) && set.Entries(row).Indices.SequenceEqual(indices), $"row {row}");
            }
        }

        static (float[] Values, int[] Indices) Entries(int row, int count, int features)
        {
            int[] indices = [.. Enumerable.Range(0, count)
                .Select(i => (int)(((long)row * 31 + i * (features / Math.Max(1, count))) % features)).Distinct().Order()];
            return ([.. indices.Select(i => i + 1f)], indices);
        }

        static float[] Dense(float[] values, int[] indices, int features)
        {
            var dense = new float[features];
            for (var i = 0; i < values.Length; i++) dense[indices[i]] = values[i];
            return dense;
        }
    }

    [TestMethod]
    public void A_million_sparse_features_take_the_memory_of_those_that_are_not_zero()
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var builder = new TrainingSetBuilder(1_000_000, hasWeights: false);
        for (var row = 0; row < 20_000; row++) builder.Add([1, 2, 3, 4], [row, row + 7, row + 900, 999_999], row, 1);
        var set = builder.Build("training");
        var bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.IsLessThan(4_000_000L, bytes);
        Assert.AreEqual(5, set.ValuesPerRow);
        GC.KeepAlive(builder);
    }

    [TestMethod]
    public void Labels_are_read_from_numbers_truths_and_keys()
    {
        var data = new MLContext(1).Data.LoadFromEnumerable(new[]
        {
            new LabelRow { Number = 2.5f, Truth = true, Key = 3, Features = [1] },
            new LabelRow { Number = -1, Truth = false, Key = 1, Features = [2] },
            new LabelRow { Number = 0, Truth = true, Key = 0, Features = [3] },
        });
        float[] Labels(string column) =>
            [.. All((Reader with { LabelColumn = column, WeightColumn = null }).Read(data, null, RowStore.Unlimited(), Never).Training)];
        IEnumerable<float> All(TrainingSet set) => Enumerable.Range(0, set.RowCount).Select(set.Label).ToArray();
        CollectionAssert.AreEqual(new[] { 2.5f, -1, 0 }, Labels("Number"));
        CollectionAssert.AreEqual(new[] { 1f, 0, 1 }, Labels("Truth"));
        // A property of type uint with a KeyType counts from 0, as ML.NET reads it; beyond its count it is missing.
        CollectionAssert.AreEqual(new[] { 1f, 0 }, Labels("Key"));
    }

    [TestMethod]
    public void An_invalid_row_is_refused_where_that_is_asked_for()
    {
        var data = new MLContext(1).Data.LoadFromEnumerable(new[]
        {
            new Row { Label = 1, Weight = 1, Features = [1, 2] },
            new Row { Label = 1, Weight = 1, Features = [1, float.PositiveInfinity] },
        }, SchemaOf(2));
        var error = Assert.ThrowsExactly<InvalidOperationException>(
            () => (Reader with { RefusesInvalidRows = true }).Read(data, null, RowStore.Unlimited(), Never));
        Assert.AreEqual(
            "Row 1 has a feature (column 'Features') that is missing (NaN) or infinite. Correct it, or set InvalidRows to Skip.",
            error.Message);
    }

    private static void Never()
    {
    }

    private static SchemaDefinition SchemaOf(int features)
    {
        var definition = SchemaDefinition.Create(typeof(Row));
        definition["Features"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, features);
        return definition;
    }

    private sealed class Row
    {
        public float Label { get; set; }

        public float Weight { get; set; }

        [VectorType(5)]
        public float[] Features { get; set; } = [];
    }

    private sealed class LabelRow
    {
        public float Number { get; set; }

        public bool Truth { get; set; }

        [KeyType(3)]
        public uint Key { get; set; }

        [VectorType(1)]
        public float[] Features { get; set; } = [];
    }

    private sealed class SparseRow
    {
        public float Label { get; set; }

        [VectorType(4)]
        public VBuffer<float> Features { get; set; }
    }
}
