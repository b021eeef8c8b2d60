using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.ML.LrScheduling.Reports;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Sweeps.Journals;
using Microsoft.ML.LrScheduling.Tests.Trainers;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Sweeps;

/// <summary>Journals that are read by who trains nothing.</summary>
[TestClass]
public sealed class StudyLoadTests : JournaledTests
{
    [TestMethod]
    public void A_loaded_study_tells_what_its_sweep_told()
    {
        var study = Sweep(epochs: 5, trials: 6);
        var bytes = File.ReadAllBytes(Journal);
        var loaded = Study.Load(Journal);
        Assert.AreEqual(study.Metric, loaded.Metric);
        CollectionAssert.AreEqual(
            study.Leaderboard.Select(trial => (trial.Number, trial.Score)).ToArray(),
            loaded.Leaderboard.Select(trial => (trial.Number, trial.Score)).ToArray());
        foreach (var (expected, trial) in study.Trials.Zip(loaded.Trials))
        {
            CollectionAssert.AreEqual(expected.Hyperparameters.ToArray(), trial.Hyperparameters.ToArray());
            Assert.IsInstanceOfType<TorchLinearRegressionTrainer.Options>(trial.Options);
            Assert.AreEqual(expected.Options.ToJson(), trial.Options.ToJson());
            Assert.AreEqual(expected.History.Schedule, trial.History.Schedule);
            Assert.AreEqual(Text(expected.History), Text(trial.History));
        }

        loaded.SaveReport(Path.Combine(_folder.FullName, "loaded.html"), "Sweep");
        study.SaveReport(Path.Combine(_folder.FullName, "study.html"), "Sweep");
        Assert.AreEqual(
            Without(File.ReadAllText(Path.Combine(_folder.FullName, "study.html"))),
            Without(File.ReadAllText(Path.Combine(_folder.FullName, "loaded.html"))));
        StringAssert.StartsWith(
            Assert.ThrowsExactly<InvalidOperationException>(() => loaded.BestModel).Message, "A study that was loaded has no model.");
        CollectionAssert.AreEqual(bytes, File.ReadAllBytes(Journal));

        // A journal rounds times.
        static string Without(string report) => Regex.Replace(report, "\"seconds\":[-+.eE0-9]+,?", "");
    }

    [TestMethod]
    public void A_journal_is_read_while_its_sweep_writes_it()
    {
        var counts = new List<int>();
        Sweep(epochs: 2, trials: 4, options => options with
        {
            TrialsTogether = 2,
            Progress = new SweepTests.Counter(() => counts.Add(
                Study.Load(Journal).Trials.Count(trial => trial.History.StopReason != StopReason.Cancelled))),
        });
        // Two epochs of the first two trials, then two of the others.
        CollectionAssert.AreEqual(new[] { 0, 2, 2, 4 }, counts);
        // And with a line half written.
        var lines = File.ReadAllText(Journal);
        File.WriteAllText(Journal, lines[..^20]);
        Assert.AreEqual(3, Study.Load(Journal).Trials.Count);
        Assert.AreEqual(lines.Length - 20, new FileInfo(Journal).Length);
    }

    [TestMethod]
    public void What_is_no_journal_is_refused()
    {
        string Message<TException>(string path)
            where TException : Exception => Assert.ThrowsExactly<TException>(() => Study.Load(path)).Message;
        Message<FileNotFoundException>(Journal);
        Message<IOException>(_folder.FullName);
        StringAssert.StartsWith(Message<ArgumentException>(""), "journal must be a path. Received: an empty one");
        StringAssert.StartsWith(Message<ArgumentException>("a\0b"), "journal must be a path. Received: one with a character NUL");
        File.WriteAllText(Journal, "my only notes\n");
        StringAssert.Contains(Message<InvalidDataException>(Journal), "is not the journal of a sweep");
        File.WriteAllText(Journal, "");
        StringAssert.Contains(Message<InvalidDataException>(Journal),
            "is empty: its sweep is still reading the rows, or no sweep has started. Load it again later.");
        if (!OperatingSystem.IsLinux()) return;
        var pipe = Path.Combine(_folder.FullName, "pipe");
        using (var made = Process.Start("mkfifo", pipe)) made.WaitForExit();
        StringAssert.Contains(Message<IOException>(pipe), "it is not a regular file");
    }

