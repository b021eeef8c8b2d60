using Microsoft.ML.LrScheduling.Reports;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Sweeps.Journals;
using Microsoft.ML.LrScheduling.Tests.Trainers;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Sweeps;

/// <summary>Sweeps that end before their end, because they are cancelled or their time is up.</summary>
[TestClass]
public sealed class CutSweepTests : JournaledTests
{
    [TestMethod]
    public void A_cancelled_sweep_throws_or_returns_the_study_so_far()
    {
        foreach (var mode in Enum.GetValues<CancellationMode>())
        {
            // Two trials at a time: the first two have ended, the next two have had two epochs of four.
            using var source = new CancellationTokenSource();
            var reports = 0;
            SweepOptions options = new()
            {
                Strategy = SweepStrategy.Random(6),
                TrialsTogether = 2,
                CancellationToken = source.Token,
                Cancellation = mode,
                Progress = new SweepTests.Counter(() =>
                {
                    if (++reports == 6) source.Cancel();
                }),
            };
            if (mode == CancellationMode.Throw)
            {
                var error = Assert.ThrowsExactly<OperationCanceledException>(() => Sweep(options));
                Assert.AreEqual(source.Token, error.CancellationToken);
                continue;
            }

            var study = Sweep(options with { Journal = Journal });
            CollectionAssert.AreEqual(
                new[] { StopReason.Completed, StopReason.Completed, StopReason.Cancelled, StopReason.Cancelled },
                study.Trials.Select(trial => trial.History.StopReason).ToArray());
            CollectionAssert.AreEqual(new[] { 4, 4, 2, 2 }, study.Trials.Select(trial => trial.History.Epochs.Count).ToArray());
            foreach (var trial in study.Trials) Assert.AreEqual(trial.History.Epochs[^1][Metric.ValidationLoss], trial.Score);
            Assert.IsNotNull(study.BestModel);
            Assert.AreEqual(
                "The sweep was cancelled: 2 trials have ended, 2 were running. You can continue it with its journal.",
                study.Notes.Single());
            // Only what has ended is in the journal; the sweep goes on from there to what it would have come to.
            Assert.HasCount(1 + 2, File.ReadAllLines(Journal));
            var whole = Sweep(new() { Strategy = SweepStrategy.Random(6), TrialsTogether = 2, Journal = Journal });
            var expected = Sweep(new() { Strategy = SweepStrategy.Random(6), TrialsTogether = 2 });
            CollectionAssert.AreEqual(
                expected.Trials.Select(trial => trial.Score).ToArray(), whole.Trials.Select(trial => trial.Score).ToArray());
        }
    }

