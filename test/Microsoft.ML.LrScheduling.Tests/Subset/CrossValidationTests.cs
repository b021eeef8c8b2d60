using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

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

    private sealed class LabelledRow
    {
        public bool Label { get; set; }
        public string Kind { get; set; } = "";
        [VectorType(2)] public float[] Features { get; set; } = [];
    }

    /// <summary>Fits nothing: its model is the one it is given.</summary>
    private sealed class Given(Func<DataViewSchema, ITransformer> model, IEstimator<ITransformer> schemaPeer) : IEstimator<ITransformer>
    {
        public ITransformer Fit(IDataView input) => model(input.Schema);

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => schemaPeer.GetOutputSchema(inputSchema);
    }

    [TestMethod]
    public void Binary_models_are_evaluated_with_and_without_probabilities()
    {
        // Of every four rows one has the wrong label, whichever fold it falls into.
        var rows = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 400).Select(i =>
            new LabelledRow { Label = i % 2 == 0 ^ i % 4 == 3, Features = [i % 2 == 0 ? 1 : -1, 0] }).ToArray());
        var models = new BuiltInModels(_ml);
        var calibrated = new Given(
            schema => models.BinaryTransformer(schema, models.Calibrated(new VBuffer<float>(2, [1, 0]), 0)),
            _ml.BinaryClassification.Trainers.SdcaLogisticRegression());

        var results = _ml.BinaryClassification.CrossValidate(rows, calibrated, numberOfFolds: 2, seed: 3);
        var without = _ml.BinaryClassification.CrossValidateNonCalibrated(rows, calibrated, numberOfFolds: 2, seed: 3);

        foreach (var (result, other) in results.Zip(without))
        {
            var size = result.ScoredHoldOutSet.GetColumn<bool>("Label").Count();
            var right = Hits(result.ScoredHoldOutSet);
            Assert.AreEqual((double)right / size, result.Metrics.Accuracy, 1e-12);
            // Right rows have the probability σ(1), wrong ones σ(−1).
            var loss = (right * Math.Log2(1 + Math.Exp(-1)) + (size - right) * Math.Log2(1 + Math.Exp(1))) / size;
            Assert.AreEqual(loss, result.Metrics.LogLoss, 1e-6);
            Assert.AreEqual(result.Metrics.Accuracy, other.Metrics.Accuracy);
            Assert.IsNotInstanceOfType<CalibratedBinaryClassificationMetrics>(other.Metrics);
        }
        Assert.AreEqual(300, results.Sum(result => Hits(result.ScoredHoldOutSet)));
    }

    [TestMethod]
    public void Multiclass_models_are_evaluated_on_keys_that_only_training_and_testing_see()
    {
        string[] kinds = ["a", "b", "c"];
        var rows = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 300).Select(i =>
            new LabelledRow { Kind = kinds[i % 3], Features = [i % 3 == 0 ? 9 : 0, i % 3 == 1 ? 9 : 0] }).ToArray());
        VBuffer<float>[] weights = [new(2, [1, 0]), new(2, [0, 1]), new(2, [0, 0])];
        var chain = new EstimatorChain<ITransformer>()
            .Append(
                _ml.Transforms.Conversion.MapValueToKey("Target", "Kind", keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue),
                TransformerScope.TrainTest)
            .Append(new Given(
                schema => new BuiltInModels(_ml).MulticlassTransformer(schema, weights, [0, 0, 1], "Target"),
                _ml.MulticlassClassification.Trainers.SdcaMaximumEntropy("Target")));

        var results = _ml.MulticlassClassification.CrossValidate(rows, chain, numberOfFolds: 3, labelColumnName: "Target", seed: 5);

        Assert.HasCount(3, results);
        foreach (var result in results)
        {
            Assert.AreEqual(1, result.Metrics.MicroAccuracy);
            Assert.AreEqual(3, result.Metrics.ConfusionMatrix.NumberOfClasses);
            Assert.IsNull(result.Model.GetOutputSchema(rows.Schema).GetColumnOrNull("Target"));
        }
    }

    private static int Hits(IDataView scored) =>
        scored.GetColumn<bool>("Label").Zip(scored.GetColumn<bool>("PredictedLabel")).Count(pair => pair.First == pair.Second);

    private static int[] Ids(IDataView view) => [.. view.GetColumn<float>("Id").Select(id => (int)id)];
}
