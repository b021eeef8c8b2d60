using System.Collections.Immutable;
using System.Diagnostics;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Tests.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Fuzzing;

/// <summary>
/// Everything that is read from outside, given mutated inputs: each is read, or refused with a documented exception, in bounded time and
/// memory. <c>dotnet run build/fuzz.cs</c> runs many; a test runs some.
/// </summary>
internal sealed class Fuzzer
{
    private static readonly TimeSpan LongestTime = TimeSpan.FromSeconds(2);
    private const long MostMemory = 256L << 20;

    private readonly Target[] _targets =
    [
        new("schedule JSON", Texts(SampleSchedules.All.Select(schedule => schedule.ToJson())), bytes => LrSchedule.FromJson(Text(bytes)),
            typeof(JsonException)),
        new("schedule text", Texts(SampleSchedules.All.Select(schedule => schedule.ToString())), bytes => LrSchedule.Parse(Text(bytes)),
            typeof(FormatException)),
        new("state of a schedule", Texts(States()), GoOn, typeof(JsonException)),
        new("expression",
            Texts(["0.95 ** epoch", "0.5 ** (epoch // 5)", "min(1, (epoch + 1) / 10) * max(0.1, cos(pi * epoch / 100))", "-2 ** -x % 3",
                "epoch < 5 ? pow(epoch / 5, 2) : epoch <= steps / 2 ? clip(initial, 0.1, 1) : round(tanh(epoch)) != 0"]),
            bytes => ScheduleFunction.Parse(Text(bytes)).Invoke(7), typeof(FormatException)),
        new("options JSON", Texts(Options().Select(options => options.ToJson())), ReadOptions, typeof(JsonException)),
        new("history JSON", Texts([History().ToJson()]), bytes => TrainingHistory.FromJson(Text(bytes)), typeof(JsonException)),
        new("history in a model file", [ModelFile()], bytes => TrainingHistory.Load(new MemoryStream(bytes)), typeof(InvalidDataException)),
        new("checkpoint", [Checkpoint()], bytes => CheckpointFile.Read(bytes), typeof(InvalidDataException)),
        new("checkpoint with a right checksum", [Checkpoint()], bytes => CheckpointFile.Read(Resealed(bytes)),
            typeof(InvalidDataException)),
        .. SweepInputs.All.Select(input => new Target(input.Name, input.Seeds, input.Read, input.Documented)),
    ];

    /// <summary>Reads mutated inputs of all kinds in turn.</summary>
    /// <param name="count">How many.</param>
    /// <param name="seed">The same seed gives the same inputs.</param>
    /// <returns>What went wrong, a line each; and for each kind how many inputs were read, and how many refused.</returns>
    public (IReadOnlyList<string> Faults, IReadOnlyList<string> Counts) Run(int count, int seed)
    {
        var faults = new List<string>();
        var counts = _targets.ToDictionary(target => target, _ => (Read: 0, Refused: 0));
        for (var i = 0; i < count; i++)
        {
            var target = _targets[i % _targets.Length];
            var mutator = new Mutator(unchecked(seed * 1_000_003 + i));
            var input = mutator.Mutate(mutator.Choose(target.Seeds), target.Seeds);
            var (refused, fault) = Try(target, input);
            counts[target] = refused
                ? counts[target] with { Refused = counts[target].Refused + 1 }
                : counts[target] with { Read = counts[target].Read + 1 };
            if (fault is not null)
            {
                faults.Add($"{target.Name}, input {i} of seed {seed}: {fault}: "
                    + $"{Convert.ToBase64String(input.AsSpan(0, Math.Min(input.Length, 600)))}");
            }
        }

        return (faults, [.. counts.Select(pair => $"{pair.Key.Name}: {pair.Value.Read} read, {pair.Value.Refused} refused")]);
    }

