using System.Text.Json.Nodes;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Trainers;

/// <summary>Whatever is written as JSON calls a metric, or a member of another enum, the same.</summary>
[TestClass]
public sealed class JsonSpellingTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void Options_schedules_histories_and_journals_spell_a_metric_alike()
    {
        var path = Path.Combine(Path.GetTempPath(), $"lrscheduling-{Guid.NewGuid():N}.jsonl");
        try
        {
            var study = Sweep(path);
            JsonNode[] lines = [.. File.ReadLines(path).Select(line => JsonNode.Parse(line)!)];
            var (header, trial) = (lines[0], lines[1]);
            Assert.AreEqual("rootMeanSquaredError", $"{header["metric"]}");
            Assert.AreEqual("rootMeanSquaredError", $"{trial["options"]!["monitoredMetric"]}");
            Assert.AreEqual("rootMeanSquaredError", $"{trial["options"]!["learningRateSchedule"]!["metric"]}");
            Assert.AreEqual("rootMeanSquaredError", $"{trial["options"]!["earlyStopping"]!["metric"]}");
            Assert.AreEqual("fused", $"{trial["options"]!["engine"]}");
            Assert.AreEqual("completed", $"{trial["stopReason"]}");
            var history = JsonNode.Parse(study.Trials[0].History.ToJson())!;
            Assert.AreEqual("completed", $"{history["stopReason"]}");
            Assert.AreEqual("rootMeanSquaredError", $"{history["options"]!["monitoredMetric"]}");
            string[] metrics = ["validationLoss", "rootMeanSquaredError", "meanAbsoluteError", "rSquared"];
            CollectionAssert.AreEquivalent(
                metrics, history["epochs"]![0]!["validationMetrics"]!.AsObject().Select(metric => metric.Key).ToArray());
            foreach (var metric in metrics) Assert.HasCount(2, trial["history"]![metric]!.AsArray(), metric);
            Assert.AreEqual(study.Trials[0].Score, Sweep(path).Trials[0].Score);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    public void Other_spellings_are_read_too()
    {
        var options = TorchLinearRegressionTrainer.Options.FromJson("""{ "monitoredMetric": "RSquared", "engine": "TORCH" }""");
        Assert.AreEqual((Metric.RSquared, TrainingEngine.Torch), (options.MonitoredMetric, options.Engine));
        var history = TrainingHistory.FromJson("""
            {"version":1,"trainer":"","options":null,"schedule":null,"stopReason":"EarlyStopped","bestEpoch":1,"epochs":[{"epoch":1,
            "learningRates":[0.1],"batchLearningRates":[],"trainingLoss":1,"validationMetrics":{"RSquared":0.5},"duration":"00:00:01"}]}
            """);
        Assert.AreEqual((StopReason.EarlyStopped, 0.5), (history.StopReason, history.Epochs[0][Metric.RSquared]));
    }

    private Study<TorchLinearRegressionTrainer.Options> Sweep(string journal) => _mlContext.Regression.Trainers.Sweep(
        SweepSpace.Trials([new TorchLinearRegressionTrainer.Options
        {
            LabelColumnName = "Number",
            NumberOfEpochs = 2,
            ValidationFraction = 0.2,
            Engine = TrainingEngine.Fused,
            MonitoredMetric = Metric.RootMeanSquaredError,
            EarlyStopping = new EarlyStopping { Metric = Metric.RootMeanSquaredError, Patience = 9 },
            LearningRateSchedule = LrSchedule.ReduceLROnPlateau(metric: Metric.RootMeanSquaredError),
        }]),
        TaskCase.Rows(_mlContext, 50), new SweepOptions { Journal = journal, Metric = Metric.RootMeanSquaredError });
}
