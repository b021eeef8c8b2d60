using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Orleans;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Tests.Sweeps;
using Microsoft.ML.LrScheduling.Tests.Trainers;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Clusters;

/// <summary>Sweeps whose trials train in the silos of a cluster, which are in this process.</summary>
[TestClass]
public sealed class ClusterSweepTests : SiloTests
{
    [TestMethod]
    public void A_sweep_in_two_silos_is_that_of_one_process_bit_for_bit_and_leaves_nothing()
    {
        SweepOptions options = new() { Strategy = SweepStrategy.Random(10), TrialsTogether = 3 };
        var features = _mlContext.Transforms.NormalizeMeanVariance("Features");
        var expected = _mlContext.Regression.Trainers.Sweep(
            SweepTests.Rates(epochs: 4), TaskCase.Rows(_mlContext, 300), options, features: features);
        var reports = 0;
        var actual = _mlContext.Regression.Trainers.Sweep(
            SweepTests.Rates(epochs: 4), TaskCase.Rows(_mlContext, 300),
            options with { Workers = Workers, Journal = Journal, Progress = new SweepTests.Counter(() => reports++) }, features: features);
        AreSame(expected, actual);
        Assert.HasCount(1 + 10, File.ReadAllLines(Journal));
        Assert.AreEqual(4, reports, "one a batch");
        Assert.IsEmpty(actual.Notes);
        var rows = TaskCase.Rows(_mlContext, 20, seed: 6);
        Assert.AreEqual(
            _mlContext.Regression.Evaluate(expected.BestModel.Transform(rows), "Number").MeanSquaredError,
            _mlContext.Regression.Evaluate(actual.BestModel.Transform(rows), "Number").MeanSquaredError);
        Assert.IsEmpty(Directory.GetFiles(Path.Combine(_folder.FullName, "rows")));
        Assert.AreEqual(0, Storage.Count("bytes") + Storage.Count("ledger"));
    }

    [TestMethod]
    public void All_kinds_of_trainers_train_in_silos()
    {
        SweepOptions options = new() { Strategy = SweepStrategy.Grid(2), Workers = Workers };
        var rows = TaskCase.Rows(_mlContext, 100);
        var binary = SweepSpace.Of(draw => new TorchLogisticRegressionTrainer.Options
        {
            LabelColumnName = "Truth",
            NumberOfEpochs = 2,
            LearningRate = draw.LogRange("rate", 0.01, 0.1),
        });
        AreSame(
            _mlContext.BinaryClassification.Trainers.Sweep(binary, rows, options with { Workers = null }),
            _mlContext.BinaryClassification.Trainers.Sweep(binary, rows, options));
        var multiclass = SweepSpace.Of(draw => new TorchMaximumEntropyTrainer.Options
        {
            LabelColumnName = "Class",
            NumberOfEpochs = 2,
            LearningRate = draw.LogRange("rate", 0.01, 0.1),
        });
        var keys = _mlContext.Transforms.Conversion.MapValueToKey("Class").Fit(rows).Transform(rows);
        // Rows with labels of their own to measure on.
        AreSame(
            _mlContext.MulticlassClassification.Trainers.Sweep(multiclass, keys, options with { Workers = null }, validationData: keys),
            _mlContext.MulticlassClassification.Trainers.Sweep(multiclass, keys, options, validationData: keys));
    }

    [TestMethod]
    public void A_trial_that_fails_fails_alone()
    {
        SweepOptions options = new() { Workers = Workers };
        var space = SweepSpace.Trials(
            new RegressionLoss[] { RegressionLoss.Squared(), RegressionLoss.Poisson(), RegressionLoss.Absolute() }.Select(
            loss => new TorchLinearRegressionTrainer.Options
            {
                LabelColumnName = "Number",
                NumberOfEpochs = 2,
                LearningRate = 0.01,
                Loss = loss,
            }));
        var study = _mlContext.Regression.Trainers.Sweep(space, TaskCase.Rows(_mlContext, 100), options);
        StringAssert.StartsWith(study.Trials[1].Failure, "It cannot be trained: ");
        Assert.IsNull(study.Trials[0].Failure);
        Assert.IsNull(study.Trials[2].Failure);
    }