    private static (bool Refused, string? Fault) Try(Target target, byte[] input)
    {
        var (started, allocated) = (Stopwatch.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
        string? fault = null;
        var refused = false;
        try
        {
            target.Read(input);
        }
        catch (Exception e) when (target.Documented.IsInstanceOfType(e))
        {
            refused = true;
            if (string.IsNullOrWhiteSpace(e.Message)) fault = "a message that says nothing";
        }
        catch (Exception e)
        {
            fault = $"{e.GetType().Name}: {e.Message}";
        }

        var (time, memory) = (Stopwatch.GetElapsedTime(started), GC.GetAllocatedBytesForCurrentThread() - allocated);
        if (time > LongestTime) fault ??= $"{time.TotalSeconds:F1} s";
        if (memory > MostMemory) fault ??= $"{memory >> 20} MB";
        return (refused, fault);
    }

    private static IEnumerable<string> States()
    {
        foreach (var schedule in SampleSchedules.All)
        {
            var scheduler = schedule.ForRun(100, 10).Start(0.1, 0.2);
            for (var step = 0; step < 7; step++) scheduler.Step(step % 3);
            yield return JsonSerializer.Serialize(scheduler.Save());
        }
    }

    /// <summary>What is read is used: each schedule takes the state and goes on, or refuses it.</summary>
    private static void GoOn(byte[] bytes)
    {
        var state = JsonSerializer.Deserialize<LrSchedulerState>(Text(bytes)) ?? throw new JsonException("There is no state.");
        var refusals = 0;
        foreach (var schedule in SampleSchedules.All)
            try
            {
                schedule.ForRun(100, 10).Resume(state with { ScheduleText = null }).Step(0.5);
            }
            catch (ArgumentException)
            {
                refusals++;
            }

        if (refusals == SampleSchedules.All.Length) throw new JsonException("No schedule goes on from the state.");
    }

    private static void ReadOptions(byte[] bytes)
    {
        // Each kind reads what another wrote, or refuses it as it does anything else.
        var text = Text(bytes);
        var refusals = 0;
        JsonException? last = null;
        Action[] readers =
        [
            () => TorchLinearRegressionTrainer.Options.FromJson(text),
            () => TorchLogisticRegressionTrainer.Options.FromJson(text),
            () => TorchMaximumEntropyTrainer.Options.FromJson(text),
        ];
        foreach (var read in readers)
            try
            {
                read();
            }
            catch (JsonException e)
            {
                (refusals, last) = (refusals + 1, e);
            }

        if (refusals == 3) throw last!;
    }

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
    };

    private static byte[] ModelFile()
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (name, text) in new[] { ("TransformerChain/Model.key", "model"),
                ($"TransformerChain/Transform_000/{TrainingHistory.EntryName}", History().ToJson()) })
            {
                using var writer = new StreamWriter(zip.CreateEntry(name).Open());
                writer.Write(text);
            }

        return stream.ToArray();
    }

    private static byte[] Checkpoint()
    {
        var scheduler = LrSchedule.ReduceLROnPlateau().WithWarmup(3).Start(0.1, 0.2);
        var identity = new TrainingIdentity(ImmutableSortedDictionary<string, string>.Empty.Add("learningRate", "0.1"), "5 rows", "ABC");
        return CheckpointFile.Write(new TrainingState(
            identity, 1, 2, null, [scheduler.Save()], History().Epochs, [0.1, 0.2], [1, 2, 3], [4], [.. new byte[100]]));
    }

    private static byte[] Resealed(byte[] bytes)
    {
        if (bytes.Length < 52) return bytes;
        var copy = (byte[])bytes.Clone();
        BitConverter.TryWriteBytes(copy.AsSpan(12), (long)copy.Length - 52);
        SHA256.HashData(copy.AsSpan(0, copy.Length - 32)).CopyTo(copy.AsSpan(copy.Length - 32));
        return copy;
    }

    private static byte[][] Texts(IEnumerable<string> texts) => [.. texts.Select(Encoding.UTF8.GetBytes)];

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    private sealed record Target(string Name, IReadOnlyList<byte[]> Seeds, Action<byte[]> Read, Type Documented)
    {
        public Target(string name, IReadOnlyList<byte[]> seeds, Func<byte[], object> read, Type documented)
            : this(name, seeds, bytes => { _ = read(bytes); }, documented)
        {
        }
    }
}
