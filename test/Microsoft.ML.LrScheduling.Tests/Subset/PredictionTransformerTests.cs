using Microsoft.ML.Data;

namespace Microsoft.ML.LrScheduling.Tests.Subset;

[TestClass]
public sealed class PredictionTransformerTests
{
    private const float Tolerance = 1e-6f;

    private readonly MLContext _ml = new(seed: 1);
    private readonly BuiltInModels _models;

    public PredictionTransformerTests() => _models = new(_ml);

    private sealed class Row
    {
        public float Target { get; set; }
        public bool IsPositive { get; set; }
        public string K { get; set; } = "";
        [VectorType(3)] public float[] Features { get; set; } = [];
    }

    private sealed class WideRow
    {
        [VectorType(4)] public float[] Features { get; set; } = [];
    }

    private sealed class SparseRow
    {
        [VectorType(3)] public VBuffer<float> Features { get; set; }
    }

    private sealed class NamelessRow
    {
        public float Other { get; set; }
    }

    private sealed class ScalarRow
    {
        public float Features { get; set; }
    }

    private IDataView Rows() => _ml.Data.LoadFromEnumerable(new Row[]
    {
        new() { Target = 1, IsPositive = true, K = "a", Features = [1, 2, 3] },
        new() { Target = 2, IsPositive = false, K = "b", Features = [-1, 0, 0.5f] },
        new() { Target = 3, IsPositive = true, K = "c", Features = [0, float.NaN, 1] },
    });

    [TestMethod]
    public void A_regression_model_adds_the_column_that_ML_NETs_trainers_add()
    {
        var rows = Rows();
        var transformer = _models.RegressionTransformer(rows.Schema, Weights(1, 10, 100), 0.5f);

        AddsTheGoldenColumns("regression", rows.Schema, transformer.GetOutputSchema(rows.Schema));
    }

    [TestMethod]
    public void A_calibrated_binary_model_adds_the_columns_that_ML_NETs_trainers_add()
    {
        var rows = Rows();
        var transformer = _models.BinaryTransformer(rows.Schema, _models.Calibrated(Weights(1, 1, -1), 0));

        AddsTheGoldenColumns("binary", rows.Schema, transformer.GetOutputSchema(rows.Schema));
    }

    [TestMethod]
    public void A_multiclass_model_adds_the_columns_that_ML_NETs_trainers_add()
    {
        var rows = _ml.Transforms.Conversion.MapValueToKey("Label", "K").Fit(Rows()).Transform(Rows());
        var transformer = _models.MulticlassTransformer(rows.Schema, [Weights(1, 0, 0), Weights(0, 1, 0), Weights(0, 0, 1)], [0, 0, 0]);

        // The golden file lists the label too.
        AddsTheGoldenColumns("multiclass", rows.Schema, transformer.GetOutputSchema(rows.Schema), except: "K");
    }

    [TestMethod]
    public void A_binary_model_without_a_calibrator_adds_no_probability()
    {
        var rows = Rows();
        var output = _models.BinaryTransformer(rows.Schema, _models.Binary(Weights(1, 1, -1), 0)).GetOutputSchema(rows.Schema);

        CollectionAssert.AreEqual(
            new[] { "PredictedLabel", "Score" }, output.Skip(rows.Schema.Count).Select(column => column.Name).ToArray());
    }

    [TestMethod]
    public void A_linear_score_is_the_weighted_sum_of_the_features_and_the_bias()
    {
        var rows = Rows();
        var scored = _models.RegressionTransformer(rows.Schema, Weights(1, 10, 100), 0.5f).Transform(rows);

        AreClose([321.5f, 49.5f, float.NaN], scored.GetColumn<float>("Score"));
    }

