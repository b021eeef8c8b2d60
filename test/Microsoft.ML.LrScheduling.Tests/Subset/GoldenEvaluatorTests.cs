using System.Text.Json;
using Microsoft.ML.Data;

namespace Microsoft.ML.LrScheduling.Tests.Subset;

[TestClass]
public sealed class GoldenEvaluatorTests
{
    private const double Tolerance = 1e-12;

    private readonly MLContext _ml = new(seed: 1);

    private sealed class RegressionRow
    {
        public float Label { get; set; }
        public float Score { get; set; }
    }

    private sealed class BinaryRow
    {
        public bool Label { get; set; }
        public float Score { get; set; }
        public float Probability { get; set; }
        public bool PredictedLabel { get; set; }
    }

    private sealed class MulticlassRow
    {
        [KeyType(4)] public uint Label { get; set; }
        [VectorType(4)] public float[] Score { get; set; } = [];
        [KeyType(4)] public uint PredictedLabel { get; set; }
    }

    [TestMethod]
    public void Regression_metrics_are_ML_NETs()
    {
        var labels = GoldenFile.Section("regression", "label").Singles();
        var scores = GoldenFile.Section("regression", "score").Singles();

        var metrics = _ml.Regression.Evaluate(Regression(labels, scores));

        AreGolden("regression", metrics);
    }

    [TestMethod]
    public void Regression_leaves_out_rows_whose_label_or_score_is_missing()
    {
        var metrics = _ml.Regression.Evaluate(Regression([1, float.NaN, 3, 5], [2, 2, float.NaN, 3]));

        Assert.AreEqual(1.5, metrics.MeanAbsoluteError, Tolerance);
        Assert.AreEqual(2.5, metrics.MeanSquaredError, Tolerance);
    }

    [TestMethod]
    public void Regression_over_labels_that_are_all_alike_has_no_r_squared() =>
        Assert.AreEqual(double.NaN, _ml.Regression.Evaluate(Regression([2, 2], [1, 3])).RSquared);

    [TestMethod]
    public void Binary_metrics_are_ML_NETs()
    {
        var metrics = _ml.BinaryClassification.Evaluate(Binary());

        AreGolden("binary", metrics);
        IsGolden("binary", metrics.ConfusionMatrix);
    }

    [TestMethod]
    public void Binary_metrics_without_probabilities_are_the_same_but_for_the_log_loss()
    {
        var metrics = _ml.BinaryClassification.EvaluateNonCalibrated(Binary());

        AreGolden("binary", metrics, except: ["LogLoss", "LogLossReduction", "Entropy"]);
        IsGolden("binary", metrics.ConfusionMatrix);
    }

    [TestMethod]
    public void Binary_classes_are_judged_by_the_score_alone()
    {
        var rows = _ml.Data.LoadFromEnumerable(new BinaryRow[]
        {
            new() { Label = true, Score = 1, Probability = 0.1f, PredictedLabel = false },
            new() { Label = false, Score = 0, Probability = 0.9f, PredictedLabel = true },
        });

        Assert.AreEqual(1, _ml.BinaryClassification.Evaluate(rows).Accuracy);
    }

    [TestMethod]
    public void Area_under_the_curve_needs_both_classes()
    {
        var rows = _ml.Data.LoadFromEnumerable(new BinaryRow[] { new() { Label = true, Score = 1, Probability = 0.5f } });

        var thrown = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.BinaryClassification.Evaluate(rows));