    [TestMethod]
    public void A_sweep_ends_at_its_time_limit_with_the_study_so_far()
    {
        // Each report of an epoch takes longer than the limit.
        var study = Sweep(new SweepOptions
        {
            Strategy = SweepStrategy.Random(6),
            TrialsTogether = 2,
            TimeLimit = TimeSpan.FromSeconds(2),
            Progress = new SweepTests.Counter(() => Thread.Sleep(2100)),
        });
        Assert.HasCount(2, study.Trials);
        foreach (var trial in study.Trials)
        {
            Assert.AreEqual(StopReason.Cancelled, trial.History.StopReason);
            Assert.AreEqual(1, trial.History.Epochs.Count);
            Assert.IsNotNull(trial.Score);
        }

        StringAssert.StartsWith(study.Notes.Single(), "The sweep reached its time limit of 00:00:02: 0 trials have ended, 2 were");
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new SweepOptions { TimeLimit = TimeSpan.Zero }).Message,
            "TimeLimit must be more than zero. Received: 00:00:00");
    }

    [TestMethod]
    public void A_sweep_that_ends_before_any_trial_has_begun_returns_a_study_without_trials_or_throws()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        var ends = new[]
        {
            (new SweepOptions { CancellationToken = source.Token, Cancellation = CancellationMode.ReturnBest },
                "The sweep was cancelled before a trial had begun."),
            (new SweepOptions { TimeLimit = TimeSpan.FromTicks(1) }, "The sweep reached its time limit of"),
        };
        foreach (var (options, note) in ends)
            foreach (var journal in new[] { null, Journal })
            {
                var study = Sweep(options with { Journal = journal });
                Assert.IsEmpty(study.Trials);
                StringAssert.StartsWith(study.Notes.Single(), note);
                StringAssert.Contains(
                    Assert.ThrowsExactly<InvalidOperationException>(() => study.Best).Message, "no trial has ended");
            }

        Assert.ThrowsExactly<OperationCanceledException>(() => Sweep(new() { CancellationToken = source.Token }));
        // While it waits for another that has the journal.
        using var other = SweepJournal.Open(Journal, JournalInUse.Refuse, _ => { }, null, CancellationToken.None);
        Assert.IsEmpty(Sweep(ends[0].Item1 with { Journal = Journal }).Trials);
    }

    [TestMethod]
    public void A_journal_whose_trials_are_all_under_way_says_so()
    {
        using var source = new CancellationTokenSource();
        var study = Sweep(new()
        {
            Strategy = SweepStrategy.Random(3),
            CancellationToken = source.Token,
            Cancellation = CancellationMode.ReturnBest,
            Journal = Journal,
            Progress = new SweepTests.Counter(source.Cancel),
        });
        Assert.AreEqual(3, study.Trials.Count);
        // They are there as the study in memory has them: the sweep ended after its first epoch, after which it keeps where they stand.
        var loaded = Study.Load(Journal);
        Assert.AreEqual(
            "3 trials had started and not ended: 0, 1, 2. Their scores are up to a second old. Run the same sweep with this journal to "
            + "continue them.", loaded.Notes.Single());
        CollectionAssert.AreEqual(
            study.Leaderboard.Select(trial => $"{trial}").ToArray(), loaded.Leaderboard.Select(trial => $"{trial}").ToArray());
        foreach (var (expected, trial) in study.Trials.Zip(loaded.Trials))
        {
            Assert.IsNotNull(trial.Score);
            Assert.AreEqual(expected.Score, trial.Score);
            Assert.AreEqual(expected.Options.ToJson(), trial.Options.ToJson());
            CollectionAssert.AreEqual(expected.Hyperparameters.ToArray(), trial.Hyperparameters.ToArray());
            CollectionAssert.AreEqual(expected.History.Epochs.ToArray(), trial.History.Epochs.ToArray());
        }

        loaded.SaveReport(Path.Combine(_folder.FullName, "report.html"));
        StringAssert.StartsWith(
            Assert.ThrowsExactly<InvalidOperationException>(() => loaded.BestModel).Message, "A study that was loaded has no model.");
        // The same sweep goes on from there.
        var epochs = 0;
        Sweep(new()
        {
            Strategy = SweepStrategy.Random(3),
            Journal = Journal,
            Progress = new SweepTests.Counter(() => epochs++),
        });
        Assert.AreEqual(3, epochs, "one of four had been kept");
    }

    [TestMethod]
    public void A_cross_validation_that_is_cut_gives_the_means_of_the_folds_that_all_trials_have()
    {
        var options = new SweepOptions { Strategy = SweepStrategy.Random(3), NumberOfFolds = 3, Journal = Journal };
        var whole = Sweep(options);
        var lines = File.ReadAllLines(Journal);
        Assert.HasCount(1 + 3 + 9, lines);
        // Cut behind the second trial of the second fold, and then by a token as the rows are read for the third one.
        File.WriteAllLines(Journal, lines[..(1 + 3 + 5)]);
        var loaded = Study.Load(Journal);
        StringAssert.Contains(loaded.Notes.Single(), "scores are means of 1 of 3 folds");
        using var source = new CancellationTokenSource();
        var cut = Sweep(
            options with { CancellationToken = source.Token, Cancellation = CancellationMode.ReturnBest },
            _mlContext.Data.LoadFromEnumerable(RowsCancelling(source)));
        StringAssert.Contains(cut.Notes[0], "scores are means of 1 of 3 folds");
        for (var trial = 0; trial < 3; trial++)
        {
            var first = whole.Trials[trial].FoldScores[0];
            Assert.AreEqual(first, cut.Trials[trial].Score);
            Assert.AreEqual(first, loaded.Trials[trial].Score);
            Assert.AreEqual(1, cut.Trials[trial].FoldScores.Count);
        }

        var again = Sweep(options);
        CollectionAssert.AreEqual(
            whole.Trials.Select(trial => Math.Round(trial.Score!.Value, 6)).ToArray(),
            again.Trials.Select(trial => Math.Round(trial.Score!.Value, 6)).ToArray());
        CollectionAssert.AreEqual(
            again.Trials.Select(trial => trial.Score).ToArray(), Study.Load(Journal).Trials.Select(trial => trial.Score).ToArray());
    }

    // Rows that are read five times: all of them, the first of each of three folds, and then those of the fold that is left.
    private static IEnumerable<TaskRow> RowsCancelling(CancellationTokenSource source)
    {
        var readings = 0;
        return Rows();

        IEnumerable<TaskRow> Rows()
        {
            if (++readings == 5) source.Cancel();
            foreach (var row in TaskCase.Points(120)) yield return row;
        }
    }

    private Study<TorchLinearRegressionTrainer.Options> Sweep(SweepOptions options, IDataView? rows = null) =>
        _mlContext.Regression.Trainers.Sweep(SweepTests.Rates(epochs: 4), rows ?? TaskCase.Rows(_mlContext, 120), options);
}
