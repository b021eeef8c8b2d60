using System.Text.RegularExpressions;
using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Trainers;

/// <summary>The rate, the schedule and the epochs that follow from the rows.</summary>
[TestClass]
public sealed class AutomaticRateTests
{
    [TestMethod]
    public void The_rate_of_SGD_is_one_over_the_largest_curvature()
    {
        // Of (±2, 0) and (0, ±1) the mean of x·xᵀ is diag(2, ½), and 1 for the bias; the longest row with its 1 has ‖x‖² = 5.
        var builder = new TrainingSetBuilder(2, hasWeights: false);
        foreach (var row in new float[][] { [2, 0], [-2, 0], [0, 1], [0, -1] }) builder.Add(row, [], 0, 1);
        var rows = builder.Build("training");
        foreach (var batchSize in new[] { 1, 4, 32 })
        {
            // The second derivative of (s − y)² is 2.
            var curvature = 2 * (2 * (1 - 1.0 / batchSize) + 5.0 / batchSize);
            var found = new RowCurvature(rows, Of(RegressionLoss.Squared()));
            Assert.AreEqual(1 / curvature, found.RateFor(Optimizer.Sgd(), batchSize), 1e-6);
            Assert.AreEqual(0.1 / curvature, found.RateFor(Optimizer.Sgd(momentum: 0.9), batchSize), 1e-6);
            Assert.AreEqual(0.01, found.RateFor(Optimizer.Adam(), batchSize));
            Assert.AreEqual(0.1, found.RateFor(Optimizer.Adagrad(), batchSize));
        }

        Assert.AreEqual(0.25 * 5, new RowCurvature(rows, Of(BinaryLoss.Logistic())).Of(1), 1e-6);
        Assert.AreEqual(0.5 * 5, new RowCurvature(rows, Of(MulticlassLoss.CrossEntropy())).Of(1), 1e-6);
    }

