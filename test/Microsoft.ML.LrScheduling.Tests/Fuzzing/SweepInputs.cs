using System.Text;
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

    private static readonly MLContext MLContext = new(seed: 1);
    private static readonly IDataView Rows = TaskCase.Rows(MLContext, 16);

    /// <summary>Each kind: its name, good inputs, what reads it, and the exception that it may be refused with.</summary>
    public static IEnumerable<(string Name, IReadOnlyList<byte[]> Seeds, Action<byte[]> Read, Type Documented)> All
    {
        get
        {
            var (journal, state) = Files();
            yield return ("sweep space", [Encoding.UTF8.GetBytes(Space)], Draw, typeof(JsonException));
            yield return ("journal", [journal], bytes => InFolder(path => GoOn(path, bytes)), typeof(InvalidDataException));
            yield return ("journal with right checksums", [journal], bytes => InFolder(path => GoOn(path, Sealed(bytes))),
                typeof(InvalidDataException));
            yield return ("state of a sweep", [state], bytes => InFolder(path => GoOnFromState(path, bytes)), typeof(InvalidDataException));
        }
    }

    private static void Draw(byte[] bytes)
    {
        var space = SweepSpace.FromJson<TorchLinearRegressionTrainer.Options>(Encoding.UTF8.GetString(bytes));
        foreach (var strategy in new[] { SweepStrategy.Random(5), SweepStrategy.Grid(2) })
            foreach (var trial in strategy.Lots(space, seed: 1).Single().Trials.Take(5))
                _ = trial.Checked(seed: 1).ToString();
    }

    private static void GoOn(string path, byte[] bytes)
    {
        File.WriteAllBytes(path, bytes);
        var loaded = Study.Load(path);
        loaded.SaveReport(path + ".html");
        _ = loaded.Leaderboard.Select(trial => trial.ToString()).ToArray();
        try
        {
            _ = Sweep(path).Leaderboard;
        }
        catch (InvalidOperationException e) when (e.Message.Contains("is of another sweep", StringComparison.Ordinal))
        {
            throw new InvalidDataException(e.Message, e);
        }
    }

    private static void GoOnFromState(string path, byte[] bytes)
    {
        File.WriteAllBytes(path + ".state", bytes);
        var refusals = new List<string>();
        _ = new SweepState(path, refusals.Add).Load();
        if (refusals.Count == 0) Assert.AreEqual(2, Sweep(path).Trials.Count(trial => trial.Score is not null));
        else throw new InvalidDataException(refusals[0]);
    }

    private static Study<TorchLinearRegressionTrainer.Options> Sweep(string journal, Action<SweepProgress>? progress = null) =>
        MLContext.Regression.Trainers.Sweep(
            SweepSpace.FromJson<TorchLinearRegressionTrainer.Options>(Space), Rows,
            new SweepOptions
            {
                Strategy = SweepStrategy.Random(2),
                Journal = journal,
                Progress = progress is null ? null : new Told(progress),
            });

    /// <summary>The journal of a sweep, and where its trials stood after an epoch.</summary>
    private static (byte[] Journal, byte[] State) Files()
    {
        var (journal, state) = (Array.Empty<byte>(), Array.Empty<byte>());
        InFolder(path =>
        {
            Sweep(path, _ => state = state.Length == 0 ? File.ReadAllBytes(path + ".state") : state);
            journal = File.ReadAllBytes(path);
        });
        return (journal, state);
    }

    /// <summary>Each line with the checksum of what it says, so that what it says is looked at.</summary>
    private static byte[] Sealed(byte[] journal)
    {
        const string Check = ",\"check\":\"";
        var lines = Encoding.UTF8.GetString(journal).Split('\n').Select(line =>
            line.LastIndexOf(Check, StringComparison.Ordinal) is >= 0 and var at
                ? $"{line[..at]}{Check}{JournalLine.Digits(Encoding.UTF8.GetBytes(line[..at]))}\"}}" : line);
        return Encoding.UTF8.GetBytes(string.Join('\n', lines));
    }

    private static void InFolder(Action<string> use)
    {
        var folder = Directory.CreateTempSubdirectory("lrscheduling-fuzz-");
        try
        {
            use(Path.Combine(folder.FullName, "study.jsonl"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private sealed class Told(Action<SweepProgress> tell) : IProgress<SweepProgress>
    {
        public void Report(SweepProgress value) => tell(value);
    }
}
