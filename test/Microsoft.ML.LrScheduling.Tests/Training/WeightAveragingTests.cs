using System.Text.Json;
using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Training;

/// <summary>Averages of weights against PyTorch's AveragedModel where it is installed, and against the definition.</summary>
[TestClass]
public sealed class WeightAveragingTests
{
    private const int Epochs = 9;
    private const int BatchSize = 7;
    private const double Rate = 0.05;

    private static readonly WeightAveraging[] Kinds =
        [new(), new() { StartEpoch = 5 }, new() { Decay = 0.8 }, new() { StartEpoch = 3, Decay = 0.5 }];

    private readonly MLContext _mlContext = new(seed: 1);
    private readonly Row[] _rows = MakeRows();

    [TestMethod]
    public void The_weights_are_those_of_PyTorchs_averaged_model()
    {
        var (lines, version) = Python.Run("torch_averaging.py", Kinds.Select(kind => JsonSerializer.Serialize(new
        {
            features = _rows.Select(row => row.Features),
            labels = _rows.Select(row => row.Label),
            batch = BatchSize,
            rate = Rate,
            epochs = Epochs,
            start = kind.StartEpoch,
            decay = kind.Decay,
        })));
        if (lines is null) Assert.Inconclusive($"PyTorch is not there to compare with: {version}.");
        foreach (var (kind, line) in Kinds.Zip(lines))
        {
            var theirs = JsonSerializer.Deserialize<float[]>(line)!;
            foreach (var engine in new[] { TrainingEngine.Fused, TrainingEngine.Torch })
                AssertNear(theirs, Weights(Fit(options => (options.Averaging, options.Engine) = (kind, engine))), $"{kind}, {engine}");
        }
    }

    [TestMethod]
    public void Validation_and_early_stopping_see_the_average()
    {
        var transformer = Fit(options =>
        {
            options.Averaging = new() { StartEpoch = 2 };
            options.ValidationFraction = 0.3;
        });
        // What the average predicts, measured again: the last epoch's metric is that of the model that comes out.
        var held = Fit(options => (options.Averaging, options.ValidationFraction) = (new() { StartEpoch = 2 }, 0.3));
        Assert.AreEqual(transformer.History!.Epochs[^1][Metric.ValidationLoss], held.History!.Epochs[^1][Metric.ValidationLoss]);
        var plain = Fit(options => options.ValidationFraction = 0.3);
        Assert.AreEqual(plain.History!.Epochs[1][Metric.ValidationLoss], transformer.History.Epochs[1][Metric.ValidationLoss]);
        Assert.AreNotEqual(plain.History.Epochs[^1][Metric.ValidationLoss], transformer.History.Epochs[^1][Metric.ValidationLoss]);
        // Training goes on from the weights as they are.
        CollectionAssert.AreEqual(
            plain.History.Epochs.Select(epoch => epoch.TrainingLoss).ToArray(),
            transformer.History.Epochs.Select(epoch => epoch.TrainingLoss).ToArray());
    }

    [TestMethod]
    public void Checkpoints_go_on_bit_for_bit_and_sweeps_average_too()
    {
        foreach (var kind in Kinds)
        {
            var whole = Weights(Fit(options => options.Averaging = kind));
            var folder = Directory.CreateTempSubdirectory("lrscheduling-");
            try
            {
                foreach (var epochs in new[] { 7, Epochs })
                {
                    var transformer = Fit(options =>
                    {
                        (options.Averaging, options.NumberOfEpochs) = (kind, epochs);
                        options.Checkpoints = new Checkpoints { Folder = folder.FullName };
                    });
                    if (epochs == Epochs) CollectionAssert.AreEqual(whole, Weights(transformer), $"{kind}");
                }
            }
            finally
            {
                folder.Delete(recursive: true);
            }

            var study = _mlContext.Regression.Trainers.Sweep(
                SweepSpace.Trials([Options(options => options.Averaging = kind), Options(options => options.LearningRate = 0.01)]), Data());
            AssertNear(whole, Weights(study.Trials[0].Weights!), $"{kind} in a sweep");
        }
    }

    [TestMethod]
    public void An_average_that_would_never_begin_is_refused()
    {
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(
                () => Fit(options => options.Averaging = new() { StartEpoch = Epochs })).Message,
            "Averaging.StartEpoch must be in [0, 9), less than NumberOfEpochs. Received: 9");
        // The epochs follow from the rows: 60 rows of 7 have at most 1,000.
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Fit(options =>
            {
                options.NumberOfEpochs = null;
                options.Averaging = new() { StartEpoch = 5000 };
            })).Message,
            "Averaging.StartEpoch must be in [0, 1000), less than the epochs of the run. Received: 5000");
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new WeightAveraging { Decay = 1 });
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new WeightAveraging { StartEpoch = -1 });
    }

    private static void AssertNear(float[] expected, float[] actual, string what)
    {
        for (var i = 0; i < expected.Length; i++)
            Assert.AreEqual(expected[i], actual[i], 1e-6 * Math.Max(1, Math.Abs(expected[i])), what);
    }

    private static float[] Weights(TorchLinearRegressionTransformer transformer) =>
        [.. transformer.Model.Weights, transformer.Model.Bias];

    private static float[] Weights(Microsoft.ML.LrScheduling.Engines.LinearWeights weights) => [.. weights.Weights, .. weights.Biases];

    private TorchLinearRegressionTransformer Fit(Action<TorchLinearRegressionTrainer.Options> configure) =>
        _mlContext.Regression.Trainers.TorchLinearRegression(Options(configure)).Fit(Data());

    private IDataView Data() => _mlContext.Data.LoadFromEnumerable(_rows);

    private static TorchLinearRegressionTrainer.Options Options(Action<TorchLinearRegressionTrainer.Options> configure)
    {
        var options = new TorchLinearRegressionTrainer.Options
        {
            Standardize = false,
            LearningRate = Rate,
            LearningRateSchedule = LrSchedule.ConstantLR(factor: 1),
            NumberOfEpochs = Epochs,
            BatchSize = BatchSize,
            Shuffle = false,
            Seed = 1,
        };
        configure(options);
        return options;
    }

    private static Row[] MakeRows()
    {
        var random = new Random(5);
        return [.. Enumerable.Range(0, 60).Select(_ =>
        {
            float[] features = [random.NextSingle() - 0.5f, random.NextSingle(), random.NextSingle() * 2 - 1];
            return new Row { Features = features, Label = features[0] - 2 * features[1] + 0.5f * features[2] + random.NextSingle() };
        })];
    }

    private sealed class Row
    {
        [VectorType(3)]
        public float[] Features { get; set; } = [];

        public float Label { get; set; }
    }
}
