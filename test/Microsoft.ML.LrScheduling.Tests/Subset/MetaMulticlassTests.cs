using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using CalibratedLinear = Microsoft.ML.Calibrators.CalibratedModelParametersBase<
    Microsoft.ML.Trainers.LinearBinaryModelParameters, Microsoft.ML.Calibrators.PlattCalibrator>;

namespace Microsoft.ML.LrScheduling.Tests.Subset;

/// <summary>Models of several classes out of models of two; true of the packages and of the subset alike.</summary>
[TestClass]
public sealed class MetaMulticlassTests
{
    private const float Tolerance = 1e-6f;

    private readonly MLContext _ml = new(seed: 1);
    private readonly BuiltInModels _models;

    public MetaMulticlassTests() => _models = new(_ml);

    private sealed class Row
    {
        /// <summary>The class, from 0; 3 is missing.</summary>
        [KeyType(3)] public uint Label { get; set; }
        public float Number { get; set; }
        [VectorType(2)] public float[] Features { get; set; } = [];
    }

    // One of class 0, two of class 1, one of class 2 and one of none.
    private IDataView Rows() => RowsOf([0, 1, 2, 3, 1]);

    private IDataView RowsOf(params uint[] classes) =>
        _ml.Data.LoadFromEnumerable(classes.Select(label => new Row { Label = label, Features = [1, label] }).ToArray());

    /// <summary>A trainer whose model gives every row the share of positive labels as its probability.</summary>
    private ScriptedTrainer<CalibratedLinear> Prior() => new(_ml, labels => Constant(labels.Count(label => label) / (double)labels.Length));

    private CalibratedLinear Constant(double probability) =>
        _models.Calibrated(new VBuffer<float>(2, [0, 0]), (float)Math.Log(probability / (1 - probability)));