    [TestMethod]
    public void Sparse_rows_have_the_curvature_of_dense_ones()
    {
        var random = new Random(1);
        var (dense, sparse) = (new TrainingSetBuilder(1000, hasWeights: true), new TrainingSetBuilder(1000, hasWeights: true));
        for (var row = 0; row < 1500; row++)
        {
            int[] indices = [.. Enumerable.Range(0, 5).Select(_ => random.Next(1000)).Distinct().Order()];
            float[] values = [.. indices.Select(_ => (float)random.NextDouble())];
            var all = new float[1000];
            for (var i = 0; i < indices.Length; i++) all[indices[i]] = values[i];
            var weight = 1 + row % 3;
            dense.Add(all, [], row % 2, weight);
            sparse.Add(values, indices, row % 2, weight);
        }

        var (ofDense, ofSparse) = (dense.Build("training"), sparse.Build("training"));
        Assert.IsTrue(ofSparse.IsSparse && !ofDense.IsSparse);
        // Two sums of the same numbers in another order, thirty times.
        var expected = new RowCurvature(ofDense, Of(BinaryLoss.Logistic())).Of(32);
        Assert.AreEqual(expected, new RowCurvature(ofSparse, Of(BinaryLoss.Logistic())).Of(32), 1e-3 * expected);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Its_eigenvalue_is_that_of_the_mean_of_weighted_rows_with_a_one_for_the_bias(bool sparse)
    {
        // Rows come in pairs of the same, so that it does not matter which of each two of 4,000 is sampled. The last pair is long.
        var random = new Random(3);
        (float X, float Weight)[] pairs = [.. Enumerable.Range(0, 2000).Select(
            i => (i == 1999 ? 90 : 1 + (float)random.NextDouble(), i % 2 == 0 ? 1.5f : 0.5f))];
        var builder = new TrainingSetBuilder(sparse ? 200 : 2, hasWeights: true);
        // Two features, the second twice the first: x·xᵀ and a 1 are a matrix of two rows, with x² = (1 + 2²)·X².
        int[] indices = sparse ? [17, 150] : [];
        foreach (var (x, weight) in pairs)
            for (var copy = 0; copy < 2; copy++) builder.Add([x, 2 * x], indices, label: 0, weight);
        var rows = builder.Build("training");
        Assert.AreEqual(sparse, rows.IsSparse);
        var (ofX, ofBias) = (pairs.Average(p => 5.0 * p.X * p.X * p.Weight), pairs.Average(p => (double)p.Weight));
        var mixed = pairs.Average(p => Math.Sqrt(5) * p.X * p.Weight);
        var eigenvalue = (ofX + ofBias) / 2 + Math.Sqrt((ofX - ofBias) * (ofX - ofBias) / 4 + mixed * mixed);
        var longest = 0.5 * (1 + 5 * 90 * 90);
        Assert.AreEqual(eigenvalue, 2 * new RowCurvature(rows, lossCurvature: 1).Of(2) - longest, 1e-3 * eigenvalue);
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(4095)]
    [DataRow(4096)]
    [DataRow(8191)]
    [DataRow(8192)]
    [DataRow(9000)]
    public void The_longest_row_counts_wherever_it_stands(int longest)
    {
        var builder = new TrainingSetBuilder(1, hasWeights: false);
        for (var i = 0; i <= 9000; i++) builder.Add([i == longest ? 7 : 1], [], label: 0, weight: 1);
        Assert.AreEqual(3 * (1 + 7 * 7), new RowCurvature(builder.Build("training"), lossCurvature: 3).Of(1), 1e-9);
    }

    [TestMethod]
    public void Of_a_sample_that_weighs_nothing_the_longest_row_is_left()
    {
        // One row of two of each stretch is sampled: of one of these two sets it is not the one that weighs.
        double[] curvatures = [.. Enumerable.Range(0, 2).Select(first =>
        {
            var builder = new TrainingSetBuilder(1, hasWeights: true);
            for (var i = 0; i < 4000; i++) builder.Add([1], [], label: 0, weight: i == first ? 1 : 0);
            return new RowCurvature(builder.Build("training"), lossCurvature: 1).Of(2);
        })];
        // 4,000 is the weight of the only row where weights have a mean of 1; half of 4,000 · (1 + 1) is of the longest row. The mean of
        // x·xᵀ in a sample of 2,000 with it has an eigenvalue of (1 + 1) · 4,000 / 2,000, of which a half counts too.
        CollectionAssert.AreEquivalent(new[] { 4000.0, 4002.0 }, curvatures.Select(c => Math.Round(c, 3)).ToArray());
    }

    [TestMethod]
    [DataRow(0.0, 0.0)]
    [DataRow(0.9, 0.0)]
    [DataRow(0.9, 0.6)]
    public void Penalties_bend_the_loss_and_momentum_adds_steps_up(double momentum, double dampening)
    {
        var builder = new TrainingSetBuilder(1, hasWeights: false);
        for (var i = 0; i < 10; i++) builder.Add([2], [], label: 0, weight: 1);
        var optimizer = Optimizer.Sgd(momentum: momentum, dampening: dampening, weightDecay: 3);
        // Of one row that is repeated L is h · (1 + x²). A gradient adds up to (1 − dampening) / (1 − momentum) of itself.
        Assert.AreEqual(
            (1 - momentum) / (1 - dampening) / (0.5 * (1 + 4) + 0.7 + 3),
            new RowCurvature(builder.Build("training"), lossCurvature: 0.5).RateFor(optimizer, batchSize: 4, l2: 0.7), 1e-6);
    }

    [TestMethod]
    public void The_rate_falls_to_zero_over_the_run()
    {
        var history = Fit(new() { NumberOfEpochs = 4, BatchSize = 50, LearningRate = 0.1 }).History;
        // 200 rows are 4 minibatches an epoch, 16 in all.
        for (var epoch = 0; epoch < 4; epoch++)
            Assert.AreEqual(0.1 * (1 - (4 * epoch + 3) / 16.0), history.Epochs[epoch].LearningRates[0], 1e-15);
        // A line of a schedule's own keeps all of them.
        var line = LrSchedule.PolynomialLR(totalIters: 16) with { Interval = ScheduleInterval.Batch };
        var given = Fit(new() { NumberOfEpochs = 4, BatchSize = 50, LearningRate = 0.1, LearningRateSchedule = line }).History;
        CollectionAssert.AreEqual(
            history.Epochs.Select(epoch => epoch.TrainingLoss).ToArray(), given.Epochs.Select(epoch => epoch.TrainingLoss).ToArray());
        Assert.AreEqual(16 * 2, given.Epochs.Sum(epoch => epoch.BatchLearningRates.Count));
        Assert.IsTrue(history.Epochs.All(epoch => epoch.BatchLearningRates is []));
    }

    [TestMethod]
    // 20,000 steps, in 20 to 1,000 epochs; of more than 100,000 steps as many epochs as those, at least 2.
    [DataRow(1, 1000)]
    [DataRow(25, 801)]
    [DataRow(1_000, 21)]
    [DataRow(5_001, 19)]
    [DataRow(20_000, 5)]
    [DataRow(1_000_000, 2)]
    public void Epochs_follow_from_the_steps_of_one(int stepsPerEpoch, int epochs)
    {
        Assert.AreEqual(epochs, new TorchLinearRegressionTrainer.Options().EpochsFor(stepsPerEpoch));
        Assert.AreEqual(7, new TorchLinearRegressionTrainer.Options { NumberOfEpochs = 7 }.EpochsFor(stepsPerEpoch));
    }

    [TestMethod]
    public void The_log_tells_the_rate_that_follows_from_the_rows()
    {
        var (history, log) = Fit(new() { NumberOfEpochs = 2, LearningRateSchedule = LrSchedule.ConstantLR(factor: 1) });
        var rate = history.Epochs[0].LearningRates[0];
        CollectionAssert.Contains(
            log, FormattableString.Invariant($"2 epochs, with a learning rate of {rate:G3} that follows from the rows."));
        Assert.IsFalse(Fit(new() { NumberOfEpochs = 2, LearningRate = 0.1 }).Log.Any(line => line.Contains("follows from the rows")));
    }

    [TestMethod]
    public void The_log_and_the_advice_name_the_setting_that_sets_the_rates_where_LearningRate_has_no_effect()
    {
        var cycle = LrSchedule.OneCycleLR(maxLr: 0.1, cycleMomentum: false);
        var swing = LrSchedule.CyclicLR(baseLr: 0.01, maxLr: 0.1, stepSizeUp: 2, cycleMomentum: false);
        foreach (var (schedule, setting) in new (LrSchedule, string?)[]
        {
            (cycle, "maxLr of OneCycleLR"),
            (swing, "maxLr of CyclicLR"),
            (cycle.WithFloor(1e-3), "maxLr of OneCycleLR"),
            (LrSchedule.SequentialLR([swing, cycle], [1]), "maxLr of CyclicLR and maxLr of OneCycleLR"),
            (LrSchedule.SequentialLR([cycle, LrSchedule.SWALR(0.01)], [1]), "maxLr of OneCycleLR"),
            (LrSchedule.SWALR(0.01, annealEpochs: 0), "swaLr of SWALR"),
            // A warmup and a later part begin with the initial rate.
            (cycle.WithWarmup(1), null),
            (LrSchedule.SequentialLR([cycle, LrSchedule.StepLR(1)], [1]), null),
            (LrSchedule.SWALR(0.01), null),
            (LrSchedule.StepLR(1), null),
        })
        {
            var (history, log) = Fit(new() { NumberOfEpochs = 2, LearningRateSchedule = schedule });
            var other = Fit(new() { NumberOfEpochs = 2, LearningRateSchedule = schedule, LearningRate = 0.037 }).History;
            Assert.AreEqual(setting is not null, history.Epochs[^1].TrainingLoss == other.Epochs[^1].TrainingLoss, $"{schedule}");
            Assert.AreEqual(setting is null, log.Any(line => line.Contains("follows from the rows")), $"{schedule}");
            if (setting is not null)
                CollectionAssert.Contains(log, $"2 epochs, with the learning rates of {setting}. LearningRate has no effect on them.");
        }

        // It does not begin again with a tenth of a rate that is not used.
        var exploding = Exploding();
        exploding.LearningRateSchedule = LrSchedule.OneCycleLR(maxLr: 1e6, cycleMomentum: false);
        var error = Assert.ThrowsExactly<TrainingDivergedException>(() => Fit(exploding));
        StringAssert.Contains(error.Message, "ower maxLr of OneCycleLR, ");
        Assert.IsFalse(error.Message.Contains("LearningRate", StringComparison.Ordinal), error.Message);
    }

    [TestMethod]
    public void A_loss_that_still_falls_at_the_end_is_told_of()
    {
        Assert.IsTrue(Fit(new() { NumberOfEpochs = 2, LearningRate = 1e-3 }).Log.Any(line => line.Contains("was still falling by")));
        Assert.IsFalse(Fit(new()).Log.Any(line => line.Contains("still falling")));
    }

    [TestMethod]
    public void Training_that_diverges_with_such_a_rate_begins_again_with_a_tenth()
    {
        var folder = Directory.CreateTempSubdirectory("lrscheduling-again-");
        try
        {
            var options = Exploding();
            options.Checkpoints = new Checkpoints { Folder = folder.FullName };
            var (history, log) = Fit(options);
            Assert.AreEqual(StopReason.Completed, history.StopReason);
            Assert.IsGreaterThan(0, log.Count(line => line.Contains("It begins again with a tenth of it.")));
            // What it is without a folder, and once it has ended.
            Assert.AreEqual(history.Epochs[^1].TrainingLoss, Fit(Exploding()).History.Epochs[^1].TrainingLoss);
            Assert.AreEqual(history.Epochs[^1].TrainingLoss, Fit(options).History.Epochs[^1].TrainingLoss);

            // A rate of the user's is used as it is.
            var given = Exploding();
            given.LearningRate = 100;
            Assert.ThrowsExactly<TrainingDivergedException>(() => Fit(given));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [TestMethod]
    public void Training_that_begins_again_often_warns_of_the_first_time_and_of_the_outcome()
    {
        var mlContext = new MLContext(seed: 1);
        var warnings = new List<string>();
        mlContext.Log += (_, e) =>
        {
            if (e.Kind == Runtime.ChannelMessageKind.Warning) warnings.Add(e.RawMessage);
        };
        var history = mlContext.Regression.Trainers.TorchLinearRegression(Exploding()).Fit(Rows()).History;
        Assert.HasCount(2, warnings);
        StringAssert.Contains(warnings[0], "It begins again with a tenth of it.");
        // 500 times the rate is too much, and so is 50 times.
        var rate = FormattableString.Invariant($"{history.Epochs[0].LearningRates[0]:G3}");
        StringAssert.Matches(
            warnings[1], new($"^Training began again [23] times. The learning rate of its first epoch is now {Regex.Escape(rate)}.$"));
    }

    [TestMethod]
    [DataRow(3)]
    [DataRow(4)]
    [DataRow(5)]
    public void Training_that_begins_again_goes_on_from_its_checkpoints(int cancelledAt)
    {
        // Each attempt diverges in its third epoch but for the last.
        static TorchLinearRegressionTrainer.Options Options() =>
            new() { LearningRateSchedule = LrSchedule.LambdaLR("1000 ** (epoch // 2)"), NumberOfEpochs = 4, Seed = 1 };
        var expected = Fit(Options()).History;
        var folder = Directory.CreateTempSubdirectory("lrscheduling-again-");
        try
        {
            using var cancellation = new CancellationTokenSource();
            var reports = 0;
            var interrupted = Options();
            interrupted.Checkpoints = new Checkpoints { Folder = folder.FullName };
            interrupted.CancellationToken = cancellation.Token;
            interrupted.Progress = new Callback(() =>
            {
                if (++reports == cancelledAt) cancellation.Cancel();
            });
            Assert.ThrowsExactly<OperationCanceledException>(() => Fit(interrupted));
            var resumed = Options();
            resumed.Checkpoints = interrupted.Checkpoints;
            CollectionAssert.AreEqual(
                expected.Epochs.Select(epoch => epoch.TrainingLoss).ToArray(),
                Fit(resumed).History.Epochs.Select(epoch => epoch.TrainingLoss).ToArray());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [TestMethod]
    public void A_penalty_lowers_the_rate()
    {
        var (_, log) = Fit(new() { L2Regularization = 1e4, NumberOfEpochs = 3 });
        Assert.IsFalse(log.Any(line => line.Contains("begins again")));
    }

    [TestMethod]
    public void As_many_epochs_as_there_may_be_can_be_asked_for()
    {
        var options = new TorchLinearRegressionTrainer.Options
        {
            NumberOfEpochs = int.MaxValue,
            ValidationFraction = 0.2,
            EarlyStopping = new EarlyStopping { Patience = 2 },
        };
        Assert.AreEqual(StopReason.EarlyStopped, Fit(options).History.StopReason);
    }

    [TestMethod]
    public void A_trial_that_diverges_with_such_a_rate_begins_again_too()
    {
        var mlContext = new MLContext(seed: 1);
        var given = Exploding();
        given.LearningRate = 100;
        var study = mlContext.Regression.Trainers.Sweep(SweepSpace.Trials([Exploding(), given]), Rows(), new SweepOptions());
        CollectionAssert.AreEqual(
            new[] { StopReason.Completed, StopReason.Diverged }, study.Trials.Select(trial => trial.History.StopReason).ToArray());
        Assert.AreEqual(Fit(Exploding()).History.Epochs[^1].TrainingLoss, study.Trials[0].History.Epochs[^1].TrainingLoss, 1e-3);
    }

    private static double Of(Loss loss) => loss.Curvature([0, 1], []);

    /// <summary>A schedule that makes of a good rate one that is too high, and of a thousandth of it a good one.</summary>
    private static TorchLinearRegressionTrainer.Options Exploding() =>
        new() { LearningRateSchedule = LrSchedule.LambdaLR("500"), NumberOfEpochs = 5, Seed = 1 };

    private static (TrainingHistory History, List<string> Log) Fit(TorchLinearRegressionTrainer.Options options)
    {
        var mlContext = new MLContext(seed: 1);
        var log = new List<string>();
        mlContext.Log += (_, e) => log.Add(e.RawMessage);
        return (mlContext.Regression.Trainers.TorchLinearRegression(options).Fit(Rows()).History, log);
    }

    private static IDataView Rows() => new MLContext(seed: 1).Data.LoadFromEnumerable(Enumerable.Range(0, 200)
        .Select(i => new Row { Features = [i % 7, i % 3], Label = i % 7 - 2 * (i % 3) + 0.1f * (i % 11) }).ToArray());

    [TestMethod]
    [DataRow(100)]
    [DataRow(150)]
    [DataRow(2000)]
    public void A_year_beside_many_categories_is_learned(int cities)
    {
        // From 128 features on rows are kept sparse. The year is in each of them, far from zero for its deviation.
        var mlContext = new MLContext(seed: 1);
        var random = new Random(1);
        var rows = Enumerable.Range(0, 3000).Select(_ => 1990 + random.Next(30)).Select(year => new House
        {
            City = $"c{random.Next(cities)}",
            Year = year,
            Label = 3000 * (year - 1990) + random.Next(5000),
        }).ToArray();
        var data = mlContext.Data.LoadFromEnumerable(rows);
        var features = mlContext.Transforms.Categorical.OneHotEncoding("Cities", "City")
            .Append(mlContext.Transforms.Concatenate("Features", "Cities", "Year"));
        var model = features.Append(mlContext.Regression.Trainers.TorchLinearRegression()).Fit(data);
        Assert.IsGreaterThan(0.99, mlContext.Regression.Evaluate(model.Transform(data)).RSquared);
    }

    private sealed class House
    {
        public string City { get; set; } = "";

        public float Year { get; set; }

        public float Label { get; set; }
    }

    private sealed class Callback(Action action) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => action();
    }

    private sealed class Row
    {
        public float Label { get; set; }

        [VectorType(2)]
        public float[] Features { get; set; } = [];
    }
}
