using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Trainers;

/// <summary>All schedules through the trainer's options: what is used in training is what the schedule alone gives.</summary>
[TestClass]
public sealed class ScheduledTrainingTests
{
    private const int Rows = 100;
    private const int BatchSize = 32;
    private const int StepsPerEpoch = 4;
    private const int Epochs = 5;

    private readonly MLContext _mlContext = new(seed: 1);

    public static IEnumerable<object[]> Schedules =>
    [
        [LrSchedule.MultiStepLR([1, 3], 0.5)],
        [LrSchedule.ExponentialLR(0.9) with { Interval = ScheduleInterval.Batch }],
        [LrSchedule.CosineAnnealingLR(tMax: Epochs)],
        [LrSchedule.OneCycleLR(maxLr: [0.1, 0.2])],
        [LrSchedule.CyclicLR(baseLr: 0.01, maxLr: 0.1, stepSizeUp: 3)],
        [LrSchedule.WarmupStableDecayLR(warmupSteps: 1, decaySteps: 2)],
        [LrSchedule.ReduceLROnPlateau(factor: 0.5, patience: 0).WithWarmup(6, interval: ScheduleInterval.Batch)],
        [LrSchedule.GreedyLR(factor: 0.5, patience: 0).WithNoise(noisePct: 0.1)],
        [LrSchedule.CustomLR("metric < s0 ? rate : rate / 2", ["metric"], [0.02])],
        [LrSchedule.CustomLR(step => step.Step % 3 == 0 ? step.LearningRate / 2 : step.LearningRate + 0 * step.Metric)],
        [LrSchedule.CustomLR("rate * (epoch < 2 ? 0.9 : 0.8)") with { Interval = ScheduleInterval.Batch }],
        [LrSchedule.SequentialLR(
            [LrSchedule.LinearLR(totalIters: 7) with { Interval = ScheduleInterval.Batch }, LrSchedule.LambdaLR("0.5 ** epoch", "1")],
            milestones: [7]) with { Interval = ScheduleInterval.Batch }],
        [LrSchedule.ChainedScheduler([LrSchedule.ReduceLROnPlateau(metric: Metric.RSquared, patience: 0), LrSchedule.LinearLR()])],
    ];

    [TestMethod]
    [DynamicData(nameof(Schedules))]
    public void The_history_has_every_rate_of_the_schedule(LrSchedule schedule)
    {
        var history = Fit(new() { LearningRateSchedule = schedule, BiasLearningRate = 0.02 });
        var scheduler = schedule.Watching(Metric.ValidationLoss).ForRun(Epochs, StepsPerEpoch).Start(0.05, 0.02);
        foreach (var epoch in history.Epochs)
        {
            for (var batch = 0; batch < StepsPerEpoch; batch++)
            {
                var used = epoch.BatchLearningRates is []
                    ? [.. epoch.LearningRates]
                    : epoch.BatchLearningRates.AsSpan().Slice(2 * batch, 2).ToArray();
                CollectionAssert.AreEqual(scheduler.LearningRates.ToArray(), used, $"epoch {epoch.Epoch}, minibatch {batch}");
                scheduler.Advance(ScheduleInterval.Batch);
            }

            CollectionAssert.AreEqual(epoch.LearningRates.ToArray(),
                epoch.BatchLearningRates is [] ? epoch.LearningRates.ToArray() : epoch.BatchLearningRates[^2..].ToArray());
            scheduler.Advance(ScheduleInterval.Epoch, metric => epoch[metric]);
        }
    }

    [TestMethod]
    public void A_cycle_takes_its_length_from_the_run_and_ends_with_it()
    {
        var last = Fit(new() { LearningRateSchedule = LrSchedule.OneCycleLR(maxLr: 0.1) }).Epochs[^1];
        Assert.AreEqual(0.1 / 25 / 1e4, last.LearningRates[0], 1e-15);
    }

    [TestMethod]
    public void A_cycle_shorter_than_the_run_is_refused_and_a_longer_one_is_not()
    {
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Fit(new()
        {
            LearningRateSchedule = LrSchedule.OneCycleLR(0.1, totalSteps: 19),
        }));
        StringAssert.StartsWith(error.Message, "LearningRateSchedule cannot hold for ");
        StringAssert.Contains(
            error.Message, ": totalSteps must be at least 20, the steps of OneCycleLR in the training run (one a minibatch), or "
            + "left out. Received: 19");
        Assert.AreEqual(Epochs, Fit(new() { LearningRateSchedule = LrSchedule.OneCycleLR(0.1, totalSteps: 25) }).Epochs.Count);
    }

    [TestMethod]
    public void Momentum_that_a_schedule_cycles_reaches_the_optimizer()
    {
        // With the momentum held at one value by the schedule, the model is that of an optimizer with this momentum.
        float[] Weights(Optimizer optimizer, LrSchedule schedule) =>
            [.. Train(new() { Optimizer = optimizer, LearningRateSchedule = schedule, LearningRate = 0.01, Seed = 1 }).Model.Weights];
        var cycled = LrSchedule.CyclicLR(baseLr: 0.01, maxLr: 0.01, baseMomentum: 0.7, maxMomentum: 0.7);
        var constant = LrSchedule.ConstantLR(factor: 1);
        CollectionAssert.AreEqual(Weights(Optimizer.Sgd(0.7), constant), Weights(Optimizer.Sgd(0.2), cycled));
        CollectionAssert.AreNotEqual(Weights(Optimizer.Sgd(0.2), constant), Weights(Optimizer.Sgd(0.2), cycled));
    }

    [TestMethod]
    public void A_plateau_takes_its_direction_from_the_metric()
    {
        var schedule = LrSchedule.ReduceLROnPlateau(factor: 0.5, patience: 0);
        // R² rises as the loss falls: neither may cut the rate while the model gets better.
        foreach (var metric in new[] { Metric.RSquared, Metric.ValidationLoss })
            Assert.AreEqual(0.05, Fit(new()
            {
                LearningRateSchedule = schedule,
                MonitoredMetric = metric,
                NumberOfEpochs = 3
            }).Epochs[^1].LearningRates[0], metric.ToString());
    }

    [TestMethod]
    public void A_lambda_that_gives_no_rate_is_named_when_the_trainer_is_made()
    {
        var options = new TorchLinearRegressionTrainer.Options { LearningRateSchedule = LrSchedule.LambdaLR(_ => double.NaN) };
        var error = Assert.ThrowsExactly<ScheduleException>(() => _mlContext.Regression.Trainers.TorchLinearRegression(options));
        StringAssert.StartsWith(error.Message, "LearningRateSchedule failed in epoch 1: lrLambda of LambdaLR returned NaN for 0.");
    }

    private TrainingHistory Fit(TorchLinearRegressionTrainer.Options options) => Train(options).History;

    private TorchLinearRegressionTransformer Train(TorchLinearRegressionTrainer.Options options)
    {
        options.NumberOfEpochs ??= Epochs;
        options.LearningRate ??= 0.05;
        options.BatchSize = BatchSize;
        return _mlContext.Regression.Trainers.TorchLinearRegression(options)
            .Fit(TorchLinearRegressionTests.Vectors(_mlContext, Rows), TorchLinearRegressionTests.Vectors(_mlContext, 37));
    }
}
