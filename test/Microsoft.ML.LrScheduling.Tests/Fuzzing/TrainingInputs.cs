using System.Collections.Immutable;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Reports;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Tests.Trainers;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Fuzzing;

/// <summary>
/// Options, histories and checkpoints. Of options that are read trainers are made; histories are reported, compared and written again;
/// checkpoints are gone on from.
/// </summary>
internal static class TrainingInputs
{
    private const int ManyNumbers = 100_000;
    private const int HeaderLength = 20;

    private static readonly MLContext MLContext = new(seed: 1);
    private static readonly Lazy<IDataView> Rows = new(() => TaskCase.Rows(MLContext, 24));
    private static readonly Lazy<InterruptedTraining> Interrupted = new(() => new InterruptedTraining(MLContext, Rows.Value));

    public static IEnumerable<FuzzReader> All =>
    [
        new("options JSON", () => FuzzText.Bytes(Options().Select(options => options.ToJson())),
            (bytes, _) => ReadOptions(FuzzText.Of(bytes)), typeof(JsonException))
        {
            Large =
            [
                ("a schedule of 1,000,000 functions", () => FuzzText.List(
                    "{\"learningRateSchedule\":{\"type\":\"LambdaLR\",\"lrLambda\":[", "\"x\"", 1_000_000, "]}}")),
                ("1,000,000 members", () => FuzzText.List("{", "\"a\":1", 1_000_000, "}")),
                ("a name of 2,000,000 characters", () => FuzzText.Repeat("{\"labelColumnName\":\"", "x", 2_000_000, "\"}")),
                ("an unknown name of 4,000,000 characters", () => FuzzText.Repeat("{\"", "x", 4_000_000, "\":1}")),
            ],
        },
        new("options of a configuration", () => FuzzText.Bytes(Options().Select(options => options.ToJson())),
            (bytes, _) => ReadConfiguration(bytes), typeof(JsonException)),
        new("history JSON", () => [FuzzText.Bytes(History().ToJson())],
            (bytes, folder) => UseOf(TrainingHistory.FromJson(FuzzText.Of(bytes)), folder), typeof(JsonException))
        {
            IsSlow = true,
            Large = [("20 MB of blanks", () => FuzzText.Repeat("{", " ", 20_000_000, "}"))],
        },
        new("history in a model file", () => [ModelFile(History().ToJson()), SavedModel()],
            (bytes, folder) => UseOf(TrainingHistory.Load(new MemoryStream(bytes)), folder), typeof(InvalidDataException))
        {
            IsSlow = true,
            Large =
            [
                ("50 MB of text", () => Inflating("{\"trainer\":\"", "x", 50_000_000, "\"}")),
                ("255 MB of text", () => Inflating("{\"trainer\":\"", "x", 255_000_000, "\"}")),
                ("255 MB of blanks", () => Inflating("", " ", 255_000_000, "")),
                ("255 MB of options", () => Inflating("{\"options\":{\"a\":\"", "x", 255_000_000, "\"}}")),
                ("10,000,000 epochs that are none", () => Inflating("{\"epochs\":[", "{},", 10_000_000, "{}]}")),
                ("1,000,000 epochs", () => ModelFile(LongHistory(1_000_000).ToJson())),
                ("1,000,000 epochs as they are", () => Inflating(
                    History().ToJson().Split("\"epochs\":[")[0] + "\"epochs\":[", "{\"epoch\":1},", 1_000_000, "]}")),
                ("4,000,000 rates of minibatches", () => ModelFile(LongHistory(40, batchRates: 100_000).ToJson())),
            ],
        },
        new("history in a model file, right checksums", () => [FuzzText.Bytes(History().ToJson())],
            (bytes, folder) => UseOf(TrainingHistory.Load(new MemoryStream(ModelFile(FuzzText.Of(bytes)))), folder),
            typeof(InvalidDataException)) { IsSlow = true },
        new("checkpoint", () => [Interrupted.Value.Newest], (bytes, folder) => Interrupted.Value.GoOn(bytes, folder),
            typeof(InvalidDataException))
        {
            IsSlow = true,
            Large = [("1 GB claimed", () => Claiming(Interrupted.Value.Newest, position: 12, [0, 0, 0, 64, 0, 0, 0, 0], isSealed: false))],
        },
        new("checkpoint, right checksum", () => [Interrupted.Value.Newest],
            (bytes, folder) => Interrupted.Value.GoOn(Sealed(bytes), folder), typeof(InvalidDataException))
        {
            IsSlow = true,
            Large =
            [
                ("a text of 2 GB claimed", () => Claiming(
                    Interrupted.Value.Newest, HeaderLength, [0xFF, 0xFF, 0xFF, 0xFF, 0x07], isSealed: true)),
                ("64 MB behind it", () => Sealed([.. Interrupted.Value.Newest, .. new byte[64 << 20]])),
            ],
        },
    ];

