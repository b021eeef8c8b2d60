using System.Collections.Immutable;
using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Training;

/// <summary>Metrics of training against ML.NET's evaluators on the same scores.</summary>
[TestClass]
public sealed class ValidationScoresTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void Binary_metrics_are_MLNETs()
    {
        var random = new Random(3);
        // Scores in steps of 1/4, so that many are equal, also of rows of both kinds.
        var rows = Enumerable.Range(0, 500).Select(_ =>
        {
            var score = (float)Math.Round((random.NextDouble() * 8 - 4) * 4) / 4;
            return new BinaryRow
            {
                Label = random.NextDouble() < 1 / (1 + Math.Exp(-score)),
                Score = score,
                Probability = (float)(1 / (1 + Math.Exp(-score))),
                PredictedLabel = score > 0,
            };
        }).ToArray();
        var expected = _mlContext.BinaryClassification.Evaluate(_mlContext.Data.LoadFromEnumerable(rows));
        var actual = Measure(
            new BinaryScores(BinaryLoss.Logistic()), rows.Select(row => row.Label ? 1f : 0), rows.Select(row => row.Score));
        Assert.AreEqual(expected.AreaUnderRocCurve, actual[Metric.AreaUnderRocCurve], 1e-12);
        Assert.AreEqual(expected.Accuracy, actual[Metric.Accuracy], 1e-12);
        Assert.AreEqual(expected.F1Score, actual[Metric.F1Score], 1e-12);
        Assert.AreEqual(expected.LogLoss, actual[Metric.LogLoss], 1e-6);
        Assert.AreEqual(expected.LogLoss * Math.Log(2), actual[Metric.ValidationLoss], 1e-6);
        // A loss that gives no probability has no log-loss.
        Assert.IsFalse(Measure(new BinaryScores(BinaryLoss.Hinge()), [1, 0], [2, -1]).ContainsKey(Metric.LogLoss));
    }

    [TestMethod]
    public void Binary_metrics_that_are_not_defined_are_left_out()
    {
        var oneClass = Measure(new BinaryScores(BinaryLoss.Logistic()), [1, 1], [1, -1]);
        Assert.IsFalse(oneClass.ContainsKey(Metric.AreaUnderRocCurve));
        Assert.AreEqual(0.5, oneClass[Metric.Accuracy]);
        Assert.AreEqual(1, Measure(new BinaryScores(BinaryLoss.Logistic()), [0, 1], [-1, 1])[Metric.AreaUnderRocCurve]);
        Assert.AreEqual(0.5, Measure(new BinaryScores(BinaryLoss.Logistic()), [0, 1, 0, 1], [1, 1, 1, 1])[Metric.AreaUnderRocCurve]);
    }

    [TestMethod]
    public void F1_without_a_true_row_that_is_predicted_so_is_the_zero_that_MLNET_gives()
    {
        var rows = new[] { true, false, false }.Select(label => new BinaryRow { Label = label, Score = -1, Probability = 0.27f }).ToArray();
        Assert.AreEqual(0, _mlContext.BinaryClassification.Evaluate(_mlContext.Data.LoadFromEnumerable(rows)).F1Score);
        var scores = new BinaryScores(BinaryLoss.Logistic());
        Assert.AreEqual(0, Measure(scores, [1, 0, 0], [-1, -1, -1])[Metric.F1Score]);
        Assert.AreEqual(0, Measure(scores, [1, 0, 0], [-1, 1, -1])[Metric.F1Score]);
        Assert.AreEqual(0, Measure(scores, [0, 0], [-1, -1])[Metric.F1Score]);
    }

    [TestMethod]
    public void Metrics_that_are_not_defined_are_known_before_they_are_measured()
    {
        ValidationScores[] all = [new BinaryScores(BinaryLoss.Logistic()), new RegressionScores(RegressionLoss.Squared()),
            new MulticlassScores(MulticlassLoss.CrossEntropy())];
        Metric[] known = [Metric.AreaUnderRocCurve, Metric.RSquared];
        foreach (var labels in new[] { new[] { 1f, 1, 1 }, [1, 0, 1] })
            foreach (var scores in all)
            {
                var measured = Measure(scores, labels, Enumerable.Repeat(0.5f, labels.Length * (scores is MulticlassScores ? 2 : 1)));
                CollectionAssert.AreEqual(
                    known.Where(metric => metric is Metric.RSquared == scores is RegressionScores && scores is not MulticlassScores
                        && !measured.ContainsKey(metric)).ToArray(),
                    scores.Undefined(Rows(labels)).ToArray());
            }
    }

    [TestMethod]
    public void Multiclass_metrics_are_MLNETs()
    {
        var random = new Random(3);
        // The fourth class has no row.
        var rows = Enumerable.Range(0, 400).Select(i =>
        {
            var scores = Enumerable.Range(0, 4).Select(_ => (float)Math.Round(random.NextDouble() * 6)).ToArray();
            if (i == 0) scores = [-80, 80, 0, 0];
            var sum = scores.Sum(score => Math.Exp(score));
            return new MulticlassRow
            {
                Label = i == 0 ? 0 : (uint)random.Next(3),
                Raw = scores,
                Score = [.. scores.Select(score => (float)(Math.Exp(score) / sum))],
            };
        }).ToArray();
        var view = _mlContext.Data.LoadFromEnumerable(rows);
        var expected = _mlContext.MulticlassClassification.Evaluate(view, topKPredictionCount: 0);
        var actual = Measure(
            new MulticlassScores(MulticlassLoss.CrossEntropy()), rows.Select(row => (float)row.Label), rows.SelectMany(row => row.Raw));
        Assert.AreEqual(expected.MicroAccuracy, actual[Metric.MicroAccuracy], 1e-12);
        Assert.AreEqual(expected.MacroAccuracy, actual[Metric.MacroAccuracy], 1e-12);
        Assert.AreEqual(expected.LogLoss, actual[Metric.LogLoss], 1e-5);
    }

    [TestMethod]
    public void Poisson_regression_is_measured_by_what_it_predicts()
    {
        var actual = Measure(new RegressionScores(RegressionLoss.Poisson()), [1, 2, 5], [0, 1, 1.5f]);
        double[] errors = [1 - 1, 2 - Math.E, 5 - Math.Exp(1.5)];
        Assert.AreEqual(Math.Sqrt(errors.Average(error => error * error)), actual[Metric.RootMeanSquaredError], 1e-6);
        Assert.AreEqual(errors.Average(Math.Abs), actual[Metric.MeanAbsoluteError], 1e-6);
    }

    [TestMethod]
    public void Weights_count_in_the_loss_alone()
    {
        var builder = new TrainingSetBuilder(1, hasWeights: true);
        builder.Add([0], [], 1, 3);
        builder.Add([0], [], 2, 1);
        var metrics = new RegressionScores(RegressionLoss.Squared()).Measure(builder.Build("validation"), [0f, 0f]);
        Assert.AreEqual((1.5 * 1 + 0.5 * 4) / 2, metrics[Metric.ValidationLoss], 1e-6);
        Assert.AreEqual(Math.Sqrt(2.5), metrics[Metric.RootMeanSquaredError], 1e-6);
    }

    [TestMethod]
    public void Scores_of_many_classes_are_measured_in_parts_with_the_same_result()
    {
        const int Rows = 300, Classes = 5000;
        var random = new Random(5);
        var rows = ValidationScoresTests.Rows(Enumerable.Range(0, Rows).Select(_ => (float)random.Next(Classes)));
        var weights = new LinearWeights(new float[Classes], [.. Enumerable.Range(0, Classes).Select(_ => random.NextSingle())]);
        var (scores, all) = (Array.Empty<float>(), new float[Rows * Classes]);
        weights.Score(rows, all);
        var measured = new MulticlassScores(MulticlassLoss.CrossEntropy());
        var inParts = measured.Measure(rows, weights, ref scores);
        Assert.IsLessThan(all.Length, scores.Length);
        CollectionAssert.AreEqual(measured.Measure(rows, all).ToArray(), inParts.ToArray());
    }

    private static ImmutableSortedDictionary<Metric, double> Measure(
        ValidationScores scores, IEnumerable<float> labels, IEnumerable<float> values) => scores.Measure(Rows(labels), values.ToArray());

    private static TrainingSet Rows(IEnumerable<float> labels)
    {
        var builder = new TrainingSetBuilder(1, hasWeights: false);
        foreach (var label in labels) builder.Add([0], [], label, 1);
        return builder.Build("validation");
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
        [KeyType(4)]
        public uint Label { get; set; }

        [KeyType(4)]
        public uint PredictedLabel { get; set; }

        [VectorType(4)]
        public float[] Score { get; set; } = [];

        [NoColumn]
        public float[] Raw { get; set; } = [];
    }
}
