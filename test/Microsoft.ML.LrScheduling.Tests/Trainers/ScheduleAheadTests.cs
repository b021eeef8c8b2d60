using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.ML.LrScheduling.Reports;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.LrScheduling.Tests.Trainers;

/// <summary>
/// What follows from a schedule and the length of the run is found before training, and nothing beyond the run is asked for.
/// </summary>
[TestClass]
public sealed class ScheduleAheadTests
{
    private const int Rows = 40;
    private const int BatchSize = 10;
    private const int StepsPerEpoch = 4;

    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void A_schedule_that_must_fail_is_refused_before_the_rows_are_read()
    {
        var rowsRead = 0;
        var data = _mlContext.Data.LoadFromEnumerable(TaskCase.Points(Rows).Select(row =>
        {
            rowsRead++;
            return row;
        }));
        // Epochs 1, 2 and 3 have the factors 2, 1 and 0; the fourth has −1.
        var error = Assert.Throws<InvalidOperationException>(() => Trainer(LrSchedule.LambdaLR("2 - epoch"), epochs: 12).Fit(data));
        StringAssert.StartsWith(error.Message, "LearningRateSchedule is not valid for 12 epochs: in epoch 4, lrLambda "
            + "\"2 - epoch\" of LambdaLR returned -1 for 3. A factor must be in [0, ∞).");
        Assert.AreEqual(0, rowsRead);
        // It holds for a shorter run.
        Assert.HasCount(3, Trainer(LrSchedule.LambdaLR("2 - epoch"), epochs: 3).Fit(data).History.Epochs);
    }

