using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;
using TorchSharp;

namespace Microsoft.ML.LrScheduling.Tests.Trainers;

/// <summary>The choice of an engine and of a device.</summary>
[TestClass]
public sealed class EngineOptionTests
{
    [TestMethod]
    public void Both_engines_give_the_same_model()
    {
        var losses = new Dictionary<TrainingEngine, double[]>();
        foreach (var engine in Enum.GetValues<TrainingEngine>())
            losses[engine] =
                [.. Fit(new() { Engine = engine }).History.Epochs.Select(epoch => epoch.ValidationMetrics[Metric.ValidationLoss])];
        CollectionAssert.AreEqual(losses[TrainingEngine.Fused], losses[TrainingEngine.Auto], "Auto is the fused engine on the CPU");
        CollectionAssert.AreNotEqual(losses[TrainingEngine.Fused], losses[TrainingEngine.Torch], "two engines round differently");
        for (var epoch = 0; epoch < losses[TrainingEngine.Torch].Length; epoch++)
            Assert.AreEqual(
                losses[TrainingEngine.Torch][epoch], losses[TrainingEngine.Fused][epoch], 1e-5 * losses[TrainingEngine.Torch][epoch]);
    }

    [TestMethod]
    [DataRow("gpu")]
    [DataRow("cuda:")]
    [DataRow("cuda:-1")]
    [DataRow("CUDA")]
    [DataRow("")]
    public void Another_device_is_refused(string device) => StringAssert.StartsWith(
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Fit(new() { Device = device })).Message,
        $"Device must be \"cpu\", \"cuda\" or \"cuda:N\". Received: {device}");

    [TestMethod]
    public void The_fused_engine_is_refused_on_a_GPU() => StringAssert.StartsWith(
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Fit(new() { Device = "cuda:1", Engine = TrainingEngine.Fused })).Message,
        "Engine must be Auto or Torch on the device cuda:1. Received: Fused");

    [TestMethod]
    public void A_GPU_that_is_not_there_is_refused_before_anything_is_read()
    {
        if (torch.cuda.is_available()) Assert.Inconclusive("There is a GPU.");
        foreach (var engine in new[] { TrainingEngine.Auto, TrainingEngine.Torch })
            StringAssert.StartsWith(
                Assert.ThrowsExactly<InvalidOperationException>(
                    () => Fit(new() { Device = "cuda", Engine = engine, InvalidRows = InvalidRowPolicy.Refuse }, float.NaN)).Message,
                "Device must be one that this machine has. Received: cuda");
    }

    [TestMethod]
    public void Another_engine_does_not_go_on_from_a_checkpoint()
    {
        var folder = Directory.CreateTempSubdirectory("lrscheduling-engine-");
        try
        {
            TorchLinearRegressionTrainer.Options With(TrainingEngine engine) => new()
            {
                Engine = engine,
                Checkpoints = new Checkpoints { Folder = folder.FullName },
            };
            Fit(With(TrainingEngine.Fused));
            // Auto is the same engine.
            Fit(With(TrainingEngine.Auto));
            StringAssert.Contains(Assert.Throws<Exception>(() => Fit(With(TrainingEngine.Torch))).Message, "engine was Fused and is Torch");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [TestMethod]
    public void They_are_part_of_the_options_as_JSON()
    {
        var options = new TorchLinearRegressionTrainer.Options { Engine = TrainingEngine.Torch, Device = "cuda:2" };
        var read = TorchLinearRegressionTrainer.Options.FromJson(options.ToJson());
        Assert.AreEqual((TrainingEngine.Torch, "cuda:2"), (read.Engine, read.Device));
    }

    private static TorchLinearRegressionTransformer Fit(TorchLinearRegressionTrainer.Options options, float firstLabel = 1)
    {
        var mlContext = new MLContext(seed: 1);
        var random = new Random(2);
        var rows = Enumerable.Range(0, 300).Select(row =>
        {
            float[] x = [.. Enumerable.Range(0, 3).Select(_ => (float)random.NextDouble() - 0.5f)];
            return new Row { Features = x, Label = row == 0 ? firstLabel : x[0] - 2 * x[1] + 1 };
        }).ToArray();
        (options.NumberOfEpochs, options.Seed, options.ValidationFraction) = (5, 3, 0.2);
        return mlContext.Regression.Trainers.TorchLinearRegression(options.Plain()).Fit(mlContext.Data.LoadFromEnumerable(rows));
    }

    private sealed class Row
    {
        public float Label { get; set; }

        [VectorType(3)]
        public float[] Features { get; set; } = [];
    }
}