    [TestMethod]
    public void Sparse_features_and_sparse_weights_score_as_dense_ones_do()
    {
        var rows = _ml.Data.LoadFromEnumerable(new SparseRow[]
        {
            new() { Features = new VBuffer<float>(3, 1, [2], [1]) },
            new() { Features = new VBuffer<float>(3, 0, [], []) },
            new() { Features = new VBuffer<float>(3, [1, 1, 1]) },
        });
        var dense = _models.RegressionTransformer(rows.Schema, Weights(1, 10, 0), 0.5f).Transform(rows);
        var sparse = _models.RegressionTransformer(rows.Schema, new VBuffer<float>(3, 2, [1, 10], [0, 1]), 0.5f).Transform(rows);

        AreClose([20.5f, 0.5f, 11.5f], dense.GetColumn<float>("Score"));
        AreClose([20.5f, 0.5f, 11.5f], sparse.GetColumn<float>("Score"));
    }

    [TestMethod]
    public void A_missing_feature_that_has_no_weight_is_left_out_by_a_sparse_model()
    {
        var rows = Rows();
        var scored = _models.RegressionTransformer(rows.Schema, new VBuffer<float>(3, 1, [2], [2]), 0).Transform(rows);

        AreClose([6, 1, 2], scored.GetColumn<float>("Score"));
    }

    [TestMethod]
    public void Many_features_are_all_summed()
    {
        for (var length = 1; length < 70; length++)
        {
            var schema = SchemaDefinition.Create(typeof(SparseRow));
            schema["Features"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, length);
            var ones = Enumerable.Repeat(1f, length).ToArray();
            var rows = _ml.Data.LoadFromEnumerable([new SparseRow { Features = new VBuffer<float>(length, ones) }], schema);
            var weights = Enumerable.Range(1, length).Select(i => (float)i).ToArray();

            var scored = _models.RegressionTransformer(rows.Schema, Weights(weights), 0).Transform(rows);

            Assert.AreEqual(length * (length + 1) / 2f, scored.GetColumn<float>("Score").Single());
        }
    }

    [TestMethod]
    public void A_probability_is_the_sigmoid_of_the_score_and_a_label_its_sign()
    {
        var rows = Rows();
        var scored = _models.BinaryTransformer(rows.Schema, _models.Calibrated(Weights(0.5f, 0, 0), 0)).Transform(rows);

        AreClose([0.62245935f, 0.37754068f, float.NaN], scored.GetColumn<float>("Probability"));
        CollectionAssert.AreEqual(new[] { true, false, false }, scored.GetColumn<bool>("PredictedLabel").ToArray());
    }

    [TestMethod]
    public void A_changed_threshold_changes_the_labels()
    {
        var rows = Rows();
        var transformer = _models.BinaryTransformer(rows.Schema, _models.Binary(Weights(0.5f, 0, 0), 0));

        var scored = _ml.BinaryClassification.ChangeModelThreshold(transformer, -0.75f).Transform(rows);

        CollectionAssert.AreEqual(new[] { true, true, false }, scored.GetColumn<bool>("PredictedLabel").ToArray());
    }

    [TestMethod]
    public void A_changed_threshold_is_one_of_the_score_and_leaves_score_and_probability_as_they_are()
    {
        var rows = Rows();
        var transformer = _models.BinaryTransformer(rows.Schema, _models.Calibrated(Weights(0.5f, 0, 0), 0));

        var changed = _ml.BinaryClassification.ChangeModelThreshold(transformer, 0.55f);
        var scored = changed.Transform(rows);

        // The first row's probability, 0.62, is above the threshold; its score, 0.5, is not.
        CollectionAssert.AreEqual(new[] { false, false, false }, scored.GetColumn<bool>("PredictedLabel").ToArray());
        AreClose([0.5f, -0.5f, float.NaN], scored.GetColumn<float>("Score"));
        AreClose([0.62245935f, 0.37754068f, float.NaN], scored.GetColumn<float>("Probability"));
        Assert.AreSame(transformer.Model, changed.Model);
        CollectionAssert.AreEqual(
            new[] { true, false, false }, transformer.Transform(rows).GetColumn<bool>("PredictedLabel").ToArray());
    }