        StringAssert.Contains(thrown.Message, "AUC is not defined when there is no negative class in the data");
    }

    [TestMethod]
    public void Multiclass_metrics_are_ML_NETs()
    {
        var count = GoldenFile.Section("multiclass", "metrics", "TopKPredictionCount").GetInt32();

        var metrics = _ml.MulticlassClassification.Evaluate(Multiclass(), topKPredictionCount: count);

        AreGolden("multiclass", metrics);
        IsGolden("multiclass", metrics.ConfusionMatrix);
        Assert.HasCount(count, metrics.TopKAccuracyForAllK);
        Assert.AreEqual(metrics.MicroAccuracy, metrics.TopKAccuracyForAllK[0], Tolerance);
    }

    [TestMethod]
    public void Multiclass_metrics_have_no_top_k_unless_asked()
    {
        var metrics = _ml.MulticlassClassification.Evaluate(Multiclass());

        Assert.IsNull(metrics.TopKAccuracyForAllK);
        Assert.AreEqual(0, metrics.TopKAccuracy);
    }

    [TestMethod]
    public void A_column_that_is_not_there_is_named()
    {
        var rows = Regression([1], [1]);

        var thrown = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Regression.Evaluate(rows, labelColumnName: "Nope"));

        StringAssert.Contains(thrown.Message, "Nope column 'Label' not found");
    }

    [TestMethod]
    public void A_column_of_another_type_is_named()
    {
        var thrown = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ml.Regression.Evaluate(Binary()));

        StringAssert.Contains(thrown.Message, "Schema mismatch for label column 'Label': expected Single, got Boolean");
    }

    [TestMethod]
    public void A_confusion_matrix_prints_itself()
    {
        string[] lines =
        [
            "TEST POSITIVE RATIO:\t0.4250 (17.0/(17.0+23.0))",
            "Confusion table",
            "          ||======================",
            "PREDICTED || positive | negative | Recall",
            "TRUTH     ||======================",
            " positive ||       14 |        3 | 0.8235",
            " negative ||        9 |       14 | 0.6087",
            "          ||======================",
            "Precision ||   0.6087 |   0.8235 |",
        ];

        var text = _ml.BinaryClassification.Evaluate(Binary()).ConfusionMatrix.GetFormattedConfusionTable();

        CollectionAssert.AreEqual(lines, text.TrimEnd().Split(Environment.NewLine));
    }

    private IDataView Regression(float[] labels, float[] scores) =>
        _ml.Data.LoadFromEnumerable(labels.Zip(scores, (label, score) => new RegressionRow { Label = label, Score = score }));

    private IDataView Binary()
    {
        var section = GoldenFile.Section("binary");
        var labels = section.GetProperty("label").EnumerateArray().Select(label => label.GetBoolean());
        var scores = section.GetProperty("score").Singles();
        var probabilities = section.GetProperty("probability").Singles();
        return _ml.Data.LoadFromEnumerable(labels.Select((label, i) =>
            new BinaryRow { Label = label, Score = scores[i], Probability = probabilities[i], PredictedLabel = scores[i] > 0 }).ToArray());
    }

    private IDataView Multiclass()
    {
        var section = GoldenFile.Section("multiclass");
        // The label's property has a remark on its numbering in its name.
        var labels = section.EnumerateObject().First(property => property.Name.StartsWith("label")).Value.EnumerateArray();
        var scores = section.GetProperty("score").EnumerateArray();
        return _ml.Data.LoadFromEnumerable(
            labels.Zip(scores, (label, score) => new MulticlassRow { Label = label.GetUInt32(), Score = score.Singles() }).ToArray());
    }

    private static void AreGolden(string task, object metrics, params string[] except)
    {
        foreach (var expected in GoldenFile.Section(task, "metrics").EnumerateObject())
        {
            if (expected.Name == "ConfusionMatrix" || except.Contains(expected.Name)) continue;
            var actual = metrics.GetType().GetProperty(expected.Name)!.GetValue(metrics);
            if (expected.Value.ValueKind == JsonValueKind.Array)
                AreClose(expected.Value.Doubles(), (IReadOnlyList<double>)actual!, expected.Name);
            else
                Assert.AreEqual(expected.Value.GetDouble(), Convert.ToDouble(actual), Tolerance, expected.Name);
        }
    }

    private static void IsGolden(string task, ConfusionMatrix matrix)
    {
        var expected = GoldenFile.Section(task, "metrics", "ConfusionMatrix").EnumerateArray().ToArray();
        Assert.AreEqual(expected.Length, matrix.NumberOfClasses);
        for (var actual = 0; actual < expected.Length; actual++)
        {
            AreClose(expected[actual].Doubles(), matrix.Counts[actual], $"row {actual}");
            for (var predicted = 0; predicted < expected.Length; predicted++)
                Assert.AreEqual(matrix.Counts[actual][predicted], matrix.GetCountForClassPair(predicted, actual));
        }
    }

    private static void AreClose(double[] expected, IReadOnlyList<double> actual, string name)
    {
        Assert.HasCount(expected.Length, actual, name);
        for (var i = 0; i < expected.Length; i++) Assert.AreEqual(expected[i], actual[i], Tolerance, $"{name}[{i}]");
    }
}
