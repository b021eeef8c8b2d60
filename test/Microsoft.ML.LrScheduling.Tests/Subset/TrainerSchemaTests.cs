using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.LrScheduling.Tests.Subset;

[TestClass]
public sealed class TrainerSchemaTests
{
    private const string ScoreAnnotations =
        "ScoreColumnSetId: Scalar UInt32 key, ScoreColumnKind: Scalar String, ScoreValueKind: Scalar String";

    private readonly MLContext _ml = new(seed: 1);

    private sealed class Row
    {
        public float Target { get; set; }
        public bool Bin { get; set; }
        public string K { get; set; } = "";
        public float Weight { get; set; }
        public double HeavyWeight { get; set; }
        [VectorType(3)] public float[] Features { get; set; } = [];
    }

    private IDataView Rows()
    {
        var rows = _ml.Data.LoadFromEnumerable(new Row[]
        {
            new() { K = "a", Bin = true, Target = 1, Weight = 1, Features = [1, 2, 3] },
            new() { K = "b", Target = 2, Weight = 1, Features = [4, 2, 3] },
        });
        return _ml.Transforms.Conversion.MapValueToKey("Key", "K").Fit(rows).Transform(rows);
    }

    private SchemaShape Shape() => BuiltInModels.ShapeOf(Rows().Schema);

    [TestMethod]
    public void A_regression_trainer_announces_its_score()
    {
        var output = _ml.Regression.Trainers.Sdca("Target").GetOutputSchema(Shape());

        Announces(output, $"Score: Scalar Single {{{ScoreAnnotations}}}");
    }

    [TestMethod]
    public void A_logistic_trainer_announces_score_probability_and_label()
    {
        var output = _ml.BinaryClassification.Trainers.SdcaLogisticRegression("Bin").GetOutputSchema(Shape());

        Announces(output,
            $"Score: Scalar Single {{{ScoreAnnotations}}}",
            $"Probability: Scalar Single {{{ScoreAnnotations}, IsNormalized: Scalar Boolean}}",
            $"PredictedLabel: Scalar Boolean {{{ScoreAnnotations}}}");
    }

    [TestMethod]
    public void A_multiclass_trainer_announces_scores_and_a_key_with_the_labels_values()
    {
        var output = _ml.MulticlassClassification.Trainers.SdcaMaximumEntropy("Key").GetOutputSchema(Shape());

        Announces(output,
            $"Score: Vector Single {{SlotNames: Vector String, TrainingLabelValues: Vector String, {ScoreAnnotations}}}",
            $"PredictedLabel: Scalar UInt32 key {{KeyValues: Vector String, {ScoreAnnotations}}}");
    }

    [TestMethod]
    public void A_column_that_is_not_there_is_named_with_its_role()
    {
        Refuses(_ml.Regression.Trainers.Sdca("Nope"), "Could not find label column 'Nope'");
        Refuses(_ml.Regression.Trainers.Sdca("Target", "Nope"), "Could not find feature column 'Nope'");
        Refuses(_ml.Regression.Trainers.Sdca("Target", exampleWeightColumnName: "Nope"), "Could not find weight column 'Nope'");
    }

    [TestMethod]
    public void A_column_of_another_type_is_named_with_what_is_expected()
    {
        Refuses(_ml.Regression.Trainers.Sdca("Bin"), "Schema mismatch for label column 'Bin': expected Single, got Boolean");
        Refuses(_ml.Regression.Trainers.Sdca("Target", "Weight"),
            "Schema mismatch for feature column 'Weight': expected Vector<Single>, got Single");
        Refuses(_ml.Regression.Trainers.Sdca("Target", exampleWeightColumnName: "HeavyWeight"),
            "Schema mismatch for weight column 'HeavyWeight': expected Single, got Double");
        Refuses(_ml.BinaryClassification.Trainers.SdcaLogisticRegression("Target"),
            "Schema mismatch for label column 'Target': expected Boolean, got Single");
        Refuses(_ml.MulticlassClassification.Trainers.SdcaMaximumEntropy("Target"),
            "Schema mismatch for label column 'Target': expected Key<UInt32>, got Single");
    }

    [TestMethod]
    public void Options_have_the_defaults_of_ML_NET()
    {
        var regression = new SdcaRegressionTrainer.Options();
        Assert.AreEqual((0.01f, 1f, true), (regression.ConvergenceTolerance, regression.BiasLearningRate, regression.Shuffle));
        var binary = new SdcaLogisticRegressionBinaryTrainer.Options();
        Assert.AreEqual((0.1f, 0f, 1f), (binary.ConvergenceTolerance, binary.BiasLearningRate, binary.PositiveInstanceWeight));
        Assert.AreEqual(("Label", "Features", null), (binary.LabelColumnName, binary.FeatureColumnName, binary.ExampleWeightColumnName));
    }

    [TestMethod]
    public void Options_outside_their_range_are_refused()
    {
        var options = new SdcaMaximumEntropyMulticlassTrainer.Options { MaximumNumberOfIterations = 0 };

        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.MulticlassClassification.Trainers.SdcaMaximumEntropy(options));
    }

    private sealed class SparseRow
    {
        [KeyType(3)] public uint Class { get; set; }
        public bool Bin { get; set; }
        public float Target { get; set; }
        [VectorType(4)] public VBuffer<float> Features { get; set; }
        public VBuffer<float> Loose { get; set; }
    }

    [TestMethod]
    public void Sparse_features_and_a_key_property_are_what_trainers_take()
    {
        var schema = _ml.Data.LoadFromEnumerable(new[] { new SparseRow { Features = new(4, 1, [2], [3]) } }).Schema;
        var shape = BuiltInModels.ShapeOf(schema);

        IEstimator<ITransformer>[] trainers =
        [
            _ml.Regression.Trainers.Sdca("Target"), _ml.BinaryClassification.Trainers.SdcaLogisticRegression("Bin"),
            _ml.MulticlassClassification.Trainers.SdcaMaximumEntropy("Class"),
        ];
        foreach (var trainer in trainers)
            Assert.IsTrue(trainer.GetOutputSchema(shape).Any(column => column.Name == "Score"));
    }

    [TestMethod]
    public void Features_of_a_size_that_is_not_known_are_refused()
    {
        var shape = BuiltInModels.ShapeOf(_ml.Data.LoadFromEnumerable(new[] { new SparseRow() }).Schema);

        var thrown = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
            _ml.Regression.Trainers.Sdca("Target", "Loose").GetOutputSchema(shape));

        StringAssert.Contains(
            thrown.Message, "Schema mismatch for feature column 'Loose': expected Vector<Single>, got VarVector<Single>");
    }

    // Fit checks the same columns before it does anything else, so what it says needs no shape of the schema.
    private void Refuses<TTransformer, TModel>(ITrainerEstimator<TTransformer, TModel> trainer, string message)
        where TTransformer : ISingleFeaturePredictionTransformer<TModel>
        where TModel : class
    {
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => trainer.Fit(Rows())).Message, message);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => trainer.GetOutputSchema(Shape())).Message, message);
    }

    private void Announces(SchemaShape output, params string[] expected) =>
        CollectionAssert.AreEqual(expected, output.Skip(Shape().Count).Select(Describe).ToArray());

    private static string Describe(SchemaShape.Column column)
    {
        var annotations = column.Annotations.Count == 0 ? "" : $" {{{string.Join(", ", column.Annotations.Select(Describe))}}}";
        return $"{column.Name}: {column.Kind} {column.ItemType}{(column.IsKey ? " key" : "")}{annotations}";
    }
}
