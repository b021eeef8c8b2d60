using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Microsoft.ML.Transforms;

namespace Microsoft.ML.LrScheduling.Tests.Subset;

/// <summary>What each feature adds to a linear model's score; true of the packages and of the subset alike.</summary>
[TestClass]
public sealed class FeatureContributionTests
{
    private const float Tolerance = 1e-6f;

    private readonly MLContext _ml = new(seed: 1);
    private readonly BuiltInModels _models;

    public FeatureContributionTests() => _models = new(_ml);

    private sealed class Row
    {
        [VectorType(5)] public float[] Features { get; set; } = [];
    }

    private sealed class SparseRow
    {
        [VectorType(5)] public VBuffer<float> Features { get; set; }
        public float Number { get; set; }
    }

    // Of weights 1, −2, 3, −4, 0.5 the contributions are 2, −2, 9, −4, 0 of the first row and −1, 6, 0, 0, missing of the second.
    private static readonly float[] _weights = [1, -2, 3, -4, 0.5f];

    private IDataView Rows() =>
        _ml.Data.LoadFromEnumerable(new Row[] { new() { Features = [2, 1, 3, 1, 0] }, new() { Features = [-1, -3, 0, 0, float.NaN] } });

    private RegressionPredictionTransformer<LinearRegressionModelParameters> Regression(DataViewSchema schema) =>
        _models.RegressionTransformer(schema, new VBuffer<float>(5, _weights), 100);

    private static float[][] Contributions(IDataView view) => [.. view.GetColumn<float[]>("FeatureContributions")];

    [TestMethod]
    public void A_contribution_is_the_weight_times_the_feature()
    {
        var rows = Rows();

        var contributions = Contributions(
            _ml.Transforms.CalculateFeatureContribution(Regression(rows.Schema), normalize: false).Fit(rows).Transform(rows));

        AreClose([2, -2, 9, -4, 0], contributions[0]);
        AreClose([-1, 6, 0, 0, 0], contributions[1]);
    }

    [TestMethod]
    public void Contributions_are_divided_by_the_largest_unless_told_otherwise()
    {
        var rows = Rows();

        var contributions = Contributions(_ml.Transforms.CalculateFeatureContribution(Regression(rows.Schema)).Fit(rows).Transform(rows));

        AreClose([2 / 9f, -2 / 9f, 1, -4 / 9f, 0], contributions[0]);
        AreClose([-1 / 6f, 1, 0, 0, 0], contributions[1]);
    }

    [TestMethod]
    [DataRow(1, 1, new float[] { 0, 0, 9, -4, 0 })]
    [DataRow(2, 0, new float[] { 2, 0, 9, 0, 0 })]
    [DataRow(0, 2, new float[] { 0, -2, 0, -4, 0 })]
    [DataRow(0, 0, new float[] { 0, 0, 0, 0, 0 })]
    public void Only_the_largest_positive_and_negative_ones_are_given(int top, int bottom, float[] expected)
    {
        var rows = Rows();
        var estimator = _ml.Transforms.CalculateFeatureContribution(Regression(rows.Schema), top, bottom, normalize: false);

        AreClose(expected, Contributions(estimator.Fit(rows).Transform(rows))[0]);
    }

    [TestMethod]
    public void What_is_left_out_does_not_count_in_the_largest()
    {
        var rows = Rows();
        var estimator = _ml.Transforms.CalculateFeatureContribution(
            Regression(rows.Schema), numberOfPositiveContributions: 0, numberOfNegativeContributions: 2);

        AreClose([0, -0.5f, 0, -1, 0], Contributions(estimator.Fit(rows).Transform(rows))[0]);
    }

    [TestMethod]
    public void Sparse_features_and_sparse_weights_give_what_dense_ones_do()
    {
        VBuffer<float>[] vectors = [new(5, 2, [3, 1], [2, 3]), new(5, 0, [], []), new(5, [2, 1, 3, 1, 0])];
        var rows = _ml.Data.LoadFromEnumerable(vectors.Select(vector => new SparseRow { Features = vector }).ToArray());
        var sparse = _models.RegressionTransformer(rows.Schema, new VBuffer<float>(5, 2, [3, 0.5f], [2, 4]), 0);

        var fromDense = _ml.Transforms.CalculateFeatureContribution(Regression(rows.Schema), normalize: false).Fit(rows).Transform(rows);
        var fromSparse = _ml.Transforms.CalculateFeatureContribution(sparse, normalize: false).Fit(rows).Transform(rows);

        AreClose([0, 0, 9, -4, 0], Contributions(fromDense)[0]);
        AreClose([0, 0, 0, 0, 0], Contributions(fromDense)[1]);
        AreClose([2, -2, 9, -4, 0], Contributions(fromDense)[2]);
        AreClose([0, 0, 9, 0, 0], Contributions(fromSparse)[0]);
        AreClose([0, 0, 9, 0, 0], Contributions(fromSparse)[2]);
        CollectionAssert.AreEqual(
            new[] { 2, 0, 4 }, fromDense.GetColumn<VBuffer<float>>("FeatureContributions").Select(vector => vector.GetValues().Length).ToArray());
    }

