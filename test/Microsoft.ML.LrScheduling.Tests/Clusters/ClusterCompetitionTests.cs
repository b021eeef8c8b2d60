using Microsoft.ML.LrScheduling.Orleans;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Tests.Sweeps;
using Microsoft.ML.LrScheduling.Tests.Trainers;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Clusters;

/// <summary>Sweeps in the silos of a cluster whose trials are left by their scores, or measured fold by fold.</summary>
[TestClass]
public sealed class ClusterCompetitionTests : SiloTests
{
    [TestMethod]
    public void Halving_in_silos_leaves_the_worst_and_comes_to_the_bits_of_one_process()
    {
        SweepOptions options = new() { Strategy = SweepStrategy.SuccessiveHalving(40, reduction: 3), TrialsTogether = 4, Seed = 2 };
        var expected = Sweep(options, epochs: 20);
        var actual = Sweep(options with { Workers = Workers, Journal = Journal }, epochs: 20);
        AreSameAsFarAsBothTrained(expected, actual);
        IsHalved(actual.Trials, reduction: 3, rungs: [1, 3, 9]);
        Assert.HasCount(1 + 40, File.ReadAllLines(Journal));
        // What is written where trials stand is gone with all else.
        Assert.IsTrue(Storage.Writes.Keys.Any(key => key.Contains($"/{TestContext.TestName}/", StringComparison.Ordinal)
            && key.Contains("/state", StringComparison.Ordinal)));
        Assert.AreEqual(0, Storage.Count("bytes") + Storage.Count("ledger"));
        // All is in the journal, which needs no cluster.
        ClusterSweepTests.AreSame(actual, Sweep(options with { Journal = Journal }, epochs: 20));
    }

    [TestMethod]
    public void Where_one_batch_trains_at_a_time_halving_is_that_of_one_process()
    {
        SweepOptions options = new() { Strategy = SweepStrategy.SuccessiveHalving(20, reduction: 2), Seed = 2 };
        ClusterSweepTests.AreSame(
            Sweep(options, epochs: 10),
            Sweep(options with { Workers = new OrleansWorkers(Cluster.Client) { Folder = _folder.FullName, BatchesAtOnce = 1 } }, 10));
    }

    [TestMethod]
    public void Hyperbands_brackets_train_in_silos()
    {
        SweepOptions options = new() { Strategy = SweepStrategy.Hyperband(9), TrialsTogether = 2, Seed = 2 };
        var expected = Sweep(options, epochs: 9);
        var actual = Sweep(options with { Workers = Workers }, epochs: 9);
        AreSameAsFarAsBothTrained(expected, actual);
        // Li et al. (2018): of R = 9 and η = 3 brackets of 9, 5 and 3 trials, which begin with 1, 3 and 9 epochs.
        Assert.HasCount(17, actual.Trials);
        IsHalved(actual.Trials.Take(9), reduction: 3, rungs: [1, 3]);
        IsHalved(actual.Trials.Skip(9).Take(5), reduction: 3, rungs: [3]);
        Assert.IsTrue(actual.Trials.Skip(14).All(trial => trial.History.StopReason == StopReason.Completed));
    }

    [TestMethod]
    public void A_sweep_that_was_cut_while_trials_stand_at_rungs_goes_on()
    {
        SweepOptions options = new() { Strategy = SweepStrategy.SuccessiveHalving(30, reduction: 2), TrialsTogether = 2, Seed = 2 };
        var expected = Sweep(options, epochs: 16);
        options = options with { Workers = Workers, Journal = Journal };
        using (var source = new CancellationTokenSource())
        {
            var progress = new Cutter(source);
            var cut = Sweep(
                options with { CancellationToken = source.Token, Cancellation = CancellationMode.ReturnBest, Progress = progress },
                epochs: 16);
            Assert.IsTrue(cut.Trials.Any(trial => trial.History is { StopReason: StopReason.Cancelled, Epochs.Count: > 0 }));
            foreach (var (trial, epochs) in progress.Epochs)
            {
                var listed = cut.Trials.Single(one => one.Number == trial);
                Assert.IsGreaterThanOrEqualTo(epochs, listed.EpochCount, "as it stood, also where it waits to go on");
                Assert.IsTrue(epochs == 0 || listed.Score is not null);
            }
        }

        var actual = Sweep(options, epochs: 16);
        AreSameAsFarAsBothTrained(expected, actual);
        IsHalved(actual.Trials, reduction: 2, rungs: [1, 2, 4, 8]);
        Assert.HasCount(1 + 30, File.ReadAllLines(Journal));
    }

