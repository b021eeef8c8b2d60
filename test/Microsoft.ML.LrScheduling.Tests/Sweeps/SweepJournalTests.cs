using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Sweeps.Journals;
using Microsoft.ML.LrScheduling.Tests.Trainers;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Sweeps;

[TestClass]
public sealed class SweepJournalTests
{
    private const int Kills = 30;
    private const int Trials = 40;

    private readonly MLContext _mlContext = new(seed: 1);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lrscheduling-journal-");

    private string Path => System.IO.Path.Combine(_folder.FullName, "study.jsonl");

    [TestCleanup]
    public void DeleteFolder() => _folder.Delete(recursive: true);

    [TestMethod]
    public void A_finished_sweep_is_read_and_not_trained_again()
    {
        var first = Sweep();
        var lines = File.ReadAllLines(Path);
        Assert.AreEqual(1 + 6, lines.Length);
        // A line of a trial has, at its top, what a table of trials needs.
        using (var line = JsonDocument.Parse(lines[1]))
        {
            var trial = first.Trials[line.RootElement.GetProperty("trial").GetInt32()];
            Assert.AreEqual(trial.Score, line.RootElement.GetProperty("score").GetDouble());
            Assert.AreEqual(trial.Options.LearningRate, line.RootElement.GetProperty("hyperparameters").GetProperty("rate").GetDouble());
            Assert.AreEqual("completed", line.RootElement.GetProperty("stopReason").GetString());
        }

        var reports = 0;
        var second = Sweep(options => options with { Progress = new SweepTests.Counter(() => reports++) });
        Assert.AreEqual(0, reports, "no epoch was trained");
        AreSame(first, second);
        CollectionAssert.AreEqual(lines, File.ReadAllLines(Path));
        Assert.IsFalse(File.Exists(Path + ".state"));
    }

    [TestMethod]
    public void More_trials_are_added_to_those_there_are()
    {
        var first = Sweep();
        var more = Sweep(options => options with { Strategy = SweepStrategy.Random(9) });
        Assert.AreEqual(9, more.Trials.Count);
        for (var i = 0; i < 6; i++) Assert.AreEqual(first.Trials[i].Score, more.Trials[i].Score);
        Assert.AreEqual(1 + 9, File.ReadAllLines(Path).Length);
    }

    [TestMethod]
    public void A_last_line_that_was_cut_is_taken_out_and_said()
    {
        var first = Sweep();
        var bytes = File.ReadAllBytes(Path);
        // At each place within the last line.
        var last = Array.LastIndexOf(bytes, (byte)'\n', bytes.Length - 2) + 1;
        foreach (var length in new[] { last + 1, last + 20, (last + bytes.Length) / 2, bytes.Length - 2 })
        {
            File.WriteAllBytes(Path, bytes[..length]);
            // Also where the sweep ends before it writes anything.
            using (SweepJournal.Open(Path, JournalInUse.Refuse, _ => { }, null, CancellationToken.None))
                Assert.AreEqual(last, new FileInfo(Path).Length);
            File.WriteAllBytes(Path, bytes[..length]);
            var again = Sweep();
            Assert.AreEqual(1, again.Notes.Count);
            StringAssert.Contains(again.Notes[0], "was incomplete");
            AreSame(first, again);
            Assert.AreEqual(7, File.ReadAllLines(Path).Length);
        }
    }

    [TestMethod]
    public void A_last_line_that_lacks_its_end_alone_is_whole()
    {
        var first = Sweep();
        var bytes = File.ReadAllBytes(Path);
        foreach (var behind in new[] { "", "\r", " ", "\n\0\0" })
        {
            File.WriteAllBytes(Path, [.. bytes[..^1], .. Encoding.ASCII.GetBytes(behind)]);
            var reports = 0;
            AreSame(first, Sweep(options => options with { Progress = new SweepTests.Counter(() => reports++) }));
            Assert.AreEqual(0, reports, "no epoch was trained");
            Assert.HasCount(6, Study.Load(Path).Trials);
        }

        // And more trials come to stand on lines of their own.
        File.WriteAllBytes(Path, bytes[..^1]);
        Assert.HasCount(7, Sweep(options => options with { Strategy = SweepStrategy.Random(7) }).Trials);
        Assert.HasCount(1 + 7, File.ReadAllLines(Path));
    }