    [TestMethod]
    public void Functions_that_cannot_travel_are_refused_with_a_way_out()
    {
        SweepOptions options = new() { Strategy = SweepStrategy.Random(2), Workers = Workers };
        var delegates = SweepSpace.Of(draw => SweepTests.RateOf(draw, epochs: 2, LrSchedule.LambdaLR(epoch => 1 / (1.0 + epoch))));
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => _mlContext.Regression.Trainers.Sweep(
            delegates, TaskCase.Rows(_mlContext, 100), options));
        StringAssert.Contains(error.Message, "Write the function as an expression");
        var expressions = SweepSpace.Of(draw => SweepTests.RateOf(draw, epochs: 2, LrSchedule.LambdaLR("1 / (1 + epoch)")));
        AreSame(
            _mlContext.Regression.Trainers.Sweep(expressions, TaskCase.Rows(_mlContext, 100), options with { Workers = null }),
            _mlContext.Regression.Trainers.Sweep(expressions, TaskCase.Rows(_mlContext, 100), options));
    }

    [TestMethod]
    public void Workers_whose_rows_differ_take_nothing_and_the_sweep_says_so()
    {
        // The files stay when a sweep is cut.
        Cut(new SweepOptions { Strategy = SweepStrategy.Random(4), TrialsTogether = 1, Workers = Workers });
        var path = Directory.GetFiles(Path.Combine(_folder.FullName, "rows"), "*.training.idv").Single();
        File.Delete(path);
        using (var file = File.Create(path)) _mlContext.Data.SaveAsBinary(TaskCase.Rows(_mlContext, 300, seed: 6), file);
        // Workers keep the rows that they read last: those of another study come between.
        Sweep(new SweepOptions
        {
            Strategy = SweepStrategy.Random(8),
            TrialsTogether = 1,
            Workers = new OrleansWorkers(Cluster.Client) { Study = "between", Folder = _folder.FullName },
        });
        var error = Assert.ThrowsExactly<InvalidOperationException>(
            () => Sweep(new SweepOptions { Strategy = SweepStrategy.Random(8), Seed = 2, TrialsTogether = 1, Workers = Workers }));
        StringAssert.Contains(error.Message, "No worker can train the trials.");
        StringAssert.Contains(error.Message, $"Its rows in {path} differ");
    }

    [TestMethod]
    public void A_sweep_that_was_cut_goes_on_from_its_journal_and_the_study_and_trains_nothing_twice()
    {
        SweepOptions options = new() { Strategy = SweepStrategy.Random(12), TrialsTogether = 2 };
        var expected = Sweep(options);
        options = options with { Workers = Workers, Journal = Journal };
        Cut(options);
        // As if it had been killed while it wrote the results of a batch.
        var lines = File.ReadAllLines(Journal);
        Assert.IsInRange(1 + 2, 1 + 11, lines.Length);
        File.WriteAllLines(Journal, lines[..^1]);
        AreSame(expected, Sweep(options));
        Assert.HasCount(1 + 12, File.ReadAllLines(Journal));
        Assert.IsTrue(Array.TrueForAll(ResultWrites(), count => count == 1), "a batch was trained twice");
        Assert.HasCount(6, ResultWrites());
    }

    [TestMethod]
    public async Task Two_sweeps_of_one_name_share_one_training()
    {
        SweepOptions options = new() { Strategy = SweepStrategy.Random(12), TrialsTogether = 2 };
        var expected = Sweep(options);
        // Each has an environment of its own, as another process would.
        var both = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => new MLContext(seed: 1).Regression.Trainers.Sweep(
            SweepTests.Rates(epochs: 40), TaskCase.Rows(new MLContext(seed: 1), 300), options with { Workers = Workers }))));
        foreach (var study in both) AreSame(expected, study);
        Assert.HasCount(6, ResultWrites());
        Assert.IsTrue(Array.TrueForAll(ResultWrites(), count => count == 1), "a batch was trained twice");
    }

    [TestMethod]
    public void A_study_of_other_rows_is_refused()
    {
        Cut(new SweepOptions { Strategy = SweepStrategy.Random(4), TrialsTogether = 1, Workers = Workers });
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => _mlContext.Regression.Trainers.Sweep(
            SweepTests.Rates(epochs: 2), TaskCase.Rows(_mlContext, 301), new SweepOptions { Workers = Workers }));
        StringAssert.Contains(error.Message, "Choose another name.");
    }

    [TestMethod]
    public void A_silo_that_is_killed_loses_nothing_and_doubles_nothing()
    {
        SweepOptions options = new() { Strategy = SweepStrategy.Random(8), TrialsTogether = 2 };
        var expected = Sweep(options, epochs: 600);
        var silo = Cluster.Silos[1];
        var victim = silo.SiloAddress.ToParsableString();
        Task? kill = null;
        Storage.Written = state =>
        {
            // While it trains; on a busy machine it may come to its end before.
            if (state is StudyLedger ledger && ledger.Leased.Any(leased => leased.Part.Worker == victim))
                kill ??= Task.Run(() => Cluster.KillSiloAsync(silo));
        };
        var actual = Sweep(options with { Workers = Workers, Journal = Journal }, epochs: 600);
        Storage.Written = null;
        kill!.GetAwaiter().GetResult();
        AreSame(expected, actual);
        var told = File.ReadAllLines(Journal).Skip(1).Select(line => line.Split("\"trial\":")[1].Split(',')[0]).ToArray();
        Assert.HasCount(8, told);
        Assert.HasCount(8, told.Distinct());
        Cluster.StartAdditionalSiloAsync().GetAwaiter().GetResult();
    }

    private int[] ResultWrites() =>
    [
        .. Storage.Writes.Where(write => write.Key.Contains($"/{TestContext.TestName}/", StringComparison.Ordinal)
            && write.Key.Split('/')[^1].Contains('-', StringComparison.Ordinal)).Select(write => write.Value),
    ];

    private Study<TorchLinearRegressionTrainer.Options> Sweep(SweepOptions options, int epochs = 40) =>
        _mlContext.Regression.Trainers.Sweep(SweepTests.Rates(epochs), TaskCase.Rows(_mlContext, 300), options);

    private void Cut(SweepOptions options)
    {
        using var source = new CancellationTokenSource();
        Assert.ThrowsExactly<OperationCanceledException>(() => Sweep(
            options with { CancellationToken = source.Token, Progress = new SweepTests.Counter(source.Cancel) }));
    }

    internal static void AreSame<TOptions>(Study<TOptions> expected, Study<TOptions> actual) where TOptions : LinearTrainerOptions
    {
        Assert.AreEqual(expected.Trials.Count, actual.Trials.Count);
        foreach (var (one, other) in expected.Trials.Zip(actual.Trials))
        {
            Assert.AreEqual(one.Score, other.Score);
            CollectionAssert.AreEqual(one.Weights!.Weights, other.Weights!.Weights);
            CollectionAssert.AreEqual(one.Weights.Biases, other.Weights.Biases);
            Assert.AreEqual(Timeless(one.History), Timeless(other.History));
        }
    }

    /// <summary>A history without what differs from run to run.</summary>
    internal static TrainingHistory Timeless(TrainingHistory history) =>
        history with { Epochs = [.. history.Epochs.Select(epoch => epoch with { Duration = TimeSpan.Zero })] };
}