    [TestMethod]
    public void Long_histories_are_thinned_in_the_journal_and_scores_are_not()
    {
        // Halving compares trials after 7, 14, 28 … epochs, and early stopping has a best one: none of these is left out.
        var study = _mlContext.Regression.Trainers.Sweep(
            SweepSpace.Of(draw => new TorchLinearRegressionTrainer.Options
            {
                LabelColumnName = "Number",
                LearningRate = draw.LogRange("rate", 1e-3, 0.1),
                LearningRateSchedule = LrSchedule.ExponentialLR(0.9999) with { Interval = ScheduleInterval.Batch },
                NumberOfEpochs = 1203,
                ValidationFraction = 0.25,
                EarlyStopping = new EarlyStopping { Patience = 5000 },
                BatchSize = 20,
                Seed = 1,
            }),
            TaskCase.Rows(_mlContext, 80),
            new SweepOptions { Strategy = SweepStrategy.SuccessiveHalving(trials: 4, reduction: 2, minimumEpochs: 7), Journal = Journal });
        var loaded = Study.Load(Journal);
        var (whole, thinned) = (study.Best.History, loaded.Best.History);
        Assert.AreEqual(study.Best.Score, loaded.Best.Score);
        Assert.AreEqual(1203, whole.Epochs.Count);
        Assert.IsInRange(JournalHistory.Kept - 100, JournalHistory.Kept + 10, thinned.Epochs.Count);
        Assert.AreEqual(whole.BestEpoch, thinned.BestEpoch);
        var epochs = thinned.Epochs.Select(epoch => epoch.Epoch).ToHashSet();
        foreach (var epoch in new[] { 1, 7, 14, 28, 56, 112, 224, 448, 896, whole.BestEpoch!.Value, 1203 })
            Assert.Contains(epoch, epochs);
        foreach (var epoch in thinned.Epochs)
        {
            var all = whole.Epochs[epoch.Epoch - 1];
            Assert.AreEqual(all.TrainingLoss, epoch.TrainingLoss);
            CollectionAssert.AreEqual(all.ValidationMetrics.ToArray(), epoch.ValidationMetrics.ToArray());
            CollectionAssert.AreEqual(all.LearningRates.ToArray(), epoch.LearningRates.ToArray());
            // Of the three minibatches of 60 rows all, as long as there is room for them.
            CollectionAssert.AreEqual(all.BatchLearningRates.ToArray(), epoch.BatchLearningRates.ToArray());
        }

        // And the sweep goes on from it with the same decisions.
        var lines = File.ReadAllLines(Journal);
        var again = _mlContext.Regression.Trainers.Sweep(
            SweepSpace.Trials(study.Trials.Select(trial => trial.Options)), TaskCase.Rows(_mlContext, 80),
            new SweepOptions { Strategy = SweepStrategy.SuccessiveHalving(trials: 4, reduction: 2, minimumEpochs: 7) });
        CollectionAssert.AreEqual(
            study.Trials.Select(trial => trial.Score).ToArray(), again.Trials.Select(trial => trial.Score).ToArray());
        CollectionAssert.AreEqual(lines, File.ReadAllLines(Journal));
    }