    [TestMethod]
    public void The_threshold_that_a_transformer_has_leaves_it_the_same()
    {
        var transformer = _models.BinaryTransformer(Rows().Schema, _models.Binary(Weights(0.5f, 0, 0), 0));

        Assert.AreSame(transformer, _ml.BinaryClassification.ChangeModelThreshold(transformer, 0));
        var changed = _ml.BinaryClassification.ChangeModelThreshold(transformer, 1);
        Assert.AreNotSame(transformer, changed);
        Assert.AreSame(changed, _ml.BinaryClassification.ChangeModelThreshold(changed, 1));
    }

    [TestMethod]
    public void Multiclass_scores_are_the_softmax_and_the_label_its_first_maximum_if_any()
    {
        var rows = _ml.Transforms.Conversion.MapValueToKey("Label", "K").Fit(Rows()).Transform(Rows());
        VBuffer<float>[] weights = [Weights(1, 0, 0), Weights(0, 0, 1), Weights(0, 0, 1)];
        var scored = _models.MulticlassTransformer(rows.Schema, weights, [0, 0, 0]).Transform(rows);

        var scores = scored.GetColumn<float[]>("Score").ToArray();
        AreClose([0.063379f, 0.468311f, 0.468311f], scores[0], 1e-5f);
        CollectionAssert.AreEqual(new uint[] { 2, 2, 0 }, scored.GetColumn<uint>("PredictedLabel").ToArray());
    }

    [TestMethod]
    public void Columns_read_together_give_what_they_give_alone()
    {
        var rows = Rows();
        var scored = _models.BinaryTransformer(rows.Schema, _models.Calibrated(Weights(0.5f, 0, 0.25f), -0.5f)).Transform(rows);
        var alone = scored.GetColumn<float>("Probability").ToArray();

        using var cursor = scored.GetRowCursor(scored.Schema);
        var getScore = cursor.GetGetter<float>(scored.Schema["Score"]);
        var getProbability = cursor.GetGetter<float>(scored.Schema["Probability"]);
        float score = 0, probability = 0;
        foreach (var expected in alone)
        {
            Assert.IsTrue(cursor.MoveNext());
            getProbability(ref probability);
            getScore(ref score);
            Assert.AreEqual(expected, probability);
            Assert.AreEqual(expected, 1 / (1 + MathF.Exp(-score)), Tolerance);
        }
        Assert.IsFalse(cursor.MoveNext());
    }

    [TestMethod]
    public void Each_model_of_a_chain_has_a_number_of_its_own()
    {
        var rows = Rows();
        var once = _models.RegressionTransformer(rows.Schema, Weights(1, 0, 0), 0).Transform(rows);
        var twice = _models.BinaryTransformer(once.Schema, _models.Binary(Weights(1, 0, 0), 0)).Transform(once);

        Assert.AreEqual(1u, ScoreSetOf(once.Schema["Score"]));
        Assert.AreEqual(2u, ScoreSetOf(twice.Schema["Score"]));
        Assert.AreEqual(2u, ScoreSetOf(twice.Schema["PredictedLabel"]));
    }

    [TestMethod]
    public void A_missing_feature_column_is_named()
    {
        var rows = Rows();
        var transformer = _models.RegressionTransformer(rows.Schema, Weights(1, 0, 0), 0);
        var other = _ml.Data.LoadFromEnumerable(new[] { new NamelessRow() });

        var thrown = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => transformer.GetOutputSchema(other.Schema));