    [TestMethod]
    public void A_binary_model_contributes_to_its_score_with_a_calibrator_or_without()
    {
        var rows = Rows();
        var weights = new VBuffer<float>(5, _weights);
        var binary = _models.BinaryTransformer(rows.Schema, _models.Binary(weights, 7));
        var calibrated = _models.BinaryTransformer(rows.Schema, _models.Calibrated(weights, 7));

        AreClose([2, -2, 9, -4, 0],
            Contributions(_ml.Transforms.CalculateFeatureContribution(binary, normalize: false).Fit(rows).Transform(rows))[0]);
        AreClose([2, -2, 9, -4, 0],
            Contributions(_ml.Transforms.CalculateFeatureContribution(calibrated, normalize: false).Fit(rows).Transform(rows))[0]);
    }

    [TestMethod]
    public void A_predictor_of_another_assembly_lends_its_model()
    {
        var rows = Rows();
        var predictor = new ForeignTransformer<LinearRegressionModelParameters>(Regression(rows.Schema));

        Assert.IsNotNull(((ICalculateFeatureContribution)predictor.Model).FeatureContributionCalculator);
        AreClose([2, -2, 9, -4, 0],
            Contributions(_ml.Transforms.CalculateFeatureContribution(predictor, normalize: false).Fit(rows).Transform(rows))[0]);
    }

    [TestMethod]
    public void The_contributions_have_the_names_of_the_features()
    {
        string[] names = ["a", "b", "c", "d", "e"];
        var definition = SchemaDefinition.Create(typeof(Row));
        definition["Features"].AddAnnotation("SlotNames", names, new VectorDataViewType(TextDataViewType.Instance, 5));
        var rows = _ml.Data.LoadFromEnumerable(new Row[] { new() { Features = [2, 1, 3, 1, 0] } }, definition);
        var estimator = _ml.Transforms.CalculateFeatureContribution(Regression(rows.Schema));

        var column = estimator.Fit(rows).GetOutputSchema(rows.Schema)["FeatureContributions"];
        var shape = estimator.GetOutputSchema(BuiltInModels.ShapeOf(rows.Schema)).Single(item => item.Name == "FeatureContributions");

        Assert.AreEqual("Vector<Single, 5>", column.Type.ToString());
        var read = default(VBuffer<ReadOnlyMemory<char>>);
        column.GetSlotNames(ref read);
        CollectionAssert.AreEqual(names, read.DenseValues().Select(name => name.ToString()).ToArray());
        CollectionAssert.AreEqual(new[] { "SlotNames" }, column.Annotations.Schema.Select(annotation => annotation.Name).ToArray());
        Assert.AreEqual((SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single), (shape.Kind, shape.ItemType));
        CollectionAssert.AreEqual(new[] { "SlotNames" }, shape.Annotations.Select(annotation => annotation.Name).ToArray());
        Assert.IsFalse(estimator.Fit(rows).GetOutputSchema(Rows().Schema)["FeatureContributions"].HasSlotNames());
    }

    [TestMethod]
    public void Counts_below_zero_are_refused()
    {
        var predictor = Regression(Rows().Schema);

        Assert.ThrowsExactly<InvalidOperationException>(() => _ml.Transforms.CalculateFeatureContribution(predictor, -1));
        Assert.ThrowsExactly<InvalidOperationException>(() => _ml.Transforms.CalculateFeatureContribution(predictor, 1, -1));
    }

    [TestMethod]
    public void Features_that_are_not_there_or_of_another_type_are_named()
    {
        var rows = Rows();
        var estimator = _ml.Transforms.CalculateFeatureContribution(Regression(rows.Schema));
        var without = _ml.Transforms.DropColumns("Features").Fit(rows).Transform(rows);
        var scalar = _ml.Data.LoadFromEnumerable(new[] { new SparseRow() });
        scalar = _ml.Transforms.CopyColumns("Features", "Number").Fit(scalar).Transform(scalar);

        Says("Could not find input column 'Features'", () => estimator.Fit(without));
        Says("Could not find input column 'Features'", () => estimator.GetOutputSchema(BuiltInModels.ShapeOf(without.Schema)));
        Says("Schema mismatch for feature column 'Features': expected vector of Single, got Single", () => estimator.Fit(scalar));
        Says("Schema mismatch for column column 'Features': expected known-size vector of Single, got Single",
            () => estimator.GetOutputSchema(BuiltInModels.ShapeOf(scalar.Schema)));

        static void Says(string message, Action action) =>
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(action).Message, message);
    }

    [TestMethod]
    public void The_transformer_comes_back_as_it_was()
    {
        var rows = Rows();
        var calibrated = _models.BinaryTransformer(rows.Schema, _models.Calibrated(new VBuffer<float>(5, _weights), 7));
        ITransformer[] transformers =
        [
            _ml.Transforms.CalculateFeatureContribution(Regression(rows.Schema), 1, 2, normalize: false).Fit(rows),
            _ml.Transforms.CalculateFeatureContribution(calibrated, 2, 1).Fit(rows),
        ];
        foreach (var saved in transformers)
        {
            using var stream = new MemoryStream();
            _ml.Model.Save(saved, rows.Schema, stream);

            var loaded = new MLContext().Model.Load(stream, out _);

            Assert.IsInstanceOfType<FeatureContributionCalculatingTransformer>(loaded);
            var (expected, actual) = (Contributions(saved.Transform(rows)), Contributions(loaded.Transform(rows)));
            for (var i = 0; i < expected.Length; i++) CollectionAssert.AreEqual(expected[i], actual[i]);
        }
    }

    private static void AreClose(float[] expected, float[] actual)
    {
        Assert.HasCount(expected.Length, actual);
        for (var i = 0; i < expected.Length; i++) Assert.AreEqual(expected[i], actual[i], Tolerance, $"slot {i}");
    }
}