    [TestMethod]
    public void A_sweep_that_is_cut_when_trials_are_about_to_go_up_returns_them_as_they_stood()
    {
        SweepOptions options = new() { Strategy = SweepStrategy.SuccessiveHalving(8, reduction: 2), Seed = 2 };
        var expected = Sweep(options, epochs: 4);
        options = options with
        {
            Workers = new OrleansWorkers(Cluster.Client) { Folder = _folder.FullName, BatchesAtOnce = 1 },
            Journal = Journal,
        };
        using (var source = new CancellationTokenSource())
        {
            // All trials are in one batch, so this report is its last, and what the sweep does next is to begin the second leg.
            var progress = new CutterAtRung(source, trials: 8);
            var cut = Sweep(
                options with { CancellationToken = source.Token, Cancellation = CancellationMode.ReturnBest, Progress = progress },
                epochs: 4);
            CollectionAssert.AreEqual(Enumerable.Range(0, 8).ToArray(), cut.Trials.Select(trial => trial.Number).Order().ToArray());
            Assert.IsTrue(cut.Trials.All(trial => trial is { EpochCount: 1, Score: not null }));
            // The better half goes up, and the other half has ended and is in the journal.
            Assert.AreEqual(4, cut.Trials.Count(trial => trial.History.StopReason == StopReason.Cancelled));
            Assert.AreEqual(4, cut.Trials.Count(trial => trial.History.StopReason == StopReason.Pruned));
            Assert.HasCount(1 + 4, File.ReadAllLines(Journal));
        }

        ClusterSweepTests.AreSame(expected, Sweep(options, epochs: 4));
        Assert.HasCount(1 + 8, File.ReadAllLines(Journal));
    }

    [TestMethod]
    public void A_silo_that_is_killed_while_it_trains_trials_of_a_higher_rung_loses_nothing()
    {
        SweepOptions options = new()
        {
            Strategy = SweepStrategy.SuccessiveHalving(16, reduction: 2, minimumEpochs: 60),
            TrialsTogether = 2,
            Seed = 2,
        };
        var expected = Sweep(options, epochs: 480);
        var silo = Cluster.Silos[1];
        var victim = silo.SiloAddress.ToParsableString();
        Task? kill = null;
        Storage.Written = state =>
        {
            if (state is StudyLedger ledger && ledger.Leased.Any(leased => leased.Batch.Rung > 0 && leased.Part.Worker == victim))
                kill ??= Task.Run(() => Cluster.KillSiloAsync(silo));
        };
        var actual = Sweep(options with { Workers = Workers, Journal = Journal }, epochs: 480);
        Storage.Written = null;
        kill!.GetAwaiter().GetResult();
        AreSameAsFarAsBothTrained(expected, actual);
        IsHalved(actual.Trials, reduction: 2, rungs: [60, 120, 240]);
        Assert.HasCount(1 + 16, File.ReadAllLines(Journal));
        Cluster.StartAdditionalSiloAsync().GetAwaiter().GetResult();
    }

    [TestMethod]
    public void Folds_are_measured_in_silos_bit_for_bit()
    {
        var space = SweepSpace.Of(draw => new TorchLinearRegressionTrainer.Options
        {
            LabelColumnName = "Number",
            LearningRate = draw.LogRange("rate", 1e-3, 0.3),
            NumberOfEpochs = 4,
            BatchSize = draw.Choice("batch", 16, 20),
            Seed = 1,
        });
        var rows = TaskCase.Rows(_mlContext, 240);
        SweepOptions options = new() { Strategy = SweepStrategy.Random(7), NumberOfFolds = 3, Seed = 4, TrialsTogether = 2 };
        var features = _mlContext.Transforms.NormalizeMeanVariance("Features");
        AreMeasuredTheSame(options, features);
        IsNothingLeft();
        AreMeasuredTheSame(options with { NumberOfFolds = 2, SamplingKeyColumnName = "Number", Metric = Metric.RSquared }, null);

        void AreMeasuredTheSame(SweepOptions folded, IEstimator<ITransformer>? features)
        {
            var expected = _mlContext.Regression.Trainers.Sweep(space, rows, folded, features: features);
            var actual = _mlContext.Regression.Trainers.Sweep(
                space, rows, folded with { Workers = Workers, Journal = Journal }, features: features);
            ClusterSweepTests.AreSame(expected, actual);
            foreach (var (one, other) in expected.Trials.Zip(actual.Trials))
            {
                Assert.HasCount(folded.NumberOfFolds!.Value, one.FoldScores);
                Assert.AreEqual(one.FoldScores, other.FoldScores);
            }

            var told = File.ReadAllLines(Journal).Count(line => line.Contains("\"event\":\"fold\"", StringComparison.Ordinal));
            Assert.AreEqual(7 * folded.NumberOfFolds, told);
            File.Delete(Journal);
        }

        void IsNothingLeft()
        {
            Assert.IsEmpty(Directory.GetFiles(Path.Combine(_folder.FullName, "rows")));
            Assert.AreEqual(0, Storage.Count("bytes") + Storage.Count("ledger"));
        }
    }

