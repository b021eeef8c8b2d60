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
        const int rows = 70_000;
        var data = new MLContext(1).Data.LoadFromEnumerable(Enumerable.Range(0, rows)
            .Select(i => new Row { Label = i, Weight = 1, Features = [i, i * 2f, -i, 1, 0] }));
        var set = Reader.Read(data, holdOut: null, CancellationToken.None).Training;
        Assert.AreEqual((rows, 5, true), (set.RowCount, set.FeatureCount, set.HasWeights));
        for (var i = 0; i < rows; i++)
        {
            Assert.AreEqual(i, set.Label(i));
            Assert.IsTrue(set.Features(i).SequenceEqual([i, i * 2f, -i, 1f, 0f]), $"row {i}");
        }

        var gathered = new float[10];
        set.GatherFeatures([65_536, 3], gathered);
        CollectionAssert.AreEqual(new float[] { 65_536, 131_072, -65_536, 1, 0, 3, 6, -3, 1, 0 }, gathered);
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
        var result = Reader.Read(data, holdOut: null, CancellationToken.None);
        Assert.AreEqual(4, result.SkippedRows);
        CollectionAssert.AreEqual(new[] { 1f, 2f }, Enumerable.Range(0, result.Training.RowCount).Select(result.Training.Label).ToArray());
    }

    [TestMethod]
    public void Weights_are_divided_by_their_mean()
    {
        var data = new MLContext(1).Data.LoadFromEnumerable(
            new[] { 2f, 4f, 6f }.Select(w => new Row { Label = 1, Weight = w, Features = [1, 2] }), SchemaOf(2));
        var set = Reader.Read(data, holdOut: null, CancellationToken.None).Training;
        CollectionAssert.AreEqual(new[] { 0.5f, 1f, 1.5f }, Enumerable.Range(0, 3).Select(set.Weight).ToArray());
    }

    [TestMethod]
    public void A_negative_weight_and_weights_of_zero_alone_are_refused()
    {
        var data = new MLContext(1).Data;
        var negative = data.LoadFromEnumerable(new[] { new Row { Label = 1, Weight = -2, Features = [1, 2] } }, SchemaOf(2));
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => Reader.Read(negative, null, CancellationToken.None));
        Assert.AreEqual("An example weight must be in [0, ∞). Received: -2 in column 'Weight', row 0", error.Message);
        var zero = data.LoadFromEnumerable(new[] { new Row { Label = 1, Weight = 0, Features = [1, 2] } }, SchemaOf(2));
        Assert.ThrowsExactly<InvalidOperationException>(() => Reader.Read(zero, null, CancellationToken.None));
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
        var set = (Reader with { WeightColumn = null }).Read(data, null, CancellationToken.None).Training;
        Assert.IsTrue(set.Features(0).SequenceEqual([0f, 0f, 7f, 0f]));
        Assert.IsTrue(set.Features(1).SequenceEqual([1f, 2f, 3f, 4f]));
        Assert.IsTrue(set.Features(2).SequenceEqual([0f, 0f, 0f, 0f]));
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

    private sealed class SparseRow
    {
        public float Label { get; set; }

        [VectorType(4)]
        public VBuffer<float> Features { get; set; }
    }
}
