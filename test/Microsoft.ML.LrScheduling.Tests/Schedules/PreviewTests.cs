using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Tests.Schedules;

[TestClass]
public sealed class PreviewTests
{
    private static readonly double[] Losses = [5, 4, 4, 4, 4, 3];

    [TestMethod]
    public void A_preview_has_the_rate_of_every_minibatch()
    {
        var curve = (LrSchedule.ExponentialLR(gamma: 0.5) with { Interval = ScheduleInterval.Batch })
            .Preview(epochs: 2, stepsPerEpoch: 3, 1.0, 0.8);
        Assert.AreEqual((2, 3, 6, 2), (curve.Epochs, curve.StepsPerEpoch, curve.Steps, curve.GroupCount));
        CollectionAssert.AreEqual(new[] { 1, 0.5, 0.25, 0.125, 0.0625, 0.03125 }, curve.Rates(0).ToArray());
        for (var step = 0; step < curve.Steps; step++) Assert.AreEqual(0.8 * curve[step], curve[step, group: 1], 1e-15);
        Assert.AreEqual(0, curve.Momenta().Count);
    }

    [TestMethod]
    public void A_schedule_by_epoch_keeps_its_rate_within_each()
    {
        var curve = LrSchedule.StepLR(stepSize: 1, gamma: 0.5).Preview(3, 2, 1.0);
        CollectionAssert.AreEqual(new[] { 1, 1, 0.5, 0.5, 0.25, 0.25 }, curve.Rates().ToArray());
    }

    [TestMethod]
    public void Intervals_mix()
    {
        // Up by the minibatch in 4 of them, then a cut after each epoch, counted from there.
        var curve = LrSchedule.StepLR(stepSize: 1, gamma: 0.5).WithWarmup(4, startFactor: 0.2, ScheduleInterval.Batch).Preview(4, 3, 1.0);
        double[] expected = [0.2, 0.4, 0.6, 0.8, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25];
        for (var step = 0; step < expected.Length; step++) Assert.AreEqual(expected[step], curve[step], 1e-15, $"step {step}");
    }

    [TestMethod]
    public void A_schedule_without_a_length_takes_it_from_the_run()
    {
        var curve = LrSchedule.OneCycleLR(maxLr: 1, pctStart: 0.4).Preview(5, 4, 0.1);
        Assert.AreEqual(LrSchedule.OneCycleLR(maxLr: 1, pctStart: 0.4, totalSteps: 20), curve.Schedule);
        Assert.AreEqual((0.04, 1.0, 4e-6), (Math.Round(curve[0], 12), curve[7], Math.Round(curve[19], 12)));
        Assert.AreEqual((0.95, 0.85, 0.95), (curve.Momenta()[0], curve.Momenta()[7], Math.Round(curve.Momenta()[19], 12)));
    }

    [TestMethod]
    public void A_metric_is_a_list_or_a_function_of_the_epoch()
    {
        var schedule = LrSchedule.ReduceLROnPlateau(patience: 1);
        var (list, function) = (schedule.Preview(6, 2, [1.0], Losses), schedule.Preview(6, 2, [1.0], epoch => Losses[epoch]));
        // 4 is the best after the second epoch; the third is forgiven, after the fourth comes the cut.
        CollectionAssert.AreEqual(new[] { 1, 1, 1, 1, 1, 1, 1, 1, 0.1, 0.1, 0.1, 0.1 }, list.Rates().ToArray());
        CollectionAssert.AreEqual(list.Rates().ToArray(), function.Rates().ToArray());
    }

    [TestMethod]
    public void Without_the_metric_a_schedule_that_watches_one_says_so()
    {
        var schedule = LrSchedule.ReduceLROnPlateau().WithWarmup(3);
        var error = Assert.ThrowsExactly<ArgumentException>(() => schedule.Preview(6, 2, 0.1));
        StringAssert.StartsWith(
            error.Message, "metrics must hold one value per epoch, since SequentialLR watches a metric. Received: none");
        error = Assert.ThrowsExactly<ArgumentException>(() => schedule.Preview(7, 2, [0.1], Losses));
        StringAssert.StartsWith(error.Message, "metrics must hold one value per epoch (7). Received: 6");
    }

    [TestMethod]
    public void A_run_that_cannot_be_is_refused()
    {
        var schedule = LrSchedule.StepLR(30);
        foreach (var (epochs, steps, rate, name) in new[]
            { (0, 1, 0.1, "epochs"), (1, 0, 0.1, "stepsPerEpoch"), (1, 1, -0.1, "learningRates") })
        {
            Assert.AreEqual(name, Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => schedule.Preview(epochs, steps, rate)).ParamName);
        }
        Assert.ThrowsExactly<ArgumentException>(() => schedule.Preview(1, 1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => LrSchedule.OneCycleLR(0.1, totalSteps: 19).Preview(5, 4, 0.1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => schedule.Preview(1, 1, 0.1).Rates(group: 1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => schedule.Preview(1, 1, 0.1).Momenta(group: 1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => schedule.Preview(1, 1, 0.1)[1]);
    }

    [TestMethod]
    public void A_run_too_long_to_hold_is_refused_before_it_begins()
    {
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => LrSchedule.StepLR(30).Preview(int.MaxValue, int.MaxValue, 0.1));
        StringAssert.StartsWith(error.Message, "epochs · stepsPerEpoch must be at most 32000000");
        error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => LrSchedule.OneCycleLR(0.1).Preview(1000, 10_000, 0.1, 0.2));
        StringAssert.StartsWith(error.Message, "epochs · stepsPerEpoch must be at most 8000000. Received: 10000000");
    }

    [TestMethod]
    public void A_trainer_uses_the_rates_of_the_preview()
    {
        var mlContext = new MLContext(seed: 1);
        // 10 rows in minibatches of 4: three an epoch, the last one smaller.
        var data = mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 10).Select(i => new Row { Features = [i / 10f], Label = i }));
        var schedule = LrSchedule.SequentialLR(
            [LrSchedule.OneCycleLR(maxLr: [0.05, 0.01]),
                LrSchedule.ReduceLROnPlateau(patience: 0, threshold: 0.9, metric: Metric.TrainingLoss)],
            milestones: [3]);
        var history = mlContext.Regression.Trainers.TorchLinearRegression(new TorchLinearRegressionTrainer.Options
        {
            LearningRateSchedule = schedule,
            LearningRate = 0.04,
            BiasLearningRate = 0.02,
            NumberOfEpochs = 8,
            BatchSize = 4,
            Seed = 1,
        }).Fit(data).History;

        var curve = schedule.Preview(8, 3, [0.04, 0.02], [.. history.Epochs.Select(epoch => epoch.TrainingLoss)]);
        CollectionAssert.AreEqual(
            history.Epochs.SelectMany(epoch => epoch.BatchLearningRates).ToArray(),
            curve.Rates(0).Zip(curve.Rates(1)).SelectMany(rates => new[] { rates.First, rates.Second }).ToArray());
    }

    private sealed class Row
    {
        [Microsoft.ML.Data.VectorType(1)]
        public float[] Features { get; set; } = [];

        public float Label { get; set; }
    }
}
