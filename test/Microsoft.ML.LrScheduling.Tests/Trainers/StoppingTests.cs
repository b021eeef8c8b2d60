using System.Reflection;
using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Trainers;

/// <summary>How training ends before its time.</summary>
[TestClass]
public sealed class StoppingTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    public static IEnumerable<object[]> Tasks => TaskCase.All;

    public static IEnumerable<object[]> TasksAndCancellers =>
        TaskCase.All.SelectMany(task => new[] { "token", "context" }.Select(canceller => new[] { task[0], canceller }));

    [TestMethod]
    [DynamicData(nameof(TasksAndCancellers))]
    public void Cancelling_throws_or_returns_the_best_model_so_far(TaskCase task, string canceller)
    {
        var mlContext = new MLContext(seed: 1);
        var validation = TaskCase.Rows(mlContext, 100, seed: 6);
        using var source = new CancellationTokenSource();
        var seen = new List<EpochRecord>();
        // A rate that grows, so that the best epoch is not the last one; cancelled once the loss has risen.
        void Configure(LinearTrainerOptions options)
        {
            (options.NumberOfEpochs, options.LearningRateSchedule, options.CancellationToken) =
                (1000, LrSchedule.ExponentialLR(1.2), source.Token);
            options.Progress = new Reporter(progress =>
            {
                seen.Add(progress.Epoch);
                if (seen.Count < 3 || !(seen[^1][Metric.ValidationLoss] > 1.05 * seen.Min(epoch => epoch[Metric.ValidationLoss]))) return;
                if (canceller == "token") source.Cancel();
                else typeof(MLContext)
                    .GetMethod("CancelExecution", BindingFlags.Instance | BindingFlags.NonPublic)!.Invoke(mlContext, null);
            });
        }

        var (_, weights, history) = task.Fit(mlContext, TaskCase.Rows(mlContext, 300), options =>
        {
            Configure(options);
            options.Cancellation = CancellationMode.ReturnBest;
        }, validation);
        Assert.AreEqual(StopReason.Cancelled, history.StopReason);
        Assert.AreEqual(seen.Count, history.Epochs.Count);
        var best = seen.MinBy(epoch => epoch[Metric.ValidationLoss])!.Epoch;
        Assert.AreEqual(best, history.BestEpoch);
        Assert.IsLessThan(seen.Count, best);
        var (_, expected, _) = task.Fit(_mlContext, TaskCase.Rows(_mlContext, 300), options =>
            (options.NumberOfEpochs, options.LearningRateSchedule) = (best, LrSchedule.ExponentialLR(1.2)), validation);
        CollectionAssert.AreEqual(expected, weights);

        // It stays cancelled, and what is to throw does so at once.
        seen.Clear();
        Assert.ThrowsExactly<OperationCanceledException>(() => task.Fit(mlContext, TaskCase.Rows(_mlContext, 300), Configure, validation));
        Assert.HasCount(0, seen);
    }

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void Cancelling_ends_training_within_the_minibatch(TaskCase task)
    {
        // The schedule is asked after each minibatch: it cancels in the tenth.
        using var source = new CancellationTokenSource();
        var steps = 0;
        var lambda = LrSchedule.LambdaLR(_ =>
        {
            if (++steps == 12) source.Cancel();
            return 1;
        });
        var schedule = lambda with { Interval = ScheduleInterval.Batch };
        Assert.ThrowsExactly<OperationCanceledException>(() => task.Fit(_mlContext, TaskCase.Rows(_mlContext, 1000), options =>
            (options.LearningRateSchedule, options.CancellationToken, options.BatchSize) = (schedule, source.Token, 10)));
        Assert.AreEqual(12, steps);
    }

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void What_cancels_and_throws_ends_training_as_what_cancels_does(TaskCase task)
    {
        var folder = Directory.CreateTempSubdirectory("lrscheduling-cancelled-");
        (float[] Weights, TrainingHistory History) Fit(string canceller, CancellationMode mode, bool checkpoints)
        {
            using var source = new CancellationTokenSource();
            double Cancel()
            {
                source.Cancel();
                throw new OperationCanceledException(source.Token);
            }

            var lambda = LrSchedule.LambdaLR(step => canceller switch
            {
                "epoch" when step == 2 => Cancel(),
                "minibatch" when step == 25 => Cancel(),
                _ => 1,
            });
            var (_, weights, history) = task.Fit(_mlContext, TaskCase.Rows(_mlContext, 100), options =>
            {
                (options.BatchSize, options.NumberOfEpochs, options.Cancellation) = (10, 4, mode);
                options.LearningRateSchedule = lambda with
                {
                    Interval = canceller == "minibatch" ? ScheduleInterval.Batch : ScheduleInterval.Epoch,
                };
                options.CancellationToken = source.Token;
                if (checkpoints) options.Checkpoints = new Checkpoints { Folder = folder.FullName };
                if (canceller == "progress")
                    options.Progress = new Reporter(progress =>
                    {
                        if (progress.Epoch.Epoch == 2) Cancel();
                    });
            });
            return (weights, history);
        }

        var (_, expected, _) = task.Fit(_mlContext, TaskCase.Rows(_mlContext, 100), options =>
        {
            (options.BatchSize, options.NumberOfEpochs) = (10, 2);
            options.LearningRateSchedule = LrSchedule.ConstantLR(factor: 1);
        });
        foreach (var canceller in new[] { "epoch", "minibatch", "progress" })
            foreach (var checkpoints in new[] { false, true })
            {
                var (weights, history) = Fit(canceller, CancellationMode.ReturnBest, checkpoints);
                Assert.AreEqual((StopReason.Cancelled, 2), (history.StopReason, history.Epochs.Count), canceller);
                CollectionAssert.AreEqual(expected, weights, canceller);
                foreach (var file in folder.GetFiles()) file.Delete();
                Assert.ThrowsExactly<OperationCanceledException>(() => Fit(canceller, CancellationMode.Throw, checkpoints), canceller);
                foreach (var file in folder.GetFiles()) file.Delete();
            }

        folder.Delete(recursive: true);
    }

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void A_loss_that_explodes_ends_training_with_the_last_good_weights(TaskCase task)
    {
        // Good epochs at first, then a rate with which no task converges; the loss is found out while it is still finite.
        var error = Assert.ThrowsExactly<TrainingDivergedException>(() => task.Fit(_mlContext, TaskCase.Rows(_mlContext, 300), options =>
            (options.NumberOfEpochs, options.LearningRateSchedule) = (50, LrSchedule.LambdaLR(epoch => epoch < 5 ? 1 : 1e6))));
        Assert.AreEqual((6, 5), (error.Epoch, error.History.Epochs.Count));
        Assert.IsTrue(double.IsFinite(error.Loss), $"{error.Loss}");
        Assert.AreEqual(0.05 * 1e6, error.LearningRate, 1e-6);
        var (_, weights, _) = task.Fit(_mlContext, TaskCase.Rows(_mlContext, 300), options =>
            (options.NumberOfEpochs, options.LearningRateSchedule) = (5, LrSchedule.ConstantLR(factor: 1)));
        CollectionAssert.AreEqual(weights, error.LastGoodWeights.Concat(error.LastGoodBiases).ToArray());
        StringAssert.Contains(error.Message, "Training diverged in epoch 6, step ");
        StringAssert.EndsWith(
            error.Message,
            ". Leave LearningRate out or find one with LearningRateFinder, begin with a warmup, or set GradientClipping.");
    }

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void A_rate_of_its_own_that_diverges_is_taken_down_to_a_tenth_and_a_given_one_is_not(TaskCase task)
    {
        // Adam moves each weight by about the rate, whatever the rows are: of features of this size a step of 0.01 is far too long.
        var points = TaskCase.Points(300).ToArray();
        foreach (var point in points) point.Features = [.. point.Features.Select(x => x * 1e6f)];
        var warnings = new List<string>();
        _mlContext.Log += (_, e) =>
        {
            if (e.Message.Contains("begins again with a tenth", StringComparison.Ordinal)) warnings.Add(e.Message);
        };
        void Configure(LinearTrainerOptions options)
        {
            (options.Standardize, options.Optimizer, options.NumberOfEpochs) = (false, Optimizer.Adam(), 3);
            options.LearningRateSchedule = LrSchedule.ConstantLR(factor: 1);
        }

        var (_, weights, history) = task.Fit(_mlContext, _mlContext.Data.LoadFromEnumerable(points), options =>
        {
            Configure(options);
            options.LearningRate = null;
        });
        Assert.IsGreaterThan(0, warnings.Count);
        Assert.AreEqual((StopReason.Completed, 3), (history.StopReason, history.Epochs.Count));
        Assert.AreEqual(0.01 * Math.Pow(0.1, warnings.Count), history.Epochs[0].LearningRates[0], 1e-12);
        Assert.IsTrue(weights.All(float.IsFinite));
        Assert.ThrowsExactly<TrainingDivergedException>(() => task.Fit(_mlContext, _mlContext.Data.LoadFromEnumerable(points), options =>
        {
            Configure(options);
            options.LearningRate = 0.01;
        }));
    }

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void Clipping_keeps_a_rate_that_is_too_high_from_diverging(TaskCase task)
    {
        var points = TaskCase.Points(300).ToArray();
        foreach (var point in points) point.Features = [.. point.Features.Select(x => x * 100)];
        var data = _mlContext.Data.LoadFromEnumerable(points);
        // As the features come: those of one scale no classification diverges on, at any rate.
        void Configure(LinearTrainerOptions options)
        {
            (options.LearningRate, options.NumberOfEpochs) = (50, 5);
            options.Plain();
        }

        Assert.ThrowsExactly<TrainingDivergedException>(() => task.Fit(_mlContext, data, Configure));
        var (_, _, history) = task.Fit(_mlContext, data, options =>
        {
            Configure(options);
            options.GradientClipping = new GradientClipping { MaximumNorm = 1e-5, MaximumValue = 1 };
        });
        Assert.AreEqual(StopReason.Completed, history.StopReason);
    }

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void A_plateau_and_early_stopping_work_together_and_the_history_tells_them_apart(TaskCase task)
    {
        var validation = TaskCase.Rows(_mlContext, 100, seed: 6);
        var (_, _, history) = task.Fit(_mlContext, TaskCase.Rows(_mlContext, 300), options =>
        {
            (options.NumberOfEpochs, options.LearningRate) = (500, 0.2);
            options.LearningRateSchedule = LrSchedule.ReduceLROnPlateau(factor: 0.1, patience: 2, threshold: 1e-3, eps: 0);
            options.EarlyStopping = new EarlyStopping { Patience = 8, MinimumChange = 1e-4 };
        }, validation);
        Assert.AreEqual(StopReason.EarlyStopped, history.StopReason);
        Assert.AreEqual(8, history.Epochs.Count - history.BestEpoch);
        // The plateau's cuts are in the rates; walking along the recorded losses gives them again.
        var scheduler = LrSchedule.ReduceLROnPlateau(factor: 0.1, patience: 2, threshold: 1e-3, eps: 0).Start(0.2);
        foreach (var epoch in history.Epochs)
        {
            Assert.AreEqual(scheduler.LearningRates[0], epoch.LearningRates[0]);
            scheduler.Step(epoch[Metric.ValidationLoss]!.Value);
        }

        Assert.IsLessThan(0.2, history.Epochs[^1].LearningRates[0]);
    }

    [TestMethod]
    public void Limits_of_gradients_are_checked()
    {
        StringAssert.StartsWith(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new GradientClipping { MaximumNorm = 0 }).Message,
            "maximumNorm must be in (0, ∞). Received: 0");
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new GradientClipping { MaximumValue = -1 }).Message,
            "maximumValue must be in (0, ∞). Received: -1");
    }

    private sealed class Reporter(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