        StringAssert.Contains(thrown.Message, "Could not find feature column 'Features'");
    }

    [TestMethod]
    public void A_feature_column_of_another_type_is_named()
    {
        var rows = Rows();
        var transformer = _models.RegressionTransformer(rows.Schema, Weights(1, 0, 0), 0);
        var other = _ml.Data.LoadFromEnumerable(new[] { new ScalarRow() });

        var thrown = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => transformer.GetOutputSchema(other.Schema));

        StringAssert.Contains(thrown.Message, "Schema mismatch for feature column 'Features': expected Vector<Single, 3>, got Single");
    }

    [TestMethod]
    public void Features_must_be_as_many_as_the_models_weights()
    {
        var wide = _ml.Data.LoadFromEnumerable(new[] { new WideRow { Features = [1, 2, 3, 4] } });
        var rows = Rows();
        var transformer = _models.RegressionTransformer(rows.Schema, Weights(1, 0, 0), 0);

        var thrown = Assert.ThrowsExactly<InvalidOperationException>(() => transformer.Transform(wide));

        StringAssert.Contains(thrown.Message, "Incompatible features column type: 'Vector<Single, 4>' vs 'Vector<Single, 3>'");
        Assert.ThrowsExactly<InvalidOperationException>(() => _models.RegressionTransformer(wide.Schema, Weights(1, 0, 0), 0));
    }

    [TestMethod]
    public void A_transformer_tells_its_features_and_maps_row_by_row()
    {
        var rows = Rows();
        ITransformer transformer = _models.RegressionTransformer(rows.Schema, Weights(1, 0, 0), 0);
        var prediction = (ISingleFeaturePredictionTransformer<object>)transformer;

        Assert.AreEqual("Features", prediction.FeatureColumnName);
        Assert.AreEqual(rows.Schema["Features"].Type, prediction.FeatureColumnType);
        Assert.IsTrue(transformer.IsRowToRowMapper);
        var mapper = transformer.GetRowToRowMapper(rows.Schema);
        CollectionAssert.AreEqual(new[] { "Features" },
            mapper.GetDependencies([mapper.OutputSchema["Score"]]).Select(column => column.Name).ToArray());
    }

    [TestMethod]
    public void Weights_that_are_not_finite_are_refused()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _models.Regression(Weights(1, float.NaN), 0));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _models.Regression(Weights(1, 2), float.PositiveInfinity));
    }

    [TestMethod]
    public void A_models_weights_and_biases_can_be_read()
    {
        var linear = _models.Regression(new VBuffer<float>(3, 1, [5], [1]), 2);
        CollectionAssert.AreEqual(new float[] { 0, 5, 0 }, linear.Weights.ToArray());
        Assert.AreEqual(2, linear.Bias);

        VBuffer<float>[] weights = [];
        var multiclass = _models.MaximumEntropy([Weights(1, 2), Weights(3, 4)], [5, 6]);
        multiclass.GetWeights(ref weights, out var classes);
        Assert.AreEqual(2, classes);
        CollectionAssert.AreEqual(new float[] { 3, 4 }, weights[1].DenseValues().ToArray());
        CollectionAssert.AreEqual(new float[] { 5, 6 }, multiclass.GetBiases().ToArray());
    }

    private static VBuffer<float> Weights(params float[] weights) => new(weights.Length, weights);

    private static uint ScoreSetOf(DataViewSchema.Column column)
    {
        var id = 0u;
        column.Annotations.GetValue("ScoreColumnSetId", ref id);
        return id;
    }

    private static void AddsTheGoldenColumns(string task, DataViewSchema input, DataViewSchema output, string? except = null)
    {
        var expected = GoldenFile.Section("output columns of the built-in trainers", task).EnumerateArray()
            .Where(column => column.GetProperty("name").GetString() != except)
            .Select(column => (column.GetProperty("name").GetString(), column.GetProperty("type").GetString(),
                string.Join("; ", column.GetProperty("annotations").EnumerateArray().Select(annotation => annotation.GetString()))))
            .ToArray();
        var actual = output.Skip(input.Count)
            .Select(column => ((string?)column.Name, column.Type.ToString(),
                string.Join("; ", column.Annotations.Schema.Select(annotation => $"{annotation.Name}: {annotation.Type}"))))
            .ToArray();
        CollectionAssert.AreEqual(expected, actual);
    }

    private static void AreClose(float[] expected, IEnumerable<float> actual, float tolerance = Tolerance)
    {
        var values = actual.ToArray();
        Assert.HasCount(expected.Length, values);
        for (var i = 0; i < expected.Length; i++) Assert.AreEqual(expected[i], values[i], tolerance, $"row {i}");
    }
}