    /// <summary>A checkpoint whose length and checksum are those of its bytes.</summary>
    public static byte[] Sealed(byte[] bytes)
    {
        if (bytes.Length < HeaderLength + SHA256.HashSizeInBytes) return bytes;
        var copy = (byte[])bytes.Clone();
        BitConverter.TryWriteBytes(copy.AsSpan(12), (long)copy.Length - HeaderLength - SHA256.HashSizeInBytes);
        SHA256.HashData(copy.AsSpan(0, copy.Length - SHA256.HashSizeInBytes), copy.AsSpan(copy.Length - SHA256.HashSizeInBytes));
        return copy;
    }

    private static byte[] Claiming(byte[] good, int position, byte[] claim, bool isSealed)
    {
        var copy = (byte[])good.Clone();
        claim.CopyTo(copy, position);
        return isSealed ? Sealed(copy) : copy;
    }

    /// <summary>Each kind reads what another wrote, or refuses it as it does anything else.</summary>
    private static Action ReadOptions(string text) => Used(
        () => TorchLinearRegressionTrainer.Options.FromJson(text),
        () => TorchLogisticRegressionTrainer.Options.FromJson(text),
        () => TorchMaximumEntropyTrainer.Options.FromJson(text));

    private static Action ReadConfiguration(byte[] bytes)
    {
        IConfiguration section;
        try
        {
            section = new ConfigurationBuilder().AddJsonStream(new MemoryStream(bytes)).Build();
        }
        catch (Exception e) when (e is FormatException or InvalidDataException or JsonException or InvalidOperationException)
        {
            // It is no configuration: that is not ours to tell.
            throw new JsonException(e.Message, e);
        }

        return Used(
            () => TorchLinearRegressionTrainer.Options.FromConfiguration(section),
            () => TorchLogisticRegressionTrainer.Options.FromConfiguration(section),
            () => TorchMaximumEntropyTrainer.Options.FromConfiguration(section));
    }

    private static Action Used(params Func<LinearTrainerOptions>[] readers)
    {
        var (read, last) = (new List<LinearTrainerOptions>(), (JsonException?)null);
        foreach (var reader in readers)
            try
            {
                read.Add(reader());
            }
            catch (JsonException e)
            {
                last = e;
            }

        return read.Count == 0 ? throw last! : () => read.ForEach(Use);
    }

    private static void Use(LinearTrainerOptions options)
    {
        _ = options.ToString();
        var json = options.ToJson();
        object trainer;
        try
        {
            (var again, trainer) = options switch
            {
                TorchLinearRegressionTrainer.Options own => ((LinearTrainerOptions)TorchLinearRegressionTrainer.Options.FromJson(json),
                    (object)MLContext.Regression.Trainers.TorchLinearRegression(own)),
                TorchLogisticRegressionTrainer.Options own => (TorchLogisticRegressionTrainer.Options.FromJson(json),
                    MLContext.BinaryClassification.Trainers.TorchLogisticRegression(own)),
                TorchMaximumEntropyTrainer.Options own => (TorchMaximumEntropyTrainer.Options.FromJson(json),
                    MLContext.MulticlassClassification.Trainers.TorchMaximumEntropy(own)),
                var other => throw new NotSupportedException($"{other}"),
            };
            Assert.AreEqual(json, again.ToJson());
        }
        // An option is outside its range, or a schedule cannot be started.
        catch (Exception e) when (e is ArgumentException or ScheduleException)
        {
            return;
        }

        _ = trainer.ToString();
    }

    private static Action UseOf(TrainingHistory history, string folder) => () =>
    {
        _ = history.ToString();
        history.SaveReport(Path.Combine(folder, "report.html"));
        // As one text, and as two reports, they would be longer than what is promised of a reader.
        if (history.Epochs.Sum(epoch => 5L + epoch.BatchLearningRates.Count) > ManyNumbers) return;
        TrainingReport.Compare(("read", history), ("known", History() with { Trainer = history.Trainer }))
            .Save(Path.Combine(folder, "comparison.html"));
        Assert.AreEqual(history, TrainingHistory.FromJson(history.ToJson()));
    };