    [TestMethod]
    public void The_journal_and_the_report_of_many_long_trials_are_small()
    {
        // A fortieth of 400 trials of 3,000 epochs; the report as for all of them.
        var epochs = Epochs(3000).ToArray();
        var options = new TorchLinearRegressionTrainer.Options { LabelColumnName = "Number", NumberOfEpochs = 3000 };
        StudyTrial<TorchLinearRegressionTrainer.Options> Trial(int number) => new()
        {
            Number = number,
            Hyperparameters = [new Hyperparameter("rate", "0.1", 0.1)],
            Options = options,
            History = new TrainingHistory { Epochs = [.. epochs], StopReason = StopReason.Completed, Options = options.ToJson() },
            Score = 1,
        };
        using (var journal = SweepJournal.Open(Journal, JournalInUse.Refuse, _ => { }, null, CancellationToken.None))
        {
            journal.Begin(new JournalStudy("TorchLinearRegressionTrainer", Metric.ValidationLoss, "rows", ""));
            for (var number = 0; number < 10; number++)
                journal.End(new JournalTrial(number, Trial(number).Hyperparameters, null, null, Trial(number).History, null), _ => false);
        }

        Assert.IsLessThan(1 << 20, new FileInfo(Journal).Length);
        Assert.HasCount(10, Study.Load(Journal).Trials);
        var report = Path.Combine(_folder.FullName, "report.html");
        new Study<TorchLinearRegressionTrainer.Options>(
            Metric.ValidationLoss, [.. Enumerable.Range(0, 400).Select(Trial)], bestModel: null, notes: []).SaveReport(report);
        Assert.IsLessThan(5 << 20, new FileInfo(report).Length);
    }

    [TestMethod]
    public void Columns_keep_what_epochs_hold()
    {
        var epochs = Epochs(3).ToArray();
        var odd = epochs[1] with
        {
            ValidationMetrics = epochs[1].ValidationMetrics.ToImmutableSortedDictionary()
                .Remove(Metric.RSquared).SetItem(Metric.ValidationLoss, double.PositiveInfinity),
        };
        foreach (var history in new[] { epochs, [epochs[0], odd], [epochs[0]], [] })
        {
            var trial = new JournalTrial(7, [new Hyperparameter("\ud800", "\ud800", null)], null, null,
                new TrainingHistory { Epochs = [.. history], StopReason = StopReason.Diverged, Trainer = "x" }, null);
            var line = trial.ToLine("study", _ => false);
            Assert.IsTrue(JournalLine.IsWhole(line.AsSpan().TrimEnd("\n"u8)));
            using var json = JournalLine.Parse(line);
            Assert.AreEqual(Text(trial.History), Text(JournalTrial.Read(json.RootElement, "x").History));
        }
    }

    // As training on random labels goes on: no column can be said shorter.
    private static IEnumerable<EpochRecord> Epochs(int count)
    {
        var random = new Random(1);
        for (var epoch = 1; epoch <= count; epoch++)
            yield return new EpochRecord
            {
                Epoch = epoch,
                LearningRates = [random.NextDouble(), random.NextDouble()],
                BatchLearningRates = [random.NextDouble(), 1, random.NextDouble(), 1],
                TrainingLoss = random.NextDouble(),
                ValidationMetrics = new[]
                {
                    Metric.ValidationLoss, Metric.RootMeanSquaredError, Metric.MeanAbsoluteError, Metric.RSquared,
                }.ToImmutableSortedDictionary(metric => metric, _ => random.NextDouble()),
                Duration = TimeSpan.FromMilliseconds(random.Next(100)),
            };
    }

    private static string Text(TrainingHistory history) =>
        (history with
        {
            Epochs = [.. history.Epochs.Select(epoch => epoch with { Duration = TimeSpan.Zero })],
        }).ToJson() + string.Create(CultureInfo.InvariantCulture, $"{history.Epochs.Sum(epoch => epoch.Duration.TotalSeconds):F3}");

    private Study<TorchLinearRegressionTrainer.Options> Sweep(
        int epochs, int trials, Func<SweepOptions, SweepOptions>? change = null)
    {
        var options = new SweepOptions { Strategy = SweepStrategy.Random(trials), Journal = Journal };
        return _mlContext.Regression.Trainers.Sweep(
            SweepTests.Rates(epochs), TaskCase.Rows(_mlContext, 100), change?.Invoke(options) ?? options);
    }
}