    [TestMethod]
    public void A_cycle_with_fewer_steps_than_epochs_is_refused_when_the_trainer_is_made()
    {
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(
            () => Trainer(LrSchedule.OneCycleLR(0.1, totalSteps: 10), epochs: 20));
        StringAssert.StartsWith(error.Message, "LearningRateSchedule cannot hold for 20 epochs of at least one minibatch: totalSteps "
            + "must be at least 20, the steps of OneCycleLR in the training run (one a minibatch), or left out. Received: 10");
        Assert.AreEqual("LearningRateSchedule", error.ParamName);
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Trainer(null, epochs: 20, configure: options =>
                options.BiasLearningRateSchedule = LrSchedule.OneCycleLR(0.1, 10) with { Interval = ScheduleInterval.Epoch })).Message,
            "BiasLearningRateSchedule cannot hold for 20 epochs: totalSteps must be at least 20, the steps of OneCycleLR in the "
            + "training run (one an epoch), or left out. Received: 10");
        // With the minibatches of an epoch it is known once the rows are.
        var trainer = Trainer(LrSchedule.OneCycleLR(0.1, totalSteps: 20), epochs: 20);
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => trainer.Fit(Data)).Message,
            "LearningRateSchedule cannot hold for 20 epochs of 4 minibatches: totalSteps must be at least 80, ");
    }

    [TestMethod]
    public void A_schedule_that_takes_its_length_from_the_run_is_judged_by_that_run()
    {
        // Each of them is refused of a run of one step, as 0 / 0 is, or has its milestones in another order there.
        (LrSchedule Schedule, int? Epochs, Func<int, double> Factor)[] cases =
        [
            (LrSchedule.LambdaLR("1 - epoch / (epochs - 1)"), 5, epoch => 1 - epoch / 4.0),
            (LrSchedule.LambdaLR("1 / log(steps)"), 5, _ => 1 / Math.Log(5)),
            (LrSchedule.LambdaLR("epochs - 2"), null, _ => 998),
            (LrSchedule.MultiStepLR([3, 0.5]), 10, epoch => epoch < 3 ? 1 : epoch < 5 ? 0.1 : 0.01),
            (LrSchedule.PiecewiseLR([3, 0.5], [1, 0.5]), 10, epoch => epoch < 5 ? 1 : 0.5),
            (LrSchedule.SequentialLR([LrSchedule.ConstantLR(1), LrSchedule.ConstantLR(1), LrSchedule.LambdaLR("0.5")], [3, 0.5]), 10,
                epoch => epoch < 5 ? 1 : 0.5),
            // Twenty steps, of which the epochs 1 to 5 have four.
            (LrSchedule.MultiStepLR([8, 0.8], 0.5) with { Interval = ScheduleInterval.Batch }, 5,
                epoch => epoch < 2 ? 1 : epoch < 4 ? 0.5 : 0.25),
        ];
        foreach (var (schedule, epochs, factor) in cases)
        {
            var trainer = Trainer(schedule, epochs, configure: options => options.LearningRate = 1e-6);
            var history = trainer.Fit(Data).History;
            for (var epoch = 0; epoch < history.Epochs.Count; epoch++)
                Assert.AreEqual(1e-6 * factor(epoch), history.Epochs[epoch].LearningRates[0], 1e-18, $"{schedule}, epoch {epoch}");
        }

        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Trainer(LrSchedule.MultiStepLR([3, 0.5]), epochs: 4));
        StringAssert.StartsWith(error.Message, "LearningRateSchedule cannot hold for 4 epochs: milestones must be in ascending order. "
            + "Received: 2 after 3");
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ScheduleException>(() => Trainer(LrSchedule.LambdaLR("1 - epoch / (epochs - 1)"), epochs: 1)).Message,
            "LearningRateSchedule failed in epoch 1: lrLambda \"1 - epoch / (1 - 1)\" of LambdaLR returned NaN for 0.");
        // By minibatch it is known before the first step.
        var batch = Trainer(LrSchedule.MultiStepLR([30, 0.5]) with { Interval = ScheduleInterval.Batch }, epochs: 12);
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => batch.Fit(Data)).Message,
            "LearningRateSchedule cannot hold for 12 epochs of 4 minibatches: milestones must be in ascending order. Received: 24 after "
                + "30");
        // Settings for another number of groups are refused whatever the run.
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => Trainer(LrSchedule.LambdaLR("epochs", "2", "3"), epochs: null)).Message,
            "lrLambda must hold one value, or one per parameter group (2). Received: 3 values");
    }

    [TestMethod]
    public void A_schedule_by_minibatch_that_must_fail_is_refused_before_the_first_step()
    {
        var epochs = 0;
        var schedule = LrSchedule.LambdaLR("18 - epoch") with { Interval = ScheduleInterval.Batch };
        // Minibatch 20, the last of epoch 5, has the factor −1.
        var error = Assert.Throws<InvalidOperationException>(() => Trainer(schedule, epochs: 12, () => epochs++).Fit(Data));
        StringAssert.StartsWith(error.Message, "LearningRateSchedule is not valid for 12 epochs: in epoch 5, minibatch 4, lrLambda ");
        Assert.AreEqual(0, epochs);
        // The same where the epochs follow from the rows.
        Assert.Throws<InvalidOperationException>(() => Trainer(LrSchedule.LambdaLR("2 - epoch"), epochs: null, () => epochs++).Fit(Data));
        Assert.AreEqual(0, epochs);
    }

    [TestMethod]
    public void A_schedule_that_fails_within_another_or_beside_a_plateau_is_refused_too()
    {
        var lambda = LrSchedule.LambdaLR("2 - epoch");
        LrSchedule[] schedules =
        [
            lambda.WithWarmup(2), LrSchedule.ChainedScheduler([LrSchedule.ReduceLROnPlateau(metric: Metric.TrainingLoss), lambda]),
            LrSchedule.SequentialLR([LrSchedule.ReduceLROnPlateau(metric: Metric.TrainingLoss), lambda], [3]),
            LrSchedule.MultiplicativeLR("2 - epoch"), LrSchedule.CyclicLR(0.1, 0.2, stepSizeUp: 3, scaleFn: "2 - x"),
            LrSchedule.LambdaLR("1 / (3 - epoch)"), LrSchedule.MultiplicativeLR("1 / (3 - epoch)"),
            LrSchedule.LambdaLR("1", "2 - epoch"), LrSchedule.ChainedScheduler([LrSchedule.LambdaLR(_ => 1), lambda]).WithFloor(0.01),
        ];
        foreach (var schedule in schedules)
        {
            var epochs = 0;
            foreach (var setting in new[] { "LearningRateSchedule", "BiasLearningRateSchedule" })
            {
                if (setting[0] == 'B' && schedule is LambdaLR { LrLambda.Count: 2 }) continue;
                var trainer = Trainer(null, epochs: 12, () => epochs++, options =>
                {
                    if (setting[0] == 'L') options.LearningRateSchedule = schedule;
                    else options.BiasLearningRateSchedule = schedule;
                });
                var error = Assert.Throws<InvalidOperationException>(() => trainer.Fit(Data), $"{schedule}");
                StringAssert.StartsWith(error.Message, $"{setting} is not valid for 12 epochs: in epoch ", $"{schedule}");
            }

            Assert.AreEqual(0, epochs, $"{schedule}");
        }
    }

    [TestMethod]
    public void A_factor_that_is_infinite_is_refused_as_one_that_is_negative_is()
    {
        foreach (var schedule in new LrSchedule[] { LrSchedule.LambdaLR("1 / epoch"), LrSchedule.LambdaLR(epoch => 1.0 / epoch) })
        {
            var error = Assert.ThrowsExactly<ScheduleException>(() => Trainer(schedule, 12));
            StringAssert.StartsWith(error.Message, "LearningRateSchedule failed in epoch 1: lrLambda ");
            Assert.AreEqual((1, null, double.PositiveInfinity), (error.Epoch, error.Minibatch, error.Value));
            StringAssert.Contains(error.Message, "returned Infinity for 0. A factor must be in [0, ∞).");
        }
    }

    [TestMethod]
    public void A_rate_that_nobody_uses_is_not_asked_for()
    {
        double[] rates = [1, 0.5, 0.25, 0.125];
        var asked = new List<int>();
        var schedule = LrSchedule.LambdaLR(epoch =>
        {
            asked.Add(epoch);
            return rates[epoch];
        });
        var byBatch = LrSchedule.LambdaLR(step => rates[step / StepsPerEpoch]) with { Interval = ScheduleInterval.Batch };
        CollectionAssert.AreEqual(
            rates.Select(rate => 0.05 * rate).ToArray(),
            Trainer(schedule, epochs: 4).Fit(Data).History.Epochs.Select(epoch => epoch.LearningRates[0]).ToArray());
        // Once as the trainer is made, and once for each epoch: a delegate may do anything, and is not called to see what it gives.
        CollectionAssert.AreEqual(new[] { 0, 0, 1, 2, 3 }, asked);
        Assert.HasCount(4, Trainer(byBatch, epochs: 4).Fit(Data).History.Epochs);
        Assert.AreEqual(4, schedule.Preview(4, 1, 1.0).Steps);
        Assert.AreEqual(16, byBatch.Preview(4, StepsPerEpoch, 1.0).Steps);

        var study = _mlContext.Regression.Trainers.Sweep(
            SweepSpace.Trials([Options(schedule, 4), Options(byBatch, 4), Options(LrSchedule.StepLR(2), 7)]), Data, new SweepOptions());
        CollectionAssert.AreEqual(new[] { 4, 4, 7 }, study.Trials.Select(trial => trial.History.Epochs.Count).ToArray());
    }

    [TestMethod]
    public void A_delegate_that_gives_no_factor_ends_training_with_its_value()
    {
        var epochs = 0;
        var trainer = Trainer(LrSchedule.LambdaLR(epoch => 2 - epoch), epochs: 12, () => epochs++);
        var error = Assert.ThrowsExactly<ScheduleException>(() => trainer.Fit(Data));
        Assert.AreEqual(
            "LearningRateSchedule failed in epoch 4: lrLambda of LambdaLR returned -1 for 3. A factor must be in [0, ∞).", error.Message);
        Assert.AreEqual((3, 4, -1.0), (epochs, error.Epoch, error.Value));
    }

    [TestMethod]
    public void A_delegate_that_throws_is_named_with_its_option_its_epoch_and_what_it_threw()
    {
        foreach (var thrown in new Exception[] { new FormatException("none today"), new OperationCanceledException("none today") })
            foreach (var setting in new[] { "LearningRateSchedule", "BiasLearningRateSchedule" })
                foreach (var step in new[] { 0, 2 })
                {
                    var failing = LrSchedule.LambdaLR(epoch => epoch < step ? 1 : throw thrown);
                    var byBatch = failing with { Interval = ScheduleInterval.Batch };
                    foreach (var (schedule, place) in new[] { (failing, $"{step + 1}"), (byBatch, $"1, minibatch {step + 1}") })
                    {
                        var error = Assert.ThrowsExactly<ScheduleException>(() => Trainer(null, 3, null, options =>
                        {
                            if (setting[0] == 'L') options.LearningRateSchedule = schedule;
                            else options.BiasLearningRateSchedule = schedule;
                        }).Fit(Data));
                        Assert.AreEqual($"{setting} failed in epoch {place}: {thrown.GetType().Name}: none today", error.Message);
                        Assert.AreSame(thrown, error.InnerException);
                    }
                }
    }

    [TestMethod]
    [DataRow("PolynomialLR()", 12, "epoch 6", "7 of 12 epochs")]
    [DataRow("WarmupStableDecayLR(warmupSteps: 2, decaySteps: 2, stableSteps: 2)", 12, "epoch 7", "6 of 12 epochs")]
    [DataRow("LinearLR(startFactor: 1, endFactor: 0)", 12, "epoch 6", "7 of 12 epochs")]
    [DataRow("PiecewiseLR(milestones: [0, 3], factors: [1, 0])", 5, "epoch 4", "2 of 5 epochs")]
    [DataRow("LambdaLR(lrLambda: 'max(0, 1 - epoch / 5)')", 12, "epoch 6", "7 of 12 epochs")]
    [DataRow("LambdaLR(lrLambda: '0')", 3, "epoch 1", "3 of 3 epochs")]
    [DataRow("SequentialLR([LinearLR(), PolynomialLR(totalIters: 2)], milestones: [5])", 12, "epoch 8", "5 of 12 epochs")]
    [DataRow("ChainedScheduler([StepLR(stepSize: 2), PolynomialLR()])", 12, "epoch 6", "7 of 12 epochs")]
    [DataRow("SequentialLR([PolynomialLR(), ReduceLROnPlateau(metric: trainingLoss)], milestones: [6])", 12, "epoch 6", "7 of 12 epochs")]
    [DataRow("PolynomialLR(totalIters: 20, interval: batch)", 12, "epoch 6", "7 of 12 epochs")]
    [DataRow("NoiseLR(PolynomialLR())", 12, "epoch 6", "7 of 12 epochs")]
    public void A_schedule_that_leaves_much_of_the_run_at_zero_is_told_of(string text, int epochs, string since, string part)
    {
        var warning = Warnings(LrSchedule.Parse(text), epochs).Single();
        StringAssert.StartsWith(warning, $"LearningRateSchedule keeps the learning rate at 0 from {since} on. For {part}");
    }

    [TestMethod]
    [DataRow("PolynomialLR(totalIters: 12)")]
    [DataRow("LinearLR(startFactor: 1, endFactor: 0, totalIters: 12)")]
    [DataRow("CosineAnnealingLR(tMax: 6)")]
    [DataRow("WarmupStableDecayLR(warmupSteps: 2, decaySteps: 4)")]
    [DataRow("OneCycleLR(maxLr: 0.1)")]
    [DataRow("PolynomialLR(totalIters: 47, interval: batch)")]
    [DataRow("StepLR(stepSize: 5, gamma: 0.001)")]
    [DataRow("LambdaLR(lrLambda: 'epoch % 2')")]
    public void A_schedule_that_comes_to_zero_with_the_run_is_not_told_of(string text) =>
        Assert.IsEmpty(Warnings(LrSchedule.Parse(text), epochs: 12));

    [TestMethod]
    [DataRow("StepLR(10)", 120, "epoch 71", "50 of 120 epochs")]
    [DataRow("ExponentialLR(0.5)", 40, "epoch 21", "20 of 40 epochs")]
    [DataRow("StepLR(stepSize: 40, interval: batch)", 120, "epoch 71", "50 of 120 epochs")]
    public void A_schedule_that_leaves_much_of_the_run_at_next_to_nothing_is_told_of(string text, int epochs, string since, string part)
    {
        // 0.1^6 is no less than a millionth but for its rounding; 0.1^7 is. 0.5^20 is 9.5e-7.
        var warning = Warnings(LrSchedule.Parse(text), epochs).Single();
        StringAssert.StartsWith(
            warning, $"LearningRateSchedule keeps the learning rate below a millionth of the initial rate from {since} on. For {part}");
    }

    [TestMethod]
    [DataRow("CosineAnnealingLR(tMax: 120)", 120)]
    [DataRow("StepLR(30)", 120)]
    [DataRow("StepLR(10)", 75)]
    [DataRow("PolynomialLR(totalIters: 120, power: 3)", 120)]
    [DataRow("OneCycleLR(maxLr: 0.1, cycleMomentum: false)", 120)]
    public void A_schedule_that_falls_low_at_its_end_only_is_not_told_of(string text, int epochs) =>
        Assert.IsEmpty(Warnings(LrSchedule.Parse(text), epochs));

    [TestMethod]
    [DataRow(1)]
    [DataRow(99)]
    [DataRow(998)]
    [DataRow(0)]
    public void A_walk_ahead_is_as_much_work_as_it_may_be_and_no_more(int parts)
    {
        // The largest there may be, of 999 schedules; and twelve expressions of nearly a thousand characters each.
        LrSchedule part = parts == 0 ? LrSchedule.LambdaLR(string.Join(" + ", Enumerable.Repeat("0.001", 120))) : LrSchedule.StepLR(3);
        var schedule = parts == 1 ? part : LrSchedule.ChainedScheduler([.. Enumerable.Repeat(part, parts == 0 ? 12 : parts)]);
        var size = parts switch { 0 => 700, 1 => 1, _ => parts + 1 };
        var epochs = 0L;
        var ahead = RunAhead.Of("x", schedule, 10_000_000, 1, [0.01], () =>
        {
            epochs++;
            if (epochs > 4_000_000) Assert.Fail("It walks on.");
            if (epochs * size > 4_000_000) Assert.Fail($"It walks on, in epoch {epochs} of a schedule of the size {size}.");
        });
        Assert.IsGreaterThan(1000, epochs);
        Assert.AreEqual((10_000_000L, 0L, 0L), (ahead.Steps, ahead.StepsAtZero, ahead.StepsNearZero));
    }

    [TestMethod]
    public void The_deepest_schedule_trains_and_is_saved_in_every_form()
    {
        // 32 levels, the most there may be, around the leaf with the deepest JSON.
        var schedule = Enumerable.Range(0, 31).Aggregate(
            (LrSchedule)LrSchedule.LambdaLR("1", "1"), (part, _) => LrSchedule.SequentialLR([part], []));
        var folder = Directory.CreateTempSubdirectory("lrscheduling-deep-");
        try
        {
            var file = Path.Combine(folder.FullName, "model.zip");
            TorchLinearRegressionTransformer Fit() => Trainer(schedule, epochs: 2, configure: options =>
            {
                options.Seed = 1;
                options.Checkpoints = new Checkpoints { Folder = Path.Combine(folder.FullName, "checkpoints") };
            }).Fit(Data);
            var model = Fit();
            CollectionAssert.AreEqual(model.Model.Weights.ToArray(), Fit().Model.Weights.ToArray(), "gone on from a checkpoint");
            _mlContext.Model.Save(model, Data.Schema, file);
            Assert.AreEqual(schedule, TrainingHistory.Load(file).Schedule);
            Assert.AreEqual(schedule, TrainingHistory.FromJson(model.History.ToJson()).Schedule);
            model.History.SaveReport(Path.Combine(folder.FullName, "report.html"));
            Assert.AreEqual(schedule, TorchLinearRegressionTrainer.Options.FromJson(Options(schedule, 2).ToJson()).LearningRateSchedule);

            var section = new ConfigurationBuilder()
                .AddInMemoryCollection([new("LearningRateSchedule", $"{schedule}")]).Build();
            Assert.AreEqual(schedule, TorchLinearRegressionTrainer.Options.FromConfiguration(section).LearningRateSchedule);

            var scheduler = schedule.Start(0.1, 0.2);
            scheduler.Step();
            var state = JsonSerializer.Deserialize<LrSchedulerState>(JsonSerializer.Serialize(scheduler.Save()))!;
            Assert.AreEqual(scheduler.Save(), state);
            Assert.AreEqual(1, schedule.Resume(state).StepCount);

            Study<TorchLinearRegressionTrainer.Options> Sweep() => _mlContext.Regression.Trainers.Sweep(
                SweepSpace.Trials([Options(schedule, 2), Options(LrSchedule.StepLR(3), 3)]), Data,
                new SweepOptions { Seed = 1, Journal = Path.Combine(folder.FullName, "journal.jsonl") });
            var study = Sweep();
            Assert.AreEqual(schedule, study.Trials[0].History.Schedule);
            Assert.AreEqual(study.Trials[0].Score, Sweep().Trials[0].Score);
            study.SaveReport(Path.Combine(folder.FullName, "sweep.html"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private IDataView Data => TaskCase.Rows(_mlContext, Rows);

    private string[] Warnings(LrSchedule schedule, int epochs)
    {
        var warnings = new List<string>();
        _mlContext.Log += (_, e) =>
        {
            if (e.Kind == ChannelMessageKind.Warning && !e.RawMessage.Contains("still falling")) warnings.Add(e.RawMessage);
        };
        Trainer(schedule, epochs).Fit(Data);
        return [.. warnings];
    }

    private TorchLinearRegressionTrainer Trainer(
        LrSchedule? schedule, int? epochs, Action? onEpoch = null, Action<TorchLinearRegressionTrainer.Options>? configure = null)
    {
        var options = Options(schedule, epochs);
        if (onEpoch is not null) options.Progress = new Reporter(onEpoch);
        configure?.Invoke(options);
        return _mlContext.Regression.Trainers.TorchLinearRegression(options);
    }

    private static TorchLinearRegressionTrainer.Options Options(LrSchedule? schedule, int? epochs) => new()
    {
        LabelColumnName = "Number",
        LearningRateSchedule = schedule,
        NumberOfEpochs = epochs,
        LearningRate = 0.05,
        BatchSize = BatchSize,
        Optimizer = Microsoft.ML.LrScheduling.Optimizers.Optimizer.Sgd(0.5),
    };

    private sealed class Reporter(Action report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report();
    }
}