    private static LinearTrainerOptions[] Options() =>
    [
        new TorchLinearRegressionTrainer.Options
        {
            Loss = RegressionLoss.Huber(2), Optimizer = Optimizer.Adam(amsGrad: true),
            LearningRateSchedule = LrSchedule.OneCycleLR([0.1, 0.2]),
        },
        new TorchLogisticRegressionTrainer.Options
        {
            Loss = BinaryLoss.Hinge(), Optimizer = Optimizer.RmsProp(momentum: 0.5), EarlyStopping = new EarlyStopping { Patience = 3 },
            GradientClipping = new GradientClipping { MaximumNorm = 1 },
            Checkpoints = new Checkpoints { Folder = "checkpoints", Every = TimeSpan.FromMinutes(1) },
        },
        new TorchMaximumEntropyTrainer.Options
        {
            Loss = MulticlassLoss.CrossEntropy(0.1), BiasLearningRateSchedule = LrSchedule.StepLR(3), ExampleWeightColumnName = "Weight",
        },
    ];

    private static TrainingHistory History() => new()
    {
        Epochs =
        [
            .. Enumerable.Range(1, 3).Select(epoch => new EpochRecord
            {
                Epoch = epoch,
                LearningRates = [0.1, 0.2],
                BatchLearningRates = [0.1, 0.2, 0.05, 0.1],
                TrainingLoss = 1.0 / epoch,
                ValidationMetrics = ImmutableSortedDictionary<Metric, double>.Empty.Add(Metric.ValidationLoss, 0.5)
                    .Add(Metric.LogLoss, 0.25),
                Duration = TimeSpan.FromMilliseconds(3),
            }),
        ],
        StopReason = StopReason.EarlyStopped,
        BestEpoch = 2,
        Trainer = "TorchLogisticRegressionTrainer",
        Options = Options()[1].ToJson(),
        ScheduleText = LrSchedule.CosineAnnealingLR(20).WithWarmup(2).ToString(),
        Schedule = LrSchedule.CosineAnnealingLR(20).WithWarmup(2),
    };

    private static TrainingHistory LongHistory(int epochs, int batchRates = 0) => new()
    {
        Epochs =
        [
            .. Enumerable.Range(1, epochs).Select(epoch => new EpochRecord
            {
                Epoch = epoch,
                LearningRates = [1.0 / epoch],
                BatchLearningRates = [.. Enumerable.Repeat(0.5, batchRates)],
                TrainingLoss = Math.Exp(-1e-5 * epoch),
                ValidationMetrics = ImmutableSortedDictionary<Metric, double>.Empty.Add(Metric.ValidationLoss, 1.5 / epoch),
                Duration = TimeSpan.FromTicks(12_345 + epoch),
            }),
        ],
        StopReason = StopReason.Completed,
        Trainer = "TorchLinearRegressionTrainer",
    };

    private static byte[] SavedModel()
    {
        using var stream = new MemoryStream();
        var model = MLContext.Regression.Trainers.TorchLinearRegression(new TorchLinearRegressionTrainer.Options
        {
            LabelColumnName = "Number",
            NumberOfEpochs = 2,
            Seed = 1,
        }).Fit(Rows.Value);
        MLContext.Model.Save(model, Rows.Value.Schema, stream);
        return stream.ToArray();
    }

    private static byte[] ModelFile(string history) => Zip(stream =>
    {
        using var writer = new StreamWriter(stream);
        writer.Write(history);
    });

    /// <summary>A model file in which few bytes stand for many.</summary>
    private static byte[] Inflating(string start, string repeated, int count, string end) => Zip(stream =>
    {
        const int Together = 10_000;
        stream.Write(FuzzText.Bytes(start));
        var many = FuzzText.Repeat("", repeated, Together, "");
        for (var i = 0; i < count / Together; i++) stream.Write(many);
        stream.Write(FuzzText.Bytes(end));
    });

    private static byte[] Zip(Action<Stream> writeHistory)
    {
        using var file = new MemoryStream();
        using (var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            using (var model = new StreamWriter(zip.CreateEntry("TransformerChain/Model.key").Open())) model.Write("model");
            using var history = zip.CreateEntry($"TransformerChain/Transform_000/{TrainingHistory.EntryName}").Open();
            writeHistory(history);
        }

        return file.ToArray();
    }
}
