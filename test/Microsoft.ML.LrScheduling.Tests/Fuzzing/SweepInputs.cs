using System.Text.Json;
using Microsoft.ML.LrScheduling.Reports;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Sweeps.Journals;
using Microsoft.ML.LrScheduling.Tests.Trainers;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Tests.Fuzzing;

/// <summary>What sweeps read from outside. What is read is used: drawn from, reported, gone on from.</summary>
internal static class SweepInputs
{
    private const string Space = """
        {
          "labelColumnName": "Number", "numberOfEpochs": 3, "seed": 1, "validationFraction": 0.25,
          "learningRate": { "$logRange": [1e-3, 0.1] }, "batchSize": { "$choice": [8, 16] }, "shuffle": { "$choice": [true, false] },
          "l2Regularization": { "$range": [0, 0.1] }, "gradientClipping": { "maximumNorm": { "$integers": [1, 9] } },
          "learningRateSchedule": { "$choice": [
            null, { "type": "StepLR", "stepSize": { "$logIntegers": [1, 3] } }, { "type": "ExponentialLR", "gamma": 0.9 }
          ] }
        }
        """;

    private const int StateHeader = 12;

    private static readonly MLContext MLContext = new(seed: 1);
    private static readonly Lazy<IDataView> Rows = new(() => TaskCase.Rows(MLContext, 16));
    private static readonly Lazy<(byte[] Journal, byte[] State)> Files = new(SweptFiles);

    public static IEnumerable<FuzzReader> All =>
    [
        new("sweep space", () => [FuzzText.Bytes(Space)], (bytes, _) => Draw(bytes), typeof(JsonException))
        {
            Large =
            [
                ("1,000,000 choices", () => FuzzText.List("{\"batchSize\":{\"$choice\":[", "8", 1_000_000, "]}}")),
                ("1,000,000 choices of 12 characters", () => FuzzText.List(
                    "{\"labelColumnName\":{\"$choice\":[", "\"abcdefghijkl\"", 1_000_000, "]}}")),
                ("1,000,000 members", () => FuzzText.List("{", "\"a\":1", 1_000_000, "}")),
            ],
        },
        new("journal", () => [Files.Value.Journal], GoOn, typeof(InvalidDataException))
        {
            IsSlow = true,
            Large =
            [
                ("a line of 40 MB", () => [.. Files.Value.Journal, .. FuzzText.Repeat("{\"event\":\"", "x", 40_000_000, "\"}\n")]),
                ("1,000,000 empty lines", () => [.. Files.Value.Journal, .. FuzzText.Repeat("", "\n", 1_000_000, "")]),
            ],
        },
        new("journal, right checksums", () => [Files.Value.Journal], (bytes, folder) => GoOn(Sealed(bytes), folder),
            typeof(InvalidDataException)) { IsSlow = true },
        new("state of a sweep", () => [Files.Value.State], (bytes, folder) => GoOnFromState(bytes, folder, isWhole: true),
            typeof(InvalidDataException))
        {
            IsSlow = true,
            Large = [("1 GB claimed", () => [.. Files.Value.State[..StateHeader], 0, 0, 0, 0, 0, 0, 0, 64])],
        },
        new("state of a sweep, right checksum", () => [Files.Value.State[(StateHeader + 8)..FirstEnd(Files.Value.State)]],
            (bytes, folder) => GoOnFromState(StateOf(TrainingInputs.Sealed(bytes)), folder, isWhole: false), typeof(InvalidDataException))
        { IsSlow = true },
    ];

    private static Action Draw(byte[] bytes)
    {
        var space = SweepSpace.FromJson<TorchLinearRegressionTrainer.Options>(FuzzText.Of(bytes));
        return () =>
        {
            foreach (var strategy in new[] { SweepStrategy.Random(5), SweepStrategy.Grid(2) })
                foreach (var trial in strategy.Lots(space, seed: 1).Single().Trials.Take(5))
                    if (trial.Checked(seed: 1) is { Failure: null } drawn)
                    {
                        _ = drawn.ToString();
                        _ = MLContext.Regression.Trainers.TorchLinearRegression(drawn.Options!).ToString();
                    }
        };
    }