    /// <summary>A trainer that gives the first model twice, as it is asked for it twice, and then each once.</summary>
    private ScriptedTrainer<TModel> InTurn<TModel>(params TModel[] models) where TModel : class
    {
        var next = new Queue<TModel>([models[0], .. models]);
        return new(_ml, _ => next.Dequeue());
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Each_class_is_told_from_all_others_and_from_rows_whose_label_is_missing(bool imputeMissingLabelsAsNegative)
    {
        var trainer = Prior();

        _ml.MulticlassClassification.Trainers.OneVersusAll(
            trainer, imputeMissingLabelsAsNegative: imputeMissingLabelsAsNegative).Fit(Rows());

        // Keys 1, 2, 3, missing, 2. The first class is trained twice.
        bool[][] expected =
        [
            [true, false, false, false, false], [true, false, false, false, false],
            [false, true, false, false, true], [false, false, true, false, false],
        ];
        AreEqual(expected, trainer.Seen);
    }

    [TestMethod]
    public void Each_pair_of_classes_is_told_from_all_others()
    {
        var trainer = Prior();

        _ml.MulticlassClassification.Trainers.PairwiseCoupling(trainer).Fit(Rows());

        bool[][] expected =
        [
            [true, false, false, false, false], [true, false, false, false, false],
            [true, true, false, false, true], [false, true, false, false, true],
            [true, false, true, false, false], [false, true, true, false, true], [false, false, true, false, false],
        ];
        AreEqual(expected, trainer.Seen);
    }

    [TestMethod]
    public void One_versus_all_divides_the_probabilities_by_their_sum()
    {
        var scored = _ml.MulticlassClassification.Trainers.OneVersusAll(Prior()).Fit(Rows()).Transform(Rows());

        // 1/5, 2/5 and 1/5, of 4/5.
        AreClose([0.25f, 0.5f, 0.25f], ScoresOf(scored)[0]);
        CollectionAssert.AreEqual(new uint[] { 2, 2, 2, 2, 2 }, scored.GetColumn<uint>("PredictedLabel").ToArray());
    }

    [TestMethod]
    public void One_versus_all_without_probabilities_gives_the_scores_themselves()
    {
        var trainer = InTurn(
            _models.Calibrated(new VBuffer<float>(2, [1, 0]), 0.5f), _models.Calibrated(new VBuffer<float>(2, [0, 10]), 0),
            _models.Calibrated(new VBuffer<float>(2, [0, -1]), -3));

        var scored = _ml.MulticlassClassification.Trainers.OneVersusAll(trainer, useProbabilities: false).Fit(Rows()).Transform(Rows());

        AreClose([1.5f, 0, -3], ScoresOf(scored)[0]);
        AreClose([1.5f, 10, -4], ScoresOf(scored)[1]);
    }

    [TestMethod]
    public void A_row_with_a_missing_feature_has_missing_scores_and_no_class()
    {
        var model = _ml.MulticlassClassification.Trainers.OneVersusAll(InTurn(
            _models.Calibrated(new VBuffer<float>(2, [1, 0]), 0), _models.Calibrated(new VBuffer<float>(2, [1, 1]), 0),
            _models.Calibrated(new VBuffer<float>(2, [0, 1]), 0))).Fit(Rows());

        var scored = model.Transform(_ml.Data.LoadFromEnumerable(new[] { new Row { Features = [float.NaN, 0] } }));

        Assert.IsTrue(ScoresOf(scored)[0].All(float.IsNaN));
        Assert.AreEqual(0u, scored.GetColumn<uint>("PredictedLabel").Single());
    }

    [TestMethod]
    public void Uncalibrated_models_are_calibrated_after_Platt()
    {
        // Scores of ±1. Of class 0's rows 8 of 9 have +1, and so have 2 of the others' 11.
        (uint Label, float Feature, int Count)[] groups = [(0, 1, 8), (0, -1, 1), (1, 1, 2), (1, -1, 4), (2, -1, 5)];
        var rows = _ml.Data.LoadFromEnumerable(groups.SelectMany(group => Enumerable.Repeat(group, group.Count))
            .Select(group => new Row { Label = group.Label, Features = [group.Feature, 0] }).ToArray());
        var trainer = new ScriptedTrainer<LinearBinaryModelParameters>(_ml, _ => _models.Binary(new VBuffer<float>(2, [1, 0]), 0));

        var model = _ml.MulticlassClassification.Trainers.OneVersusAll(trainer).Fit(rows);

        // A sigmoid can meet two scores' probabilities exactly: they are the mean targets, where a positive row's target is (P + 1) / (P + 2)
        // and a negative one's 1 / (N + 2).
        double[] probabilities = [Probability(9, 11, 8, 2), Probability(6, 14, 2, 8), Probability(5, 15, 0, 10)];
        var expected = probabilities.Select(probability => (float)(probability / probabilities.Sum())).ToArray();
        AreClose(expected, ScoresOf(model.Transform(rows))[0], 1e-3f);

        static double Probability(int positives, int negatives, int positivesAbove, int negativesAbove) =>
            (positivesAbove * (positives + 1.0) / (positives + 2) + negativesAbove / (negatives + 2.0)) / (positivesAbove + negativesAbove);
    }

    [TestMethod]
    public void A_calibrator_that_is_given_is_left_aside_for_Platts()
    {
        float[] Scores(IEstimator<ISingleFeaturePredictionTransformer<ICalibrator>>? calibrator)
        {
            var trainer = InTurn(
                _models.Binary(new VBuffer<float>(2, [0, 0]), 1), _models.Binary(new VBuffer<float>(2, [0, 0]), 2),
                _models.Binary(new VBuffer<float>(2, [0, 0]), -1));
            return ScoresOf(_ml.MulticlassClassification.Trainers.OneVersusAll(trainer, calibrator: calibrator).Fit(Rows()).Transform(Rows()))[0];
        }

        AreClose(Scores(null), Scores(_ml.BinaryClassification.Calibrators.Platt(slope: -2, offset: 1)));
    }

    [TestMethod]
    public void Calibrated_models_keep_their_calibrators()
    {
        var calibrator = _ml.BinaryClassification.Calibrators.Platt(slope: 7, offset: 7);

        var scored = _ml.MulticlassClassification.Trainers.OneVersusAll(Prior(), calibrator: calibrator).Fit(Rows()).Transform(Rows());

        AreClose([0.25f, 0.5f, 0.25f], ScoresOf(scored)[0]);
    }

    [TestMethod]
    public void Pairs_that_agree_give_each_class_its_probability()
    {
        // In the order (0,0), (1,0), (1,1), (2,0), (2,1), (2,2).
        var scored = Coupled(0.5, 0.7, 0.3, 0.6, 0.4, 0.2);

        // 0.5 / (0.7 + 0.6 − 0.5), 0.3 / (0.7 + 0.4 − 0.3) and 0.2 / (0.6 + 0.4 − 0.2), of 1.25.
        AreClose([0.5f, 0.3f, 0.2f], ScoresOf(scored)[0]);
        Assert.AreEqual(1u, scored.GetColumn<uint>("PredictedLabel").First());
    }

    [TestMethod]
    public void Pairs_are_at_least_as_likely_as_their_classes()
    {
        var scored = Coupled(0.5, 0.2, 0.1, 0.6, 0.05, 0.1);

        // (1,0) counts as 0.5 and (2,1) as 0.1: 0.5 / (0.5 + 0.6 − 0.5), 0.1 / (0.5 + 0.1 − 0.1) and 0.1 / (0.6 + 0.1 − 0.1), of 1.2.
        AreClose([0.5f / 0.6f / 1.2f, 0.2f / 1.2f, 0.1f / 0.6f / 1.2f], ScoresOf(scored)[0]);
    }

    private IDataView Coupled(params double[] probabilities) =>
        _ml.MulticlassClassification.Trainers.PairwiseCoupling(InTurn(Array.ConvertAll(probabilities, Constant))).Fit(Rows()).Transform(Rows());

    [TestMethod]
    public void A_trainer_of_another_assemblys_transformers_is_coupled_by_pairs()
    {
        var foreign = new ForeignTrainer<CalibratedLinear>(Prior());

        var scored = _ml.MulticlassClassification.Trainers.PairwiseCoupling(foreign).Fit(Rows()).Transform(Rows());

        // Of five rows one, two and one are of the classes: pᵢⱼ is the sum of two shares, and pᵢᵢ one.
        AreClose([0.25f, 0.5f, 0.25f], ScoresOf(scored)[0]);
    }

    [TestMethod]
    public void The_output_has_the_columns_that_ML_NETs_multiclass_trainers_add()
    {
        var rows = Named();
        var oneVersusAll = _ml.MulticlassClassification.Trainers.OneVersusAll(Prior()).Fit(rows);
        var pairwise = _ml.MulticlassClassification.Trainers.PairwiseCoupling(Prior()).Fit(rows);

        var expected = _models.MulticlassTransformer(
            rows.Schema, [new(2, [1, 0]), new(2, [0, 1]), new(2, [0, 0])], [0, 0, 0]).GetOutputSchema(rows.Schema);

        CollectionAssert.AreEqual(Describe(expected), Describe(oneVersusAll.GetOutputSchema(rows.Schema)));
        CollectionAssert.AreEqual(Describe(expected), Describe(pairwise.GetOutputSchema(rows.Schema)));
        var names = default(VBuffer<ReadOnlyMemory<char>>);
        oneVersusAll.GetOutputSchema(rows.Schema)["Score"].GetSlotNames(ref names);
        CollectionAssert.AreEqual(new[] { "x", "y", "z" }, names.DenseValues().Select(name => name.ToString()).ToArray());
        Assert.AreEqual("Features", oneVersusAll.FeatureColumnName);
    }

    [TestMethod]
    public void A_trainer_announces_scores_and_a_key_with_the_labels_values()
    {
        var shape = BuiltInModels.ShapeOf(Named().Schema);

        IEstimator<ITransformer>[] trainers =
        [
            _ml.MulticlassClassification.Trainers.OneVersusAll(Prior()), _ml.MulticlassClassification.Trainers.PairwiseCoupling(Prior()),
        ];
        foreach (var trainer in trainers)
        {
            var output = trainer.GetOutputSchema(shape);
            var (score, predicted) = (output.Single(column => column.Name == "Score"), output.Single(column => column.Name == "PredictedLabel"));
            Assert.AreEqual((SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single), (score.Kind, score.ItemType));
            Assert.IsTrue(score.Annotations.Any(annotation => annotation.Name == "SlotNames"));
            Assert.IsTrue(predicted.IsKey);
            Assert.IsTrue(predicted.Annotations.Any(annotation => annotation.Name == "KeyValues"));
        }
    }

    [TestMethod]
    public void A_trainer_wants_normalization_where_its_own_does_and_a_cache()
    {
        var wanting = _ml.MulticlassClassification.Trainers.OneVersusAll(new ScriptedTrainer<CalibratedLinear>(_ml, _ => Constant(0.5)));
        var indifferent = _ml.MulticlassClassification.Trainers.OneVersusAll(
            new ScriptedTrainer<CalibratedLinear>(_ml, _ => Constant(0.5), needsNormalization: false));

        Assert.IsTrue(wanting.Info.NeedNormalization);
        Assert.IsFalse(indifferent.Info.NeedNormalization);
        Assert.IsTrue(indifferent.Info.WantCaching);
    }

    [TestMethod]
    public void A_label_that_is_not_there_or_no_key_is_named()
    {
        var missing = _ml.MulticlassClassification.Trainers.OneVersusAll(Prior(), "Nope");
        var number = _ml.MulticlassClassification.Trainers.PairwiseCoupling(Prior(), "Number");
        var shape = BuiltInModels.ShapeOf(Rows().Schema);

        Says("Could not find label column 'Nope'", () => missing.GetOutputSchema(shape));
        Says("Nope column 'Label' not found", () => missing.Fit(Rows()));
        Says("Schema mismatch for label column 'Number': expected Key<UInt32>, got Single", () => number.GetOutputSchema(shape));
        Assert.ThrowsExactly<NotSupportedException>(() => number.Fit(Rows()));

        static void Says(string message, Action action) =>
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(action).Message, message);
    }

