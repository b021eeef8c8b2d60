using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;

namespace Microsoft.ML.LrScheduling.Tests.Subset;

/// <summary>Calibrators on their own; true of the packages and of the subset alike.</summary>
[TestClass]
public sealed class CalibratorTests
{
    private readonly MLContext _ml = new(seed: 1);

    private sealed class Row
    {
        public bool Label { get; set; }
        public float Score { get; set; }
        public float Weight { get; set; } = 1;
        [VectorType(1)] public float[] Features { get; set; } = [0];
    }

    // Two scores, each with positive and negative rows.
    private static IEnumerable<Row> Groups(int positivesAbove, int negativesAbove, int positivesBelow, int negativesBelow) =>
    [
        .. Many(true, 2, positivesAbove), .. Many(false, 2, negativesAbove), .. Many(true, -1, positivesBelow), .. Many(false, -1, negativesBelow),
    ];

    private static IEnumerable<Row> Many(bool label, float score, int count) =>
        Enumerable.Range(0, count).Select(_ => new Row { Label = label, Score = score });

    private IDataView View(IEnumerable<Row> rows) => _ml.Data.LoadFromEnumerable(rows.ToArray());

    private static PlattCalibrator CalibratorOf(ITransformer transformer) =>
        ((ISingleFeaturePredictionTransformer<PlattCalibrator>)transformer).Model;

    [TestMethod]
    public void A_sigmoid_meets_the_mean_targets_of_two_scores()
    {
        var rows = View(Groups(30, 10, 5, 25));

        var calibrated = _ml.BinaryClassification.Calibrators.Platt().Fit(rows);

        // 35 positives have the target 36/37, 35 negatives 1/37.
        var above = (float)((30 * 36.0 + 10) / 37 / 40);
        var below = (float)((5 * 36.0 + 25) / 37 / 30);
        var probabilities = calibrated.Transform(rows).GetColumn<float>("Probability").ToArray();
        Assert.AreEqual(above, probabilities[0], 1e-4);
        Assert.AreEqual(below, probabilities[^1], 1e-4);
        var model = CalibratorOf(calibrated);
        Assert.AreEqual(probabilities[0], (float)(1 / (1 + Math.Exp(model.Slope * 2 + model.Offset))));
    }

    [TestMethod]
    public void A_weight_counts_as_that_many_rows()
    {
        var many = CalibratorOf(_ml.BinaryClassification.Calibrators.Platt().Fit(View(Groups(30, 10, 5, 25))));
        Row[] few =
        [
            new() { Label = true, Score = 2, Weight = 30 }, new() { Label = false, Score = 2, Weight = 10 },
            new() { Label = true, Score = -1, Weight = 5 }, new() { Label = false, Score = -1, Weight = 25 },
            new() { Label = true, Score = 9, Weight = 0 },
        ];

        var weighted = CalibratorOf(_ml.BinaryClassification.Calibrators.Platt(exampleWeightColumnName: "Weight").Fit(View(few)));

        Assert.AreEqual(many.Slope, weighted.Slope, 1e-5);
        Assert.AreEqual(many.Offset, weighted.Offset, 1e-5);
    }

    [TestMethod]
    public void Rows_without_a_score_are_left_out()
    {
        var all = CalibratorOf(_ml.BinaryClassification.Calibrators.Platt().Fit(View(Groups(3, 1, 1, 4))));
        var rows = Groups(3, 1, 1, 4).Append(new() { Label = true, Score = float.NaN }).Append(new() { Score = float.PositiveInfinity });

        var without = CalibratorOf(_ml.BinaryClassification.Calibrators.Platt().Fit(View(rows)));

        Assert.AreEqual((all.Slope, all.Offset), (without.Slope, without.Offset));
    }

    [TestMethod]
    public void No_rows_make_no_calibrator()
    {
        var thrown = Assert.ThrowsExactly<InvalidOperationException>(() => _ml.BinaryClassification.Calibrators.Platt().Fit(View([])));

        StringAssert.Contains(thrown.Message, "Calibrator trained on zero instances.");
    }

    [TestMethod]
    public void A_given_sigmoid_reads_no_rows()
    {
        var rows = View([new() { Score = 1 }, new() { Score = float.NaN }]);

        var probabilities = _ml.BinaryClassification.Calibrators.Platt(slope: -2, offset: 0.5).Fit(rows).Transform(rows)
            .GetColumn<float>("Probability").ToArray();

        Assert.AreEqual((float)(1 / (1 + Math.Exp(-1.5))), probabilities[0]);
        Assert.IsTrue(float.IsNaN(probabilities[1]));
    }

    [TestMethod]
    public void A_probability_is_annotated_as_the_models_score_is()
    {
        var models = new BuiltInModels(_ml);
        var rows = View(Groups(3, 1, 1, 4));
        var scored = models.BinaryTransformer(rows.Schema, models.Binary(new VBuffer<float>(1, [1]), 0)).Transform(rows);
        var calibrator = _ml.BinaryClassification.Calibrators.Platt();

        var output = calibrator.Fit(scored).GetOutputSchema(scored.Schema);
        var plain = calibrator.Fit(rows).GetOutputSchema(rows.Schema);

        string[] expected = ["IsNormalized", "ScoreColumnKind", "ScoreColumnSetId", "ScoreValueKind"];
        CollectionAssert.AreEqual(expected, Kinds(output));
        CollectionAssert.AreEqual(new[] { "IsNormalized" }, Kinds(plain));

        static string[] Kinds(DataViewSchema schema) =>
            [.. schema["Probability"].Annotations.Schema.Select(annotation => annotation.Name).Order(StringComparer.Ordinal)];
    }

    [TestMethod]
    public void An_estimator_names_a_column_that_is_not_there_or_of_another_type()
    {
        var shape = BuiltInModels.ShapeOf(View([]).Schema);

        Says("Could not find score column 'Nope'", _ml.BinaryClassification.Calibrators.Platt(scoreColumnName: "Nope"));
        Says("Schema mismatch for label column 'Weight': expected Boolean, got Single", _ml.BinaryClassification.Calibrators.Platt("Weight"));
        IEstimator<ITransformer> fine = _ml.BinaryClassification.Calibrators.Platt();
        Assert.IsTrue(fine.GetOutputSchema(shape).Any(column => column.Name == "Probability"));

        void Says(string message, IEstimator<ITransformer> estimator) => StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => estimator.GetOutputSchema(shape)).Message, message);
    }

    [TestMethod]
    public void A_calibrator_comes_back_as_it_was()
    {
        var rows = View(Groups(3, 1, 1, 4));
        var saved = _ml.BinaryClassification.Calibrators.Platt().Fit(rows);
        using var stream = new MemoryStream();
        _ml.Model.Save(saved, rows.Schema, stream);

        var loaded = _ml.Model.Load(stream, out _);

        var (expected, actual) = (CalibratorOf(saved), CalibratorOf(loaded));
        Assert.AreEqual((expected.Slope, expected.Offset), (actual.Slope, actual.Offset));
        CollectionAssert.AreEqual(
            saved.Transform(rows).GetColumn<float>("Probability").ToArray(), loaded.Transform(rows).GetColumn<float>("Probability").ToArray());
    }
}
