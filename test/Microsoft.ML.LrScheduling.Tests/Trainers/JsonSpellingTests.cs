using System.Text.Json;
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
            string[] metrics =
            [
                "validationLoss",
                .. TaskCase.RegressionMetrics.Select(metric => JsonNamingPolicy.CamelCase.ConvertName($"{metric}")),
            ];
            CollectionAssert.Contains(metrics, "rSquared");
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

    [TestMethod]
    public void A_serializer_of_the_users_own_spells_a_metric_as_ours()
    {
        var options = new TorchLinearRegressionTrainer.Options { MonitoredMetric = Metric.RootMeanSquaredError };
        StringAssert.Contains(JsonSerializer.Serialize(options), "\"MonitoredMetric\":\"rootMeanSquaredError\"");
        var history = TaskCase.All.Select(task => ((TaskCase)task[0]).Fit(_mlContext, TaskCase.Rows(_mlContext, 40), options =>
            (options.NumberOfEpochs, options.ValidationFraction) = (1, 0.2)).History).First();
        var json = JsonSerializer.Serialize(history);
        StringAssert.Contains(json, "\"validationLoss\":");
        StringAssert.Contains(json, "\"StopReason\":\"completed\"");
        StringAssert.StartsWith($"{history.Epochs[0].ValidationMetrics}", "[ValidationLoss: ");
        var metrics = JsonSerializer.Serialize(new Dictionary<Metric, Metric> { [Metric.RSquared] = Metric.AreaUnderRocCurve });
        Assert.AreEqual("""{"rSquared":"areaUnderRocCurve"}""", metrics);
        Assert.AreEqual(Metric.RSquared, JsonSerializer.Deserialize<Dictionary<Metric, Metric>>(metrics)!.Keys.Single());
    }

    [TestMethod]
    [DataRow("""{ "monitoredMetric": "AUC" }""", "$.monitoredMetric: Metric must be one of trainingLoss, validationLoss, ")]
    [DataRow("""{ "monitoredMetric": 7 }""", "$.monitoredMetric: Metric must be one of trainingLoss, validationLoss, ")]
    [DataRow("""{ "monitoredMetric": "R2" }""", "$.monitoredMetric: Metric must be one of trainingLoss, validationLoss, ")]
    [DataRow("""{ "learningrate": 1 }""", "$ must have members of known names: ")]
    [DataRow("""{ "earlyStopping": { "patiense": 1 } }""",
        "$.earlyStopping must have members of known names: metric, patience, minimumChange, restoreBestWeights. Did you mean patience? "
        + "Received: \"patiense\"")]
    [DataRow("""{ "optimizer": { "type": "Adam", "momentum": 0.9 } }""", "$.optimizer must have members of known names: ")]
    [DataRow("""{ "optimizer": { "type": "A\ud800dam" } }""", "$.optimizer.type: the JSON holds text that is not Unicode.")]
    [DataRow("""{ "labelColumnName": "\ud800" }""", "$.labelColumnName: the JSON holds text that is not Unicode.")]
    [DataRow("""{ "engine": "gpu" }""", "$.engine: TrainingEngine must be one of auto, fused, torch. Received: \"gpu\"")]
    [DataRow("""{ "earlyStopping": { "metric": "AUC" } }""", "$.earlyStopping.metric: Metric must be one of trainingLoss, ")]
    [DataRow("""{ "optimizer": { "type": "sgdd" } }""",
        "$.optimizer.type must be one of Sgd, Adam, AdamW, RmsProp, Adagrad. Did you mean Sgd? Received: \"sgdd\"")]
    [DataRow("""{ "optimizer": { "beta1": 0.9 } }""", "$.optimizer.type must be one of Sgd, Adam, AdamW, RmsProp, Adagrad. Received: none")]
    [DataRow("""{ "optimizer": "Adam" }""",
        "$.optimizer must be an object, such as { \"type\": \"Adam\" }, whose type is one of Sgd, Adam, AdamW, RmsProp, Adagrad. ")]
    [DataRow("""{ "loss": { "type": "Hubert" } }""", "$.loss.type must be one of ")]
    [DataRow("""{ "learningRateSchedule": "Constant" }""",
        "$.learningRateSchedule: column 1: unknown schedule Constant. Did you mean ConstantLR?")]
    [DataRow("""{ "learningRateSchedule": "StepLR" }""", "$.learningRateSchedule: column 1: StepLR needs stepSize")]
    [DataRow("""{ "learningRateSchedule": { "type": "StepLR", "stepSize": 0 } }""",
        "$.learningRateSchedule.stepSize: stepSize must be at least 1. Received: 0")]
    [DataRow("""{ "learningRateSchedule": { "type": "StepLR" } }""", "$.learningRateSchedule: StepLR needs stepSize")]
    [DataRow("""{ "learningRate": 1e999 }""", "$.learningRate must be a finite number. Received: one that is too large")]
    [DataRow("""{ "learningRateSchedule": 3 }""", "$.learningRateSchedule: expected a schedule. Received: 3")]
    [DataRow("""{ "learningRate": "0.1" }""", "$.learningRate must be a number, or null. Received: \"0.1\"")]
    [DataRow("""{ "numberOfEpochs": 5.0 }""", "$.numberOfEpochs must be a whole number of 32 bits, or null. Received: 5.0")]
    [DataRow("""{ "batchSize": 3000000000 }""", "$.batchSize must be a whole number of 32 bits. Received: 3000000000")]
    [DataRow("""{ "batchSize": null }""", "$.batchSize must be a whole number of 32 bits. Received: null")]
    [DataRow("""{ "shuffle": "yes" }""", "$.shuffle must be true or false. Received: \"yes\"")]
    [DataRow("""{ "labelColumnName": 3 }""", "$.labelColumnName must be text. Received: 3")]
    [DataRow("""{ "labelColumnName": null }""", "$.labelColumnName must be text. Received: null")]
    [DataRow("""{ "optimizer": null }""", "$.optimizer must be an object. Received: null")]
    [DataRow("""{ "optimizer": { "type": "Adam", "beta1": true } }""", "$.optimizer.beta1 must be a number. Received: true")]
    [DataRow("""{ "earlyStopping": "x" }""", "$.earlyStopping must be an object, or null. Received: \"x\"")]
    [DataRow("""{ "earlyStopping": { "patience": [1] } }""", "$.earlyStopping.patience must be a whole number of 32 bits. Received: [1]")]
    [DataRow("""{ "engine": null }""", "$.engine must be one of auto, fused, torch. Received: null")]
    [DataRow("""{ "checkpoints": { "keep": 3 } }""", "$.checkpoints.folder must be text. Received: none")]
    [DataRow("""{ "checkpoints": { "folder": "a", "every": 3 } }""",
        "$.checkpoints.every must be a time, such as \"00:10:00\", or null. Received: 3")]
    [DataRow("[1]", "$: options must be an object. Received: [1]")]
    [DataRow("""{ "progress": 3 }""", "$ must have members of known names: ")]
    [DataRow("""{ "cancellationToken": {} }""", "$ must have members of known names: ")]
    public void What_options_cannot_be_is_told_with_its_path_and_what_is_allowed(string json, string message)
    {
        var error = Assert.ThrowsExactly<JsonException>(() => TorchLinearRegressionTrainer.Options.FromJson(json));
        StringAssert.StartsWith(error.Message, message);
    }

    [TestMethod]
    [DataRow("""{ "monitoredMetric": "AUC" }""", "Did you mean areaUnderRocCurve? Received: \"AUC\"")]
    [DataRow("""{ "monitoredMetric": "rmse" }""", "Did you mean rootMeanSquaredError? Received: \"rmse\"")]
    [DataRow("""{ "learningrate": 1 }""", "Did you mean learningRate? Received: \"learningrate\"")]
    public void A_name_like_a_known_one_is_suggested(string json, string message) => StringAssert.Contains(
        Assert.ThrowsExactly<JsonException>(() => TorchLinearRegressionTrainer.Options.FromJson(json)).Message, message);

    [TestMethod]
    public void A_number_that_32_bits_do_not_hold_is_refused() => StringAssert.StartsWith(
        Assert.ThrowsExactly<JsonException>(() => TorchLogisticRegressionTrainer.Options.FromJson("""{ "threshold": 1e300 }""")).Message,
        "$.threshold must be a finite number. Received: one that is too large");

    [TestMethod]
    public void A_schedule_within_JSON_may_be_its_text()
    {
        var options = TorchLinearRegressionTrainer.Options.FromJson("""{ "learningRateSchedule": "StepLR(30, gamma: 0.5)" }""");
        Assert.AreEqual(LrSchedule.StepLR(30, 0.5), options.LearningRateSchedule);
        Assert.AreEqual(LrSchedule.ConstantLR(), JsonSerializer.Deserialize<LrSchedule>("\"ConstantLR\""));
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
