using Microsoft.ML.Data;

namespace Microsoft.ML.LrScheduling.Tests.Subset;

[TestClass]
public sealed class CrossValidationTests
{
    private readonly MLContext _ml = new(seed: 1);

    private sealed class Row
    {
        public float Id { get; set; }
        public float Label { get; set; }
        [VectorType(2)] public float[] Features { get; set; } = [];
    }

    /// <summary>Fits nothing: its model adds up the features.</summary>
    private sealed class Sum(MLContext ml, List<IDataView> fitted) : IEstimator<ITransformer>
    {
        public ITransformer Fit(IDataView input)
        {
            fitted.Add(input);
            return new BuiltInModels(ml).RegressionTransformer(input.Schema, new VBuffer<float>(2, [1, 1]), 0);
        }

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) =>
            ml.Regression.Trainers.Sdca().GetOutputSchema(inputSchema);
    }

    [TestMethod]
    public void Each_row_is_held_out_once_and_fitted_on_in_the_other_folds()
    {
        var rows = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 200).Select(i =>
            new Row { Id = i, Label = 2 * i + 1, Features = [i, i] }).ToArray());
        var fitted = new List<IDataView>();

        var results = _ml.Regression.CrossValidate(rows, new Sum(_ml, fitted), numberOfFolds: 4, seed: 7);

        CollectionAssert.AreEqual(new[] { 0, 1, 2, 3 }, results.Select(result => result.Fold).ToArray());
        var heldOut = results.Select(result => Ids(result.ScoredHoldOutSet)).ToArray();
        CollectionAssert.AreEqual(Enumerable.Range(0, 200).ToArray(), heldOut.SelectMany(ids => ids).Order().ToArray());
        foreach (var (ids, view) in heldOut.Zip(fitted))
            CollectionAssert.AreEqual(Enumerable.Range(0, 200).Except(ids).ToArray(), Ids(view).Order().ToArray());
        foreach (var result in results) Assert.AreEqual(1, result.Metrics.MeanSquaredError, 1e-9);
    }

    [TestMethod]
    public void Fewer_than_two_folds_are_refused()
    {
        var rows = _ml.Data.LoadFromEnumerable(new[] { new Row { Features = [1, 1] } });

        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Regression.CrossValidate(rows, new Sum(_ml, []), numberOfFolds: 1));
    }

    private static int[] Ids(IDataView view) => [.. view.GetColumn<float>("Id").Select(id => (int)id)];
}