    [TestMethod]
    public void Rows_of_which_a_part_is_empty_are_refused_before_silos_train() => StringAssert.Contains(
        Assert.ThrowsExactly<InvalidOperationException>(() => _mlContext.Regression.Trainers.Sweep(
            SweepTests.Rates(epochs: 2), TaskCase.Rows(_mlContext, 50),
            new SweepOptions { Strategy = SweepStrategy.Grid(1), NumberOfFolds = 500, Workers = Workers })).Message,
        "NumberOfFolds must leave each fold a row. Received: 500");

    private static void AreSameAsFarAsBothTrained<TOptions>(Study<TOptions> expected, Study<TOptions> actual)
        where TOptions : LinearTrainerOptions
    {
        Assert.AreEqual(expected.Trials.Count, actual.Trials.Count);
        foreach (var (one, other) in expected.Trials.Zip(actual.Trials))
        {
            var (own, others) = (ClusterSweepTests.Timeless(one.History).Epochs, ClusterSweepTests.Timeless(other.History).Epochs);
            var both = Math.Min(own.Count, others.Count);
            Assert.IsGreaterThan(0, both);
            CollectionAssert.AreEqual(own.Take(both).ToArray(), others.Take(both).ToArray(), $"{other}");
            if (own.Count != others.Count) continue;
            Assert.AreEqual(one.Score, other.Score);
            CollectionAssert.AreEqual(one.Weights!.Weights, other.Weights!.Weights, $"{other}");
            CollectionAssert.AreEqual(one.Weights.Biases, other.Weights.Biases, $"{other}");
        }
    }

    /// <summary>Of the n that came to a rung the best ⌈n / η⌉ went on; others did that went on before better ones came.</summary>
    private static void IsHalved<TOptions>(IEnumerable<StudyTrial<TOptions>> trials, int reduction, int[] rungs)
        where TOptions : LinearTrainerOptions
    {
        foreach (var rung in rungs)
        {
            var there = trials.Where(trial => trial.History.Epochs.Count >= rung)
                .OrderBy(trial => trial.History.Epochs[rung - 1][Metric.ValidationLoss]).ToArray();
            Assert.IsNotEmpty(there);
            foreach (var trial in there.Take((there.Length - 1) / reduction + 1))
                Assert.IsGreaterThan(rung, trial.History.Epochs.Count, $"{trial} is among the best of rung {rung}");
        }

        Assert.IsTrue(trials.All(trial => trial.History.StopReason == (rungs.Contains(trial.History.Epochs.Count)
            ? StopReason.Pruned : StopReason.Completed)));
    }

    /// <summary>Cancels at the sixth report, when some have gone up, and knows how far each had come.</summary>
    private sealed class Cutter(CancellationTokenSource source) : IProgress<SweepProgress>
    {
        private int _reports;

        public Dictionary<int, int> Epochs { get; } = [];

        public void Report(SweepProgress value)
        {
            foreach (var trial in value.Trials)
                Epochs[trial.Number] = Math.Max(trial.Epochs, Epochs.GetValueOrDefault(trial.Number));
            if (++_reports == 6) source.Cancel();
        }
    }

    /// <summary>Cancels at the report by which all trials have come to the first rung.</summary>
    private sealed class CutterAtRung(CancellationTokenSource source, int trials) : IProgress<SweepProgress>
    {
        public void Report(SweepProgress value)
        {
            if (value.Trials.Count(trial => trial.Epochs == 1) == trials) source.Cancel();
        }
    }

    private Study<TorchLinearRegressionTrainer.Options> Sweep(SweepOptions options, int epochs) =>
        _mlContext.Regression.Trainers.Sweep(SweepTests.Rates(epochs), TaskCase.Rows(_mlContext, 300), options);
}