    [TestMethod]
    public void A_trainer_whose_models_score_no_row_is_refused()
    {
        var trainer = new ScriptedTrainer<object>(_ml, _ => new object());

        var thrown = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.MulticlassClassification.Trainers.OneVersusAll(trainer));

        StringAssert.Contains(thrown.Message, "Trainer estimator does not appear to produce the right kind of model.");
    }

    [TestMethod]
    public void The_log_tells_which_model_is_being_trained()
    {
        var lines = new List<string>();
        _ml.Log += (_, message) => lines.Add(message.Message);

        _ml.MulticlassClassification.Trainers.OneVersusAll(Prior()).Fit(Rows());
        _ml.MulticlassClassification.Trainers.PairwiseCoupling(Prior()).Fit(Rows());

        string[] expected =
        [
            "learner 0", "learner 1", "learner 2", "learner (0,0)", "learner (1,0)", "learner (1,1)", "learner (2,0)", "learner (2,1)",
            "learner (2,2)",
        ];
        var told = lines.Where(line => line.Contains("Training learner")).Select(line => line[line.IndexOf("learner", StringComparison.Ordinal)..]);
        CollectionAssert.AreEqual(expected, told.ToArray());
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void A_one_versus_all_model_comes_back_as_it_was(bool useProbabilities)
    {
        var rows = Named();
        var saved = _ml.MulticlassClassification.Trainers.OneVersusAll(InTurn(
            _models.Calibrated(new VBuffer<float>(2, [1, 0]), 0.5f), _models.Calibrated(new VBuffer<float>(2, 1, [3], [1]), 0),
            _models.Calibrated(new VBuffer<float>(2, [0, -1]), 1)), useProbabilities: useProbabilities).Fit(rows);

        ComesBack(saved, rows);
    }

    [TestMethod]
    public void A_pairwise_model_comes_back_as_it_was()
    {
        var rows = Named();
        var saved = _ml.MulticlassClassification.Trainers.PairwiseCoupling(InTurn([.. Enumerable.Range(0, 6)
            .Select(i => _models.Calibrated(new VBuffer<float>(2, [0.25f * i, 1 - i]), 0.1f * i))])).Fit(rows);

        ComesBack(saved, rows);
    }

    [TestMethod]
    public void Models_with_trained_calibrators_come_back_as_they_were()
    {
        var rows = Named();
        var trainer = new ScriptedTrainer<LinearBinaryModelParameters>(_ml, _ => _models.Binary(new VBuffer<float>(2, [1, 2]), 0));

        ComesBack(_ml.MulticlassClassification.Trainers.OneVersusAll(trainer).Fit(rows), rows);
        ComesBack(_ml.MulticlassClassification.Trainers.PairwiseCoupling(trainer).Fit(rows), rows);
    }

    private void ComesBack<TModel>(MulticlassPredictionTransformer<TModel> saved, IDataView rows) where TModel : class
    {
        using var stream = new MemoryStream();
        _ml.Model.Save(saved, rows.Schema, stream);

        var loaded = (MulticlassPredictionTransformer<TModel>)new MLContext().Model.Load(stream, out _);

        Assert.AreEqual("Features", loaded.FeatureColumnName);
        CollectionAssert.AreEqual(Describe(saved.GetOutputSchema(rows.Schema)), Describe(loaded.GetOutputSchema(rows.Schema)));
        var (expected, actual) = (ScoresOf(saved.Transform(rows)), ScoresOf(loaded.Transform(rows)));
        for (var i = 0; i < expected.Length; i++) CollectionAssert.AreEqual(expected[i], actual[i]);
    }

    private sealed class NamedRow
    {
        public string Name { get; set; } = "";
        [VectorType(2)] public float[] Features { get; set; } = [];
    }

    private IDataView Named()
    {
        var rows = _ml.Data.LoadFromEnumerable(new NamedRow[]
        {
            new() { Name = "x", Features = [1, 2] }, new() { Name = "y", Features = [-1, 0.5f] }, new() { Name = "z", Features = [0, -3] },
            new() { Name = "y", Features = [2, 2] },
        });
        return _ml.Transforms.Conversion.MapValueToKey("Label", "Name").Fit(rows).Transform(rows);
    }

    private static string[] Describe(DataViewSchema schema) =>
        [.. schema.Select(column => $"{column.Name}: {column.Type} {{{string.Join(", ", column.Annotations.Schema.Select(
            annotation => $"{annotation.Name}: {annotation.Type}"))}}}")];

    private static float[][] ScoresOf(IDataView scored) => [.. scored.GetColumn<float[]>("Score")];

    private static void AreEqual(bool[][] expected, List<bool[]> actual)
    {
        Assert.HasCount(expected.Length, actual);
        for (var i = 0; i < expected.Length; i++) CollectionAssert.AreEqual(expected[i], actual[i], $"call {i}");
    }

    private static void AreClose(float[] expected, float[] actual, float tolerance = Tolerance)
    {
        Assert.HasCount(expected.Length, actual);
        for (var i = 0; i < expected.Length; i++) Assert.AreEqual(expected[i], actual[i], tolerance, $"class {i}");
    }
}