    [TestMethod]
    public void What_is_of_another_sweep_or_damaged_is_refused_and_left_alone()
    {
        Sweep();
        var bytes = File.ReadAllBytes(Path);
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => Sweep(rows: 301)).Message, "belongs to another sweep: rows was");
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => Sweep(options => options with { Seed = 9 })).Message,
            "belongs to another sweep: trial");
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => _mlContext.Regression.Trainers.Sweep(
                SweepTests.Rates(epochs: 5), TaskCase.Rows(_mlContext, 300),
                new SweepOptions { Strategy = SweepStrategy.Random(6), Journal = Path })).Message,
            "belongs to another sweep: trial 0 had numberOfEpochs 4 and has 5");
        var lines = File.ReadAllLines(Path);
        lines[2] = lines[2][..30];
        File.WriteAllLines(Path, lines);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => Sweep()).Message, "Line 3 of the journal");
        File.WriteAllBytes(Path, bytes);
        File.AppendAllText(Path, File.ReadLines(Path).Last() + "\n");
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => Sweep()).Message, "Line 8 of the journal");
    }

    [TestMethod]
    public void Scores_of_folds_are_kept_and_not_measured_again()
    {
        SweepOptions Folds(SweepOptions options) => options with { NumberOfFolds = 3 };
        var first = Sweep();
        var folded = Sweep(Folds);
        CollectionAssert.AreEqual(first.Trials.Select(trial => trial.History.Epochs.Count).ToArray(),
            folded.Trials.Select(trial => trial.History.Epochs.Count).ToArray());
        var lines = File.ReadAllLines(Path);
        Assert.HasCount(1 + 6 + 3 * 6, lines);
        // As if it had been killed between any two lines.
        foreach (var kept in new[] { 7, 8, 12, 20, 24, 25 })
        {
            File.WriteAllLines(Path, lines[..kept]);
            var again = Sweep(Folds);
            for (var trial = 0; trial < 6; trial++)
                for (var fold = 0; fold < 3; fold++)
                    Assert.AreEqual(folded.Trials[trial].FoldScores[fold]!.Value, again.Trials[trial].FoldScores[fold]!.Value, 1e-6);
            CollectionAssert.AreEquivalent(lines.Select(Fold).ToArray(), File.ReadAllLines(Path).Select(Fold).ToArray());
            CollectionAssert.AreEqual(lines[..kept], File.ReadAllLines(Path)[..kept], "what is kept stays");
        }

        Sweep(options => Folds(options) with { NumberOfFolds = 2 });
        Assert.HasCount(lines.Length + 2 * 6, File.ReadAllLines(Path), "the parts of another split are others");

        static string Fold(string line)
        {
            var json = JsonDocument.Parse(line).RootElement;
            return json.GetProperty("event").GetString() == "fold"
                ? $"{json.GetProperty("trial")} {json.GetProperty("fold")}"
                : json.GetProperty("event").GetString()!;
        }
    }

    [TestMethod]
    [DataRow("""{"event":"trial"}""", "Line 8 of the journal")]
    [DataRow("""{"event":"fold","trial":1}""", "Line 8 of the journal")]
    [DataRow("""{"event":"party"}""", "has an unknown event. Received: party")]
    [DataRow("""{}""", "Line 8 of the journal")]
    [DataRow("null", "Line 8 of the journal")]
    [DataRow("""{"event":1}""", "Line 8 of the journal")]
    [DataRow("""{"event":"trial","event":"trial"}""", "Line 8 of the journal")]
    [DataRow("""{"event":"\ud800"}""", "Line 8 of the journal")]
    public void A_line_that_is_no_event_is_refused(string line, string message)
    {
        Sweep();
        File.AppendAllText(Path, line + "\n");
        var bytes = File.ReadAllBytes(Path);
        StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => Sweep()).Message, message);
        CollectionAssert.AreEqual(bytes, File.ReadAllBytes(Path));
    }

    [TestMethod]
    [DataRow("history", "null")]
    [DataRow("history", "{}")]
    [DataRow("history", "[1]")]
    [DataRow("history", """{"epoch":[1,1],"weightsRate":1,"trainingLoss":1,"seconds":1}""")]
    [DataRow("history", """{"epoch":[1,2,3,4],"weightsRate":1,"trainingLoss":[1,2],"seconds":1}""")]
    [DataRow("history", """{"epoch":[1,2,3,4],"weightsRate":1,"trainingLoss":null,"seconds":1}""")]
    [DataRow("history", """{"epoch":[1,2,3,4],"weightsRate":1,"trainingLoss":1,"seconds":1e300}""")]
    [DataRow("history", """{"epoch":[1,2,3,4],"weightsRate":1,"trainingLoss":1,"seconds":1,"Beauty":1}""")]
    [DataRow("history", """{"epoch":[1,2,3,4],"weightsRate":1,"trainingLoss":1,"seconds":1,"99":1}""")]
    [DataRow("batchRates", """{"weightsRate":[1,2,3]}""")]
    [DataRow("weights", "\"AAAA\"")]
    [DataRow("weights", "\"not base64\"")]
    [DataRow("weights", "7")]
    [DataRow("weights", "\"////f/////8=\"")]
    [DataRow("weights", "null")]
    [DataRow("weights", "\"BAAAAAEAAAAAAMB/AADAfwAAwH8AAMB/AADAfw==\"")]
    [DataRow("score", "-5")]
    [DataRow("score", "null")]
    [DataRow("score", "\"NaN\"")]
    [DataRow("score", "\"best\"")]
    [DataRow("trial", "-1")]
    [DataRow("trial", "1.5")]
    [DataRow("bestEpoch", "-5")]
    [DataRow("bestEpoch", "9")]
    [DataRow("epochs", "2147483647")]
    [DataRow("stopReason", "\"77\"")]
    [DataRow("stopReason", "\"failed\"")]
    [DataRow("failure", "\"why\"")]
    [DataRow("options", "[]")]
    [DataRow("schedule", "7")]
    [DataRow("hyperparameters", "[]")]
    [DataRow("hyperparameters", """{"rate":[1]}""")]
    public void A_trial_that_cannot_be_is_refused_though_its_checksum_is_right(string property, string value)
    {
        Sweep();
        var lines = File.ReadAllLines(Path);
        lines[3] = Sealed(lines[3], property, value);
        File.WriteAllLines(Path, lines);
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => Sweep()).Message, $"Line 4 of the journal {Path} cannot be read: ");
        CollectionAssert.AreEqual(lines, File.ReadAllLines(Path));
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => Study.Load(Path)).Message, $"Line 4 of the journal {Path} cannot be read: ");
    }

    [TestMethod]
    [DataRow("[]")]
    [DataRow("7")]
    [DataRow("{}")]
    [DataRow("""{"event":7}""")]
    public void A_line_that_is_JSON_and_no_event_is_refused_as_any_other(string line)
    {
        Sweep();
        File.AppendAllText(Path, line + "\n");
        Assert.AreEqual(
            $"Line 8 of the journal {Path} is not an event, or has text after an event. Delete the line, and its trial is trained again; "
            + "or choose another file.", Assert.ThrowsExactly<InvalidDataException>(() => Sweep()).Message);
    }

    [TestMethod]
    public void A_note_says_whether_a_trial_or_the_first_line_had_been_cut()
    {
        Sweep();
        var text = File.ReadAllText(Path);
        File.WriteAllText(Path, text[..^40]);
        Assert.AreEqual(
            $"The last line of the journal {Path} was incomplete and has been removed. Its trial is trained again.",
            Sweep().Notes.Single());
        File.WriteAllText(Path, text[..40]);
        Assert.AreEqual($"The journal {Path} had no complete line. The sweep starts from the beginning.", Sweep().Notes.Single());
    }

    [TestMethod]
    public void A_folder_in_the_place_of_a_journal_is_told()
    {
        Directory.CreateDirectory(Path);
        Assert.AreEqual(
            $"The journal {Path} cannot be opened: It is a folder.", Assert.ThrowsExactly<IOException>(() => Sweep()).Message);
    }

    [TestMethod]
    public void An_exponent_beyond_32_bits_is_another_number()
    {
        Sweep();
        var lines = File.ReadAllLines(Path);
        var options = JsonNode.Parse(lines[3])!["options"]!.ToJsonString();
        lines[3] = Sealed(
            lines[3], "options", options.Replace("\"numberOfEpochs\":4", "\"numberOfEpochs\":4e99999999999", StringComparison.Ordinal));
        File.WriteAllLines(Path, lines);
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => Sweep()).Message, "had numberOfEpochs 4e99999999999 and has 4");
    }

    [TestMethod]
    public void A_model_of_other_rows_and_a_study_of_another_version_are_refused()
    {
        Sweep();
        var lines = File.ReadAllLines(Path);
        using var bytes = new MemoryStream();
        new LinearWeights(new float[7], new float[1]).Save(new BinaryWriter(bytes));
        var first = lines[1];
        lines[1] = Sealed(lines[1], "weights", $"\"{Convert.ToBase64String(bytes.ToArray())}\"");
        File.WriteAllLines(Path, lines);
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidDataException>(() => Sweep()).Message, "its model must have 1 · 4 weights. Received: 1 · 7");
        lines[1] = first;
        foreach (var (property, value, message) in new[]
        {
            ("version", "1", "must have version 2. Received: 1"), ("rows", "\"other rows\"", "its study does not match its content"),
            ("metric", "\"Beauty\"", "Line 1 of the journal"), ("trainer", "null", "Line 1 of the journal"),
        })
        {
            File.WriteAllLines(Path, [Sealed(lines[0], property, value), .. lines[1..]]);
            StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => Sweep()).Message, message);
        }
    }

    /// <summary>A line with another value of a property, and the checksum of that.</summary>
    internal static string Sealed(string line, string property, string value)
    {
        var node = (JsonObject)JsonNode.Parse(line)!;
        node.Remove("check");
        node[property] = JsonNode.Parse(value);
        return Encoding.UTF8.GetString(JournalLine.Of(writer =>
        {
            foreach (var (name, own) in node)
            {
                writer.WritePropertyName(name);
                if (own is null) writer.WriteNullValue();
                else own.WriteTo(writer);
            }
        })).TrimEnd();
    }

    [TestMethod]
    public void Another_schedule_is_another_sweep_also_beside_a_delegate()
    {
        static LrSchedule None() => LrSchedule.LambdaLR(_ => 0);
        LrSchedule bias = LrSchedule.LambdaLR(_ => 1);
        (LrSchedule? Was, LrSchedule? WasBias, LrSchedule? Is, LrSchedule? IsBias, string Named)[] changes =
        [
            (None(), null, null, null, "had learningRateSchedule LambdaLR(lrLambda: delegate) and has none"),
            (null, None(), null, null, "had biasLearningRateSchedule LambdaLR(lrLambda: delegate) and has none"),
            (null, null, null, None(), "had biasLearningRateSchedule none and has LambdaLR(lrLambda: delegate)"),
            (LrSchedule.ChainedScheduler([None(), LrSchedule.StepLR(1, 0.01)]), null, LrSchedule.StepLR(9, 0.9), null,
                "had learningRateSchedule "),
            (LrSchedule.ChainedScheduler([None(), LrSchedule.StepLR(1, 0.01)]), null,
                LrSchedule.ChainedScheduler([None(), LrSchedule.StepLR(9, 0.9)]), null, "had learningRateSchedule "),
            (LrSchedule.StepLR(1, 0.01), bias, LrSchedule.StepLR(9, 0.9), bias, "had learningRateSchedule "),
            (LrSchedule.CosineAnnealingLR(1.0), null, LrSchedule.CosineAnnealingLR(1), null, "had learningRateSchedule "),
        ];
        foreach (var (was, wasBias, now, nowBias, named) in changes)
        {
            var study = Scheduled(was, wasBias);
            var again = Scheduled(was, wasBias);
            CollectionAssert.AreEqual(
                study.Trials.Select(trial => trial.Score).ToArray(), again.Trials.Select(trial => trial.Score).ToArray());
            var bytes = File.ReadAllBytes(Path);
            StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(() => Scheduled(now, nowBias)).Message, named);
            CollectionAssert.AreEqual(bytes, File.ReadAllBytes(Path));
            File.Delete(Path);
        }

        Study<TorchLinearRegressionTrainer.Options> Scheduled(LrSchedule? schedule, LrSchedule? ofBias) =>
            _mlContext.Regression.Trainers.Sweep(
                SweepSpace.Of(draw =>
                {
                    var options = SweepTests.RateOf(draw, epochs: 2, schedule);
                    options.BiasLearningRateSchedule = ofBias;
                    return options;
                }),
                TaskCase.Rows(_mlContext, 60), new SweepOptions { Strategy = SweepStrategy.Random(2), Journal = Path });
    }

    [TestMethod]
    public void Trials_that_another_strategy_left_are_trained_anew_and_all_others_are_taken()
    {
        (SweepStrategy First, SweepStrategy Then)[] pairs =
        [
            (SweepStrategy.SuccessiveHalving(6, 3, 1), SweepStrategy.Random(6)),
            (SweepStrategy.SuccessiveHalving(6, 3, 1), SweepStrategy.SuccessiveHalving(6, 3, 2)),
            (SweepStrategy.SuccessiveHalving(6, 3, 1), SweepStrategy.SuccessiveHalving(9, 3, 1)),
            (SweepStrategy.Hyperband(4, 3), SweepStrategy.Hyperband(4, 2)),
        ];
        foreach (var (first, then) in pairs)
        {
            var halved = Sweep(options => options with { Strategy = first });
            int[] left = [.. halved.Trials.Where(trial => trial.History.StopReason == StopReason.Pruned).Select(trial => trial.Number)];
            Assert.IsNotEmpty(left);
            var lines = File.ReadAllLines(Path);
            // The same strategy takes them all.
            Assert.IsEmpty(Sweep(options => options with { Strategy = first }).Notes);
            CollectionAssert.AreEqual(lines, File.ReadAllLines(Path));

            var other = Sweep(options => options with { Strategy = then });
            Assert.IsTrue(other.Notes.Any(note => note.Contains("are trained again", StringComparison.Ordinal)), $"{then}");
            CollectionAssert.AreEqual(lines, File.ReadAllLines(Path)[..lines.Length], "nothing is lost");
            File.Move(Path, Path + ".old", overwrite: true);
            var alone = Sweep(options => options with { Strategy = then });
            foreach (var (expected, trial) in alone.Trials.Zip(other.Trials))
            {
                // What had come to its end stays.
                var stayed = trial.Number < halved.Trials.Count && !left.Contains(trial.Number) ? halved.Trials[trial.Number] : expected;
                Assert.AreEqual(stayed.History.StopReason, trial.History.StopReason, $"{then}, trial {trial.Number}");
                Assert.AreEqual(stayed.Score!.Value, trial.Score!.Value, 1e-6 * stayed.Score.Value, $"{then}, trial {trial.Number}");
            }

            File.Move(Path + ".old", Path, overwrite: true);
            CollectionAssert.AreEqual(
                other.Trials.Select(trial => (trial.Number, trial.Score)).ToArray(),
                Study.Load(Path).Trials.Where(trial => trial.Number < other.Trials.Count)
                    .Select(trial => (trial.Number, trial.Score)).ToArray());
            Assert.IsEmpty(Sweep(options => options with { Strategy = then }).Notes);
            File.Delete(Path);
        }
    }

    [TestMethod]
    public void A_trial_that_was_left_may_end_once_more_and_no_oftener()
    {
        Sweep(options => options with { Strategy = SweepStrategy.SuccessiveHalving(6, 3, 1) });
        var halved = File.ReadAllLines(Path);
        Sweep();
        var both = File.ReadAllLines(Path);
        Assert.IsGreaterThan(halved.Length, both.Length);
        foreach (var again in new[] { both.Last(), halved.First(line => line.Contains("\"pruned\"", StringComparison.Ordinal)) })
        {
            File.WriteAllLines(Path, [.. both, again]);
            StringAssert.Contains(Assert.ThrowsExactly<InvalidDataException>(() => Sweep()).Message, "which has already ended");
        }
    }

    [TestMethod]
    public void A_loaded_study_has_the_scores_of_the_last_sweep_that_measured_folds()
    {
        Study<TorchLinearRegressionTrainer.Options> Folds(int folds) => Sweep(options => options with { NumberOfFolds = folds });
        Folds(3);
        Folds(4);
        foreach (var folds in new[] { 3, 4, 4, 3 })
        {
            var study = Folds(folds);
            CollectionAssert.AreEqual(
                study.Trials.Select(trial => trial.Score).ToArray(), Study.Load(Path).Trials.Select(trial => trial.Score).ToArray());
        }
    }

    [TestMethod]
    public void A_journal_in_use_is_waited_for_or_refused()
    {
        Sweep();
        using var ready = new ManualResetEventSlim();
        using var done = new ManualResetEventSlim();
        var other = Task.Run(() =>
        {
            using var journal = SweepJournal.Open(Path, JournalInUse.Refuse, _ => { }, null, CancellationToken.None);
            ready.Set();
            done.Wait();
        });
        ready.Wait();
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => Sweep(
                options => options with { WhenJournalIsInUse = JournalInUse.Refuse })).Message,
            "is in use by another sweep of this process");
        // A thread of its own: those of the pool may all be busy with other tests.
        var waiting = Task.Factory.StartNew(() => Sweep(), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Assert.IsFalse(waiting.Wait(2000), "it waits");
        done.Set();
        other.Wait();
        StringAssert.Contains(waiting.Result.Notes.Single(), "The sweep waited until it was free");
    }

    [TestMethod]
    public void A_sweep_that_is_killed_thirty_times_loses_no_trial_and_trains_none_twice()
    {
        var random = new Random(30);
        var kills = 0;
        for (; kills < Kills; kills++)
        {
            using var process = Process.Start("dotnet", [typeof(SweepJournalTests).Assembly.Location, "sweep", Path]);
            // From when it has written something it is left alone for a moment of its own.
            var before = Written();
            while (Written() == before && !process.HasExited) Thread.Sleep(1);
            Thread.Sleep(random.Next(60));
            Assert.IsFalse(process.HasExited, $"it ended after {kills} kills, before it could be killed {Kills} times");
            process.Kill();
            process.WaitForExit();
        }

        using (var last = Process.Start("dotnet", [typeof(SweepJournalTests).Assembly.Location, "sweep", Path]))
        {
            last.WaitForExit();
            Assert.AreEqual(0, last.ExitCode);
        }

        var trials = File.ReadLines(Path).Skip(1).Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        CollectionAssert.AreEquivalent(
            Enumerable.Range(0, Trials).ToArray(), trials.Select(trial => trial.GetProperty("trial").GetInt32()).ToArray());
        var alone = KilledSweep(journal: null);
        foreach (var trial in trials)
        {
            var expected = alone.Trials[trial.GetProperty("trial").GetInt32()];
            Assert.AreEqual(
                expected.Score!.Value, trial.GetProperty("score").GetDouble(), 1e-6 * expected.Score.Value, $"trial {expected.Number}");
            Assert.AreEqual(expected.History.Epochs.Count, trial.GetProperty("epochs").GetInt32(), $"trial {expected.Number}");
        }

        (long, DateTime) Written() => (File.Exists(Path) ? new FileInfo(Path).Length : 0, File.GetLastWriteTimeUtc(Path + ".state"));
    }

    [TestMethod]
    public void A_state_that_becomes_larger_than_a_file_may_be_does_not_end_a_sweep_and_a_journal_that_does_keeps_whole_lines()
    {
        if (OperatingSystem.IsWindows()) Assert.Inconclusive("Windows has no limit of the size of files.");
        // The states of sixteen trials after 300 epochs have no room; the line of a trial has, which is longest after 1,500.
        var errors = LimitedProcess.Run(kibibytes: 200, "sweep", Path);
        StringAssert.Contains(errors, $"System.IO.IOException: The journal {Path} cannot be written to, and the sweep has ended.");
        StringAssert.Contains(errors, "The file would become larger than the file system");
        var ended = Study.Load(Path).Trials.Count(trial => trial.History.StopReason == StopReason.Completed);
        Assert.IsGreaterThan(0, ended);
        Assert.AreEqual('\n', File.ReadAllText(Path)[^1]);
        Assert.HasCount(Trials, KilledSweep(Path).Trials);
    }

    /// <summary>The sweep that is killed.</summary>
    internal static Study<TorchLinearRegressionTrainer.Options> KilledSweep(string? journal)
    {
        var mlContext = new MLContext(seed: 1);
        var space = SweepSpace.Of(draw => new TorchLinearRegressionTrainer.Options
        {
            LabelColumnName = "Number",
            LearningRate = draw.LogRange("rate", 1e-3, 0.3),
            NumberOfEpochs = draw.Integer("epochs", 1500, 3500),
            ValidationFraction = 0.25,
            Seed = 1,
        });
        return mlContext.Regression.Trainers.Sweep(
            space, TaskCase.Rows(mlContext, 300),
            new SweepOptions { Strategy = SweepStrategy.Random(Trials), TrialsTogether = 16, Journal = journal, Seed = 3 });
    }

    private Study<TorchLinearRegressionTrainer.Options> Sweep(Func<SweepOptions, SweepOptions>? change = null, int rows = 300)
    {
        var options = new SweepOptions { Strategy = SweepStrategy.Random(6), Journal = Path, TrialsTogether = 3 };
        return _mlContext.Regression.Trainers.Sweep(
            SweepTests.Rates(epochs: 4), TaskCase.Rows(_mlContext, rows), change?.Invoke(options) ?? options);
    }

    private static void AreSame(Study<TorchLinearRegressionTrainer.Options> expected, Study<TorchLinearRegressionTrainer.Options> actual)
    {
        Assert.AreEqual(expected.Trials.Count, actual.Trials.Count);
        foreach (var (a, b) in expected.Trials.Zip(actual.Trials))
        {
            // A trial that trains again in other company adds its sums in another order.
            Assert.AreEqual(a.Score!.Value, b.Score!.Value, 1e-6 * a.Score.Value);
            Assert.AreEqual(a.Options.ToJson(), b.Options.ToJson());
            for (var i = 0; i < a.Weights!.Weights.Length; i++) Assert.AreEqual(a.Weights.Weights[i], b.Weights!.Weights[i], 1e-5);
        }
    }
}