    private static Action GoOn(byte[] bytes, string folder)
    {
        var path = Path.Combine(folder, "study.jsonl");
        File.WriteAllBytes(path, bytes);
        var loaded = Study.Load(path);
        return () =>
        {
            loaded.SaveReport(path + ".html");
            _ = loaded.Leaderboard.Select(trial => trial.ToString()).ToArray();
            try
            {
                _ = Sweep(path).Leaderboard;
            }
            catch (InvalidOperationException e) when (e.Message.Contains("belongs to another sweep", StringComparison.Ordinal))
            {
                // A last line that had been cut is taken out.
                Assert.IsTrue(bytes.AsSpan().StartsWith(File.ReadAllBytes(path)), "it was changed");
                return;
            }

            Assert.AreEqual(2, Study.Load(path).Trials.Count(trial => trial.Number < 2), "what the sweep added is not read");
        };
    }

    private static Action GoOnFromState(byte[] bytes, string folder, bool isWhole)
    {
        var path = Path.Combine(folder, "study.jsonl");
        File.WriteAllBytes(path + ".state", bytes);
        var refusals = new List<string>();
        _ = new SweepState(path, refusals.Add).Load();
        var study = Sweep(path);
        // What it says may end a trial that goes on from it; what cannot be used does not.
        if (isWhole || refusals.Count > 0) Assert.AreEqual(2, study.Trials.Count(trial => trial.Score is not null));
        return refusals.Count == 0 ? () => Assert.HasCount(2, study.Trials) : throw new InvalidDataException(refusals[0]);
    }

    private static Study<TorchLinearRegressionTrainer.Options> Sweep(string journal, Action<SweepProgress>? progress = null) =>
        MLContext.Regression.Trainers.Sweep(
            SweepSpace.FromJson<TorchLinearRegressionTrainer.Options>(Space), Rows.Value,
            new SweepOptions
            {
                Strategy = SweepStrategy.Random(2),
                Journal = journal,
                Progress = progress is null ? null : new Told(progress),
            });

    /// <summary>The journal of a sweep, and where its trials stood after an epoch.</summary>
    private static (byte[] Journal, byte[] State) SweptFiles()
    {
        var folder = Directory.CreateTempSubdirectory("lrscheduling-fuzz-");
        try
        {
            var (path, state) = (Path.Combine(folder.FullName, "study.jsonl"), Array.Empty<byte>());
            Sweep(path, _ => state = state.Length == 0 ? File.ReadAllBytes(path + ".state") : state);
            return (File.ReadAllBytes(path), state);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static int FirstEnd(byte[] state) => StateHeader + 8 + BitConverter.ToInt32(state, StateHeader + 4);

    /// <summary>A state of one trial.</summary>
    private static byte[] StateOf(byte[] checkpoint)
    {
        var whole = Files.Value.State;
        return
        [
            .. whole[..(StateHeader - 4)], .. BitConverter.GetBytes(1), .. whole[StateHeader..(StateHeader + 4)],
            .. BitConverter.GetBytes(checkpoint.Length), .. checkpoint,
        ];
    }

    /// <summary>Each line with the checksum of what it says, so that what it says is looked at.</summary>
    private static byte[] Sealed(byte[] journal)
    {
        const string Check = ",\"check\":\"";
        var lines = FuzzText.Of(journal).Split('\n').Select(line =>
            line.LastIndexOf(Check, StringComparison.Ordinal) is >= 0 and var at
                ? $"{line[..at]}{Check}{JournalLine.Digits(FuzzText.Bytes(line[..at]))}\"}}" : line);
        return FuzzText.Bytes(string.Join('\n', lines));
    }

    private sealed class Told(Action<SweepProgress> tell) : IProgress<SweepProgress>
    {
        public void Report(SweepProgress value) => tell(value);
    }
}
