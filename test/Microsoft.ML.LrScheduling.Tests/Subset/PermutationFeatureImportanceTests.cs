using System.Reflection;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.LrScheduling.Tests.Subset;

/// <summary>Importance by permutation, against exact expectations over all permutations; true of the packages and of the subset alike.</summary>
[TestClass]
public sealed class PermutationFeatureImportanceTests
{
    private const int Permutations = 200;

    // By how many standard errors a mean may be off.
    private const double Errors = 5;

    private readonly MLContext _ml = new(seed: 1);
    private readonly BuiltInModels _models;

    public PermutationFeatureImportanceTests() => _models = new(_ml);

    private sealed class Row
    {
        public float Label { get; set; }
        public bool IsPositive { get; set; }
        [KeyType(3)] public uint Class { get; set; }
        [VectorType(3)] public float[] Features { get; set; } = [];
    }

    private sealed class SparseRow
    {
        public float Label { get; set; }
        [VectorType(3)] public VBuffer<float> Features { get; set; }
    }

    // The label is 2 · f₀ − f₂; the class is the largest of f₀, f₁ and f₂.
    private static Row[] Rows(int count)
    {
        var random = new Random(17);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            float[] features = [random.NextSingle() * 2 - 0.7f, random.NextSingle(), random.NextSingle() * 3 - 1];
            return new Row
            {
                Features = features, Label = 2 * features[0] - features[2], IsPositive = features[0] > 0,
                Class = (uint)features.Index().MaxBy(item => item.Item).Index,
            };
        })];
    }

    private IDataView View(Row[] rows, params string[] slotNames) => _ml.Data.LoadFromEnumerable(rows, Definition<Row>(slotNames));

    private static SchemaDefinition Definition<TRow>(string[] slotNames)
    {
        var definition = SchemaDefinition.Create(typeof(TRow));
        if (slotNames.Length > 0)
            definition["Features"].AddAnnotation("SlotNames", slotNames, new VectorDataViewType(TextDataViewType.Instance, slotNames.Length));
        return definition;
    }

    private static VBuffer<float> Weights(params float[] weights) => new(weights.Length, weights);

    [TestMethod]
    public void A_regressions_error_grows_by_twice_the_variance_of_what_the_feature_adds()
    {
        var rows = Rows(60);
        var view = View(rows);
        var model = _models.RegressionTransformer(view.Schema, Weights(2, 0, -1), 0);

        var importance = _ml.Regression.PermutationFeatureImportance(model, view, permutationCount: Permutations);

        Assert.HasCount(3, importance);
        float[] weights = [2, 0, -1];
        var spread = Variance(rows.Select(row => (double)row.Label));
        for (var slot = 0; slot < 3; slot++)
        {
            var expected = 2 * weights[slot] * weights[slot] * Variance(rows.Select(row => (double)row.Features[slot]));
            IsNear(expected, importance[slot].MeanSquaredError);
            IsNear(expected, importance[slot].LossFunction);
            IsNear(-expected / spread, importance[slot].RSquared);
            IsNear(MeanOverPairs(rows, (row, other) => Math.Abs(weights[slot] * (other.Features[slot] - row.Features[slot]))),
                importance[slot].MeanAbsoluteError);
            Assert.AreEqual(Permutations, importance[slot].MeanSquaredError.Count);
        }
        Assert.AreEqual(0, importance[1].RootMeanSquaredError.Mean, 1e-9);
    }

    [TestMethod]
    public void A_change_of_the_root_is_not_the_root_of_a_change()
    {
        // Two rows: their features are exchanged or they are not. The bias makes an error of 1 to begin with.
        Row[] rows = [new() { Label = 0, Features = [0, 0, 0] }, new() { Label = 3, Features = [3, 0, 0] }];
        var view = View(rows);
        var model = _models.RegressionTransformer(view.Schema, Weights(1, 0, 0), 1);

        var importance = _ml.Regression.PermutationFeatureImportance(model, view, permutationCount: 50)[0];

        // Exchanged, the scores are 4 and 1: the squared errors are 16 and 4, of mean 10 instead of 1.
        var exchanged = importance.MeanSquaredError.Mean / 9 * 50;
        Assert.AreEqual(Math.Round(exchanged), exchanged, 1e-9);
        Assert.IsTrue(exchanged is > 5 and < 45);
        Assert.AreEqual((Math.Sqrt(10) - 1) * exchanged / 50, importance.RootMeanSquaredError.Mean, 1e-9);
        // The sample's deviation of a number that is 9 so many times of 50 and 0 otherwise.
        var deviation = 9 * Math.Sqrt(exchanged * (50 - exchanged) / (50 * 49));
        Assert.AreEqual(deviation, importance.MeanSquaredError.StandardDeviation, 1e-9);
        Assert.AreEqual(deviation / Math.Sqrt(50), importance.MeanSquaredError.StandardError, 1e-9);
    }

    [TestMethod]
    public void One_permutation_has_no_spread()
    {
        var view = View(Rows(20));
        var model = _models.RegressionTransformer(view.Schema, Weights(2, 0, -1), 0);

        var importance = _ml.Regression.PermutationFeatureImportance(model, view)[0].MeanSquaredError;

        Assert.AreEqual((1, 0.0, 0.0), (importance.Count, importance.StandardDeviation, importance.StandardError));
        Assert.IsGreaterThan(0, importance.Mean);
    }

    [TestMethod]
    public void A_binary_models_accuracy_falls_to_that_of_a_label_dealt_out_anew()
    {
        var rows = Rows(60);
        var view = View(rows);
        var model = _models.BinaryTransformer(view.Schema, _models.Calibrated(Weights(1, 0, 0), 0));

        var importance = _ml.BinaryClassification.PermutationFeatureImportance(
            model, view, labelColumnName: "IsPositive", permutationCount: Permutations);

        var positives = rows.Count(row => row.IsPositive) / 60.0;
        IsNear(positives * positives + (1 - positives) * (1 - positives) - 1, importance[0].Accuracy);
        IsNear(-0.5, importance[0].AreaUnderRocCurve);
        IsNear(positives - 1, importance[0].PositiveRecall);
        IsNear(positives - 1, importance[0].PositivePrecision);
        IsNear(positives - 1, importance[0].F1Score);
        IsNear(-positives, importance[0].NegativeRecall);
        IsNear(-positives, importance[0].NegativePrecision);
        Assert.IsLessThan(0, importance[0].AreaUnderPrecisionRecallCurve.Mean);
        foreach (var slot in new[] { 1, 2 })
            Assert.AreEqual((0.0, 0.0), (importance[slot].Accuracy.Mean, importance[slot].AreaUnderRocCurve.Mean));
    }

    [TestMethod]
    public void A_multiclass_models_losses_grow_to_those_of_all_pairs_of_rows()
    {
        var rows = Rows(60);
        var view = View(rows);
        VBuffer<float>[] weights = [Weights(4, 0, 0), Weights(0, 4, 0), Weights(0, 0, 4)];
        var model = _models.MulticlassTransformer(view.Schema, weights, [0, 0, 0], "Class");

        var importance = _ml.MulticlassClassification.PermutationFeatureImportance(
            model, view, labelColumnName: "Class", permutationCount: Permutations);

        foreach (var slot in Enumerable.Range(0, 3))
        {
            double LossAdded(Row row, Row other) => Loss(row, With(row, slot, other)) - Loss(row, row.Features);
            IsNear(MeanOverPairs(rows, LossAdded), importance[slot].LogLoss);
            IsNear(MeanOverPairs(rows, (row, other) => (Largest(With(row, slot, other)) == row.Class ? 1 : 0) - 1), importance[slot].MicroAccuracy);
            Assert.HasCount(3, importance[slot].PerClassLogLoss);
            for (var label = 0u; label < 3; label++)
                IsNear(MeanOverPairs([.. rows.Where(row => row.Class == label)], rows, LossAdded), importance[slot].PerClassLogLoss[(int)label]);
            Assert.AreEqual(0, importance[slot].TopKAccuracy.Mean);
            Assert.IsLessThan(0, importance[slot].LogLossReduction.Mean);
            Assert.IsLessThan(0, importance[slot].MacroAccuracy.Mean);
        }

        static float[] With(Row row, int slot, Row other) =>
            [.. row.Features.Index().Select(item => item.Index == slot ? other.Features[slot] : item.Item)];
        static uint Largest(float[] features) => (uint)features.Index().MaxBy(item => item.Item).Index;
        static double Loss(Row row, float[] features) =>
            Math.Log(features.Sum(feature => Math.Exp(4.0 * feature))) - 4.0 * features[(int)row.Class];
    }

    [TestMethod]
    public void Sparse_features_are_as_important_as_the_same_dense_ones()
    {
        VBuffer<float>[] vectors =
        [
            new(3, 1, [5], [2]), new(3, 2, [1, 2], [0, 1]), new(3, 0, [], []), new(3, [1, 2, 3]), new(3, 2, [-4, 1], [0, 2]),
        ];
        var sparse = _ml.Data.LoadFromEnumerable(
            vectors.Select((vector, i) => new SparseRow { Label = i, Features = vector }).ToArray());
        var dense = View([.. vectors.Select((vector, i) => new Row { Label = i, Features = [.. vector.DenseValues()] })]);
        var model = _models.RegressionTransformer(dense.Schema, Weights(2, 1, -1), 0);

        var fromSparse = new MLContext(seed: 3).Regression.PermutationFeatureImportance(model, sparse, permutationCount: 20);
        var fromDense = new MLContext(seed: 3).Regression.PermutationFeatureImportance(model, dense, permutationCount: 20);

        for (var slot = 0; slot < 3; slot++)
            Assert.AreEqual(fromDense[slot].MeanSquaredError.Mean, fromSparse[slot].MeanSquaredError.Mean, 1e-6);
    }

    [TestMethod]
    public void Fewer_examples_are_compared_with_all()
    {
        // The first two rows are met exactly; the others are off by 1 and by 2.
        Row[] rows =
        [
            new() { Label = 2, Features = [1, 0, 0] }, new() { Label = 4, Features = [2, 0, 0] },
            new() { Label = 7, Features = [3, 0, 0] }, new() { Label = 6, Features = [4, 0, 0] },
        ];
        var view = View(rows);
        var model = _models.RegressionTransformer(view.Schema, Weights(2, 0, 0), 0);

        var some = _ml.Regression.PermutationFeatureImportance(model, view, numberOfExamplesToUse: 2);
        var all = _ml.Regression.PermutationFeatureImportance(model, view, numberOfExamplesToUse: 100);

        Assert.AreEqual(-5.0 / 4, some[1].MeanSquaredError.Mean, 1e-9);
        Assert.AreEqual(0, all[1].MeanSquaredError.Mean, 1e-9);
        Assert.ThrowsExactly<InvalidOperationException>(() =>
            _ml.Regression.PermutationFeatureImportance(model, view, numberOfExamplesToUse: 0));
    }

    [TestMethod]
    public void No_rows_have_no_important_features()
    {
        var view = View([]);
        var model = _models.RegressionTransformer(view.Schema, Weights(2, 0, 0), 0);

        Assert.IsEmpty(_ml.Regression.PermutationFeatureImportance(model, view));
    }

    [TestMethod]
    public void Features_are_named_after_their_slots()
    {
        var view = View(Rows(30), "first", "", "third");
        var model = _models.RegressionTransformer(view.Schema, Weights(2, 0, -1), 0);

        var byName = new MLContext(seed: 3).Regression.PermutationFeatureImportance((ITransformer)model, view, permutationCount: 5);
        var bySlot = new MLContext(seed: 3).Regression.PermutationFeatureImportance(model, view, permutationCount: 5);

        CollectionAssert.AreEquivalent(new[] { "first", "Slot 1", "third" }, byName.Keys.ToArray());
        foreach (var (name, slot) in new[] { ("first", 0), ("Slot 1", 1), ("third", 2) })
            Assert.AreEqual(bySlot[slot].MeanSquaredError.Mean, byName[name].MeanSquaredError.Mean);
    }

    [TestMethod]
    public void All_tasks_give_importance_by_name_for_the_predictor_of_a_chain()
    {
        var view = View(Rows(30), "first", "second", "third");
        VBuffer<float>[] weights = [Weights(4, 0, 0), Weights(0, 4, 0), Weights(0, 0, 4)];
        ITransformer After(ITransformer predictor) => _ml.Transforms.CopyColumns("Copy", "Label").Fit(view).Append(predictor);

        var regression = _ml.Regression.PermutationFeatureImportance(
            After(_models.RegressionTransformer(view.Schema, Weights(2, 0, -1), 0)), view);
        var binary = _ml.BinaryClassification.PermutationFeatureImportanceNonCalibrated(
            After(_models.BinaryTransformer(view.Schema, _models.Binary(Weights(1, 0, 0), 0))), view, labelColumnName: "IsPositive");
        var multiclass = _ml.MulticlassClassification.PermutationFeatureImportance(
            After(_models.MulticlassTransformer(view.Schema, weights, [0, 0, 0], "Class")), view, labelColumnName: "Class");

        Assert.AreEqual("first", regression.MaxBy(item => item.Value.MeanSquaredError.Mean).Key);
        Assert.AreEqual("first", binary.MinBy(item => item.Value.Accuracy.Mean).Key);
        Assert.AreEqual("third", multiclass.MinBy(item => item.Value.MicroAccuracy.Mean).Key);
        CollectionAssert.AreEquivalent(new[] { "first", "second", "third" }, multiclass.Keys.ToArray());
    }

    [TestMethod]
    public void Slots_without_names_cannot_be_named()
    {
        var view = View(Rows(10));
        ITransformer model = _models.RegressionTransformer(view.Schema, Weights(2, 0, -1), 0);

        Assert.ThrowsExactly<InvalidOperationException>(() => _ml.Regression.PermutationFeatureImportance(model, view));
    }

    [TestMethod]
    public void What_is_no_predictor_of_ML_NETs_own_is_refused()
    {
        var view = View(Rows(10), "first", "second", "third");
        var model = _ml.Transforms.CopyColumns("Copy", "Label").Fit(view);

        var thrown = Assert.ThrowsExactly<ArgumentNullException>(() => _ml.Regression.PermutationFeatureImportance(model, view));

        StringAssert.Contains(thrown.Message, "The model provided does not have a compatible predictor");
    }

    [TestMethod]
    public void A_predictor_of_another_assembly_has_importance_by_slot_alone()
    {
        var view = View(Rows(10), "first", "second", "third");
        var foreign = new ForeignTransformer<LinearRegressionModelParameters>(
            _models.RegressionTransformer(view.Schema, Weights(2, 0, -1), 0));

        Assert.HasCount(3, _ml.Regression.PermutationFeatureImportance(foreign, view));
        Assert.ThrowsExactly<ArgumentNullException>(() => _ml.Regression.PermutationFeatureImportance((ITransformer)foreign, view));
    }

    [TestMethod]
    public void A_label_that_is_not_there_is_named()
    {
        var view = View(Rows(10), "first", "second", "third");
        var model = _models.RegressionTransformer(view.Schema, Weights(2, 0, -1), 0);

        var bySlot = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
            _ml.Regression.PermutationFeatureImportance(model, view, labelColumnName: "Nope"));
        var byName = Assert.ThrowsExactly<TargetInvocationException>(() =>
            _ml.Regression.PermutationFeatureImportance((ITransformer)model, view, labelColumnName: "Nope"));

        StringAssert.Contains(bySlot.Message, "Nope");
        StringAssert.Contains(byName.InnerException!.Message, "Nope");
    }

    [TestMethod]
    public void The_weight_filter_leaves_features_out_only_where_no_feature_has_a_weight()
    {
        var view = View(Rows(10));
        var some = _models.RegressionTransformer(view.Schema, Weights(2, 0, -1), 0);
        var none = _models.BinaryTransformer(view.Schema, _models.Calibrated(Weights(0, 0, 0), 0));

        var importance = _ml.Regression.PermutationFeatureImportance(some, view, useFeatureWeightFilter: true);

        // All three slots, and then those with a weight again.
        CollectionAssert.AreEqual(
            new[] { true, false, true, true, true }, importance.Select(item => Math.Abs(item.MeanSquaredError.Mean) > 1e-9).ToArray());
        Assert.IsEmpty(_ml.BinaryClassification.PermutationFeatureImportance(none, view, "IsPositive", useFeatureWeightFilter: true));
    }

    private static double Variance(IEnumerable<double> values)
    {
        var all = values.ToArray();
        var mean = all.Average();
        return all.Average(value => (value - mean) * (value - mean));
    }

    // In a random permutation each row gets the value of each row, its own included, with the same probability.
    private static double MeanOverPairs(Row[] rows, Func<Row, Row, double> difference) => MeanOverPairs(rows, rows, difference);

    private static double MeanOverPairs(Row[] rows, Row[] others, Func<Row, Row, double> difference) =>
        rows.Average(row => others.Average(other => difference(row, other)));

    private static void IsNear(double expected, MetricStatistics statistics) =>
        Assert.AreEqual(expected, statistics.Mean, Errors * statistics.StandardError + 1e-6);
}
