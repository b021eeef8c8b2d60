using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Tests.Trainers;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Sweeps;

[TestClass]
public sealed class SweepTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void Each_trial_gives_what_a_fit_of_its_own_gives()
    {
        // All kinds of schedules, optimizers' numbers, penalties, epochs and early stopping: some leave early, others later; two kinds of
        // optimizer and two sizes of minibatches make four groups.
        var space = SweepSpace.Of(draw => new TorchLinearRegressionTrainer.Options
        {
            LabelColumnName = "Number",
            LearningRate = draw.LogRange("rate", 0.003, 0.3),
            BatchSize = draw.Choice("batch", 16, 20),
            NumberOfEpochs = draw.Choice("epochs", 5, 12),
            ValidationFraction = 0.25,
            Seed = 3,
            L1Regularization = draw.Choice("l1", 0, 1e-4),
            L2Regularization = draw.LogRange("l2", 1e-6, 0.1),
            GradientClipping = draw.Choice("clips", false, true) ? new GradientClipping { MaximumNorm = draw.Range("norm", 0.1, 1) } : null,
            Optimizer = draw.Choice("optimizer", "sgd", "momentum", "adam") switch
            {
                "momentum" => Optimizer.Sgd(momentum: draw.Range("momentum", 0.3, 0.95)),
                "adam" => Optimizer.Adam(beta1: draw.Range("beta1", 0.5, 0.95), beta2: draw.Range("beta2", 0.9, 0.99),
                    weightDecay: draw.Range("decay", 0, 0.1)),
                _ => Optimizer.Sgd(),
            },
            EarlyStopping = draw.Choice("patience", 0, 2) is > 0 and var patience
                ? new EarlyStopping { Patience = patience, MinimumChange = 0.001 } : null,
            LearningRateSchedule = draw.Choice("schedule", "none", "step", "plateau", "cycle", "batch") switch
            {
                "step" => LrSchedule.StepLR(draw.Integer("stepSize", 1, 4), draw.Range("gamma", 0.2, 0.9)),
                "plateau" => LrSchedule.ReduceLROnPlateau(factor: 0.3, patience: 0),
                "cycle" => LrSchedule.OneCycleLR(maxLr: 0.1, cycleMomentum: false),
                "batch" => LrSchedule.ExponentialLR(0.97) with { Interval = ScheduleInterval.Batch },
                _ => null,
            },
        });
        var rows = TaskCase.Rows(_mlContext, 400);
        var epochs = 0;
        var study = _mlContext.Regression.Trainers.Sweep(space, rows, new SweepOptions
        {
            Strategy = SweepStrategy.Random(70),
            TrialsTogether = 70,
            Seed = 5,
            Progress = new Counter(() => epochs++),
        });
        Assert.AreEqual(70, study.Trials.Count);
        Assert.IsGreaterThan(1, study.Trials.Select(trial => trial.History.StopReason).Distinct().Count());
        foreach (var trial in study.Trials)
        {
            var alone = _mlContext.Regression.Trainers.TorchLinearRegression(trial.Options).Fit(rows);
            var weights = ModelWeights.Of(alone.Model);
            AreClose(weights, trial.Weights!, $"trial {trial.Number}");
            Assert.AreEqual(alone.History.StopReason, trial.History.StopReason, $"trial {trial.Number}");
            Assert.AreEqual(alone.History.BestEpoch, trial.History.BestEpoch, $"trial {trial.Number}");
            Assert.AreEqual(alone.History.Epochs.Count, trial.History.Epochs.Count, $"trial {trial.Number}");
            for (var epoch = 0; epoch < alone.History.Epochs.Count; epoch++)
            {
                Assert.AreEqual(alone.History.Epochs[epoch].LearningRates, trial.History.Epochs[epoch].LearningRates,
                    $"trial {trial.Number}, epoch {epoch + 1}");
                Assert.AreEqual(alone.History.Epochs[epoch].TrainingLoss, trial.History.Epochs[epoch].TrainingLoss, 1e-5,
                    $"trial {trial.Number}, epoch {epoch + 1}");
            }

            var last = alone.History.Epochs[(alone.History.BestEpoch ?? alone.History.Epochs.Count) - 1];
            Assert.AreEqual(last[Metric.ValidationLoss]!.Value, trial.Score!.Value, 1e-5, $"trial {trial.Number}");
        }

        Assert.AreEqual(study.Trials.Min(trial => trial.Score), study.Best.Score);
        Assert.AreEqual(4 * 12, epochs, "four groups of trials, each in one pass over the rows an epoch");
        var best = _mlContext.Regression.Evaluate(study.BestModel.Transform(rows), "Number");
        Assert.IsLessThan(0.2, best.RootMeanSquaredError, "the noise has a standard deviation of 0.4/√12");
    }

    [TestMethod]
    public void Trials_whose_schedules_cycle_the_momentum_train_beside_others()
    {
        var rows = TaskCase.Rows(_mlContext, 200);
        TorchLinearRegressionTrainer.Options Options(LrSchedule? schedule, double momentum) => new()
        {
            LabelColumnName = "Number",
            LearningRate = 0.01,
            NumberOfEpochs = 3,
            Seed = 3,
            ValidationFraction = 0.25,
            Optimizer = Optimizer.Sgd(momentum: momentum),
            LearningRateSchedule = schedule,
        };
        var study = _mlContext.Regression.Trainers.Sweep(
            SweepSpace.Trials([
                Options(LrSchedule.StepLR(2), 0.5), Options(LrSchedule.OneCycleLR(maxLr: 0.1), 0.9),
                Options(LrSchedule.CyclicLR(baseLr: 0.01, maxLr: 0.05, stepSizeUp: 4), 0.9), Options(null, 0.8)]),
            rows);
        foreach (var trial in study.Trials)
            AreClose(
                ModelWeights.Of(_mlContext.Regression.Trainers.TorchLinearRegression(trial.Options).Fit(rows).Model), trial.Weights!,
                $"trial {trial.Number}");
    }

    [TestMethod]
    public void Classifications_are_swept_as_well_behind_their_features()
    {
        var rows = TaskCase.Rows(_mlContext, 300);
        var features = _mlContext.Transforms.NormalizeMeanVariance("Features");
        var binary = _mlContext.BinaryClassification.Trainers.Sweep(
            SweepSpace.Of(draw => new TorchLogisticRegressionTrainer.Options
            {
                LabelColumnName = "Truth",
                LearningRate = draw.LogRange("rate", 1e-3, 1),
                ValidationFraction = 0.2,
            }),
            rows, new SweepOptions { Strategy = SweepStrategy.Grid(points: 4), Metric = Metric.AreaUnderRocCurve }, features: features);
        var evaluated = _mlContext.BinaryClassification.Evaluate(binary.BestModel.Transform(rows), "Truth");
        Assert.IsGreaterThan(0.95, evaluated.AreaUnderRocCurve);
        Assert.AreEqual(binary.Trials.Max(trial => trial.Score), binary.Best.Score, "a higher area is a better one");

        var multiclass = _mlContext.MulticlassClassification.Trainers.Sweep(
            SweepSpace.Of(draw => new TorchMaximumEntropyTrainer.Options
            {
                LabelColumnName = "Class",
                LearningRate = draw.LogRange("rate", 1e-3, 1),
            }),
            rows, new SweepOptions { Strategy = SweepStrategy.Grid(points: 4) }, features: features);
        Assert.AreEqual(Metric.TrainingLoss, multiclass.Metric, "there is no validation data");
        Assert.IsGreaterThan(
            0.8, _mlContext.MulticlassClassification.Evaluate(multiclass.BestModel.Transform(rows), "Class").MicroAccuracy);
    }

    [TestMethod]
    public void A_rate_that_is_too_high_takes_only_its_own_trial_with_it()
    {
        var space = SweepSpace.Of(draw => new TorchLinearRegressionTrainer.Options
        {
            LabelColumnName = "Number",
            LearningRate = draw.Choice("rate", 0.01, 1e6, 0.05),
            NumberOfEpochs = 5,
            Seed = 1,
        });
        var rows = TaskCase.Rows(_mlContext, 200);
        var study = _mlContext.Regression.Trainers.Sweep(space, rows, new SweepOptions { Strategy = SweepStrategy.Grid() });
        Assert.AreEqual(StopReason.Diverged, study.Trials[1].History.StopReason);
        Assert.IsNull(study.Trials[1].Score);
        Assert.AreEqual(1, study.Leaderboard[^1].Number);
        foreach (var number in new[] { 0, 2 })
            AreClose(ModelWeights.Of(_mlContext.Regression.Trainers.TorchLinearRegression(study.Trials[number].Options).Fit(rows).Model),
                study.Trials[number].Weights!, $"{number}");
    }

    [TestMethod]
    public void Halving_leaves_the_worst_of_each_rung_and_trains_the_best_as_alone()
    {
        var rows = TaskCase.Rows(_mlContext, 300);
        var study = _mlContext.Regression.Trainers.Sweep(Rates(epochs: 9), rows, new SweepOptions
        {
            Strategy = SweepStrategy.SuccessiveHalving(trials: 18, reduction: 3, minimumEpochs: 1),
            Seed = 2,
        });
        // 18 trials: after 1 epoch 6 go on, after 3 epochs 2.
        CollectionAssert.AreEqual(
            new[] { (1, 12), (3, 4), (9, 2) }, study.Trials.GroupBy(trial => trial.History.Epochs.Count)
                .OrderBy(group => group.Key).Select(group => (group.Key, group.Count())).ToArray());
        foreach (var rung in new[] { 1, 3 })
        {
            var there = study.Trials.Where(trial => trial.History.Epochs.Count >= rung).ToArray();
            var left = there.Where(trial => trial.History.Epochs.Count == rung)
                .Min(trial => trial.History.Epochs[rung - 1][Metric.ValidationLoss]);
            var gone = there.Where(trial => trial.History.Epochs.Count > rung)
                .Max(trial => trial.History.Epochs[rung - 1][Metric.ValidationLoss]);
            Assert.IsTrue(gone <= left, $"after {rung} epochs {gone} went on and {left} did not");
        }

        Assert.IsTrue(study.Trials.All(
            trial => trial.History.StopReason == (trial.History.Epochs.Count == 9 ? StopReason.Completed : StopReason.Pruned)));
        AreClose(ModelWeights.Of(_mlContext.Regression.Trainers.TorchLinearRegression(study.Best.Options).Fit(rows).Model),
            study.Best.Weights!, "the best");
    }

    [TestMethod]
    public void Hyperbands_brackets_are_those_of_the_paper()
    {
        // Li et al. (2018), table 1: R = 81, η = 3.
        var lots = SweepStrategy.Hyperband(81).Lots(Rates(epochs: 81), seed: 1).ToArray();
        CollectionAssert.AreEqual(
            new[] { (81, 1), (34, 3), (15, 9), (8, 27), (5, 81) }, lots.Select(lot => (lot.Trials.Count(), lot.Rungs.First)).ToArray());
        CollectionAssert.AreEqual(
            Enumerable.Range(0, 143).ToArray(), lots.SelectMany(lot => lot.Trials).Select(trial => trial.Number).ToArray());
    }

    [TestMethod]
    public void Cross_validated_scores_are_those_of_ML_NETs_own_cross_validation()
    {
        var rows = TaskCase.Rows(_mlContext, 240);
        var features = _mlContext.Transforms.NormalizeMeanVariance("Features");
        var space = SweepSpace.Of(draw => new TorchLinearRegressionTrainer.Options
        {
            LabelColumnName = "Number",
            LearningRate = draw.LogRange("rate", 1e-3, 0.3),
            NumberOfEpochs = 8,
            ValidationFraction = 0.2,
            Optimizer = draw.Choice("optimizer", "sgd", "adam") == "sgd" ? Optimizer.Sgd() : Optimizer.Adam(),
            LearningRateSchedule = LrSchedule.ReduceLROnPlateau(factor: 0.5, patience: 0),
        });
        var study = _mlContext.Regression.Trainers.Sweep(
            space, rows, new SweepOptions
            {
                Strategy = SweepStrategy.Random(6),
                Seed = 4,
                NumberOfFolds = 3,
                Metric = Metric.RSquared,
                TrialsTogether = 2
            }, features: features);
        foreach (var trial in study.Trials)
        {
            var pipeline = features.Append(_mlContext.Regression.Trainers.TorchLinearRegression(trial.Options));
            var expected = _mlContext.Regression.CrossValidate(rows, pipeline, numberOfFolds: 3, labelColumnName: "Number", seed: 4)
                .Select(fold => fold.Metrics.RSquared).ToArray();
            for (var fold = 0; fold < 3; fold++)
                Assert.AreEqual(expected[fold], trial.FoldScores[fold]!.Value, 1e-5, $"trial {trial.Number}, fold {fold}");
            Assert.AreEqual(expected.Average(), trial.Score!.Value, 1e-5, $"trial {trial.Number}");
            AreClose(ModelWeights.Of(pipeline.Fit(rows).LastTransformer.Model), trial.Weights!,
                $"trial {trial.Number}: its model is that of all rows");
        }

        Assert.AreEqual(study.Trials.Max(trial => trial.Score), study.Best.Score);
        // Without rows held back, and by a column whose equal values stay together.
        var byKey = _mlContext.Regression.Trainers.Sweep(
            SweepSpace.Of(draw => new TorchLinearRegressionTrainer.Options
            {
                LabelColumnName = "Number",
                LearningRate = draw.LogRange("rate", 1e-3, 0.1),
                NumberOfEpochs = 3,
            }),
            rows, new SweepOptions
            {
                Strategy = SweepStrategy.Grid(2),
                NumberOfFolds = 2,
                SamplingKeyColumnName = "Number",
                Metric = Metric.MeanAbsoluteError
            });
        foreach (var trial in byKey.Trials)
            CollectionAssert.AreEqual(
                _mlContext.Regression.CrossValidate(
                    rows, _mlContext.Regression.Trainers.TorchLinearRegression(trial.Options), numberOfFolds: 2,
                    labelColumnName: "Number", samplingKeyColumnName: "Number", seed: 0)
                    .Select(fold => Math.Round(fold.Metrics.MeanAbsoluteError, 4)).ToArray(),
                trial.FoldScores.Select(score => Math.Round(score!.Value, 4)).ToArray());
        Assert.AreEqual(Metric.ValidationLoss, _mlContext.BinaryClassification.Trainers.Sweep(
            SweepSpace.Trials([new TorchLogisticRegressionTrainer.Options { LabelColumnName = "Truth" }]), rows,
            new SweepOptions { NumberOfFolds = 2 }).Metric);
    }

    [TestMethod]
    public void Trials_of_the_users_own_are_swept_and_those_left_or_lost_have_no_cross_validated_score()
    {
        var rows = TaskCase.Rows(_mlContext, 200);
        double[] rates = [0.001, 0.1, 1e6, 0.03];
        var trials = rates.Select(rate => new TorchLinearRegressionTrainer.Options
        {
            LabelColumnName = "Number",
            LearningRate = rate,
            NumberOfEpochs = 4,
            ValidationFraction = 0.2,
        });
        var study = _mlContext.Regression.Trainers.Sweep(
            SweepSpace.Trials(trials), rows,
            new SweepOptions { Strategy = SweepStrategy.SuccessiveHalving(trials: 100, reduction: 2), NumberOfFolds = 2 });
        CollectionAssert.AreEqual(rates, study.Trials.Select(trial => trial.Options.LearningRate).ToArray());
        CollectionAssert.AreEqual(
            new[] { StopReason.Pruned, StopReason.Completed, StopReason.Diverged, StopReason.Pruned },
            study.Trials.Select(trial => trial.History.StopReason).ToArray());
        Assert.AreEqual(1, study.Best.Number);
        CollectionAssert.AreEqual(new[] { 0, 2, 0, 0 }, study.Trials.Select(trial => trial.FoldScores.Count).ToArray());
        Assert.IsTrue(study.Trials.All(trial => trial.Score is null == trial.FoldScores is []));
    }

    [TestMethod]
    public void What_trials_cannot_share_is_refused()
    {
        var rows = TaskCase.Rows(_mlContext, 50);
        string Message<TException>(Func<Draw, TorchLinearRegressionTrainer.Options> space, SweepOptions? options = null)
            where TException : Exception =>
            Assert.ThrowsExactly<TException>(() => _mlContext.Regression.Trainers.Sweep(
                SweepSpace.Of(space), rows, options ?? new SweepOptions { Strategy = SweepStrategy.Grid() })).Message;
        StringAssert.Contains(
            Message<InvalidOperationException>(
                draw => new() { LabelColumnName = "Number", ValidationFraction = draw.Choice("part", 0.1, 0.2) }),
            "ValidationFraction must be the same in all trials");
        StringAssert.Contains(
            Message<InvalidOperationException>(
                draw => new() { LearningRate = draw.Range("rate", 0.1, 1) + draw.Range("rate", 0.1, 1) }),
            "Received: rate again");
        StringAssert.Contains(
            Message<InvalidOperationException>(draw => new() { LabelColumnName = "Number" },
                new() { Metric = Metric.RSquared, Strategy = SweepStrategy.Grid() }), "there is no validation data");
        // Validation rows would not help.
        StringAssert.StartsWith(
            Message<InvalidOperationException>(draw => new() { LabelColumnName = "Number" },
                new() { Metric = Metric.Accuracy, Strategy = SweepStrategy.Grid() }),
            "Metric must be one that the trainer measures: TrainingLoss, ValidationLoss, ");
        StringAssert.Contains(
            Message<InvalidOperationException>(draw => new() { LabelColumnName = "Number" },
                new() { Metric = Metric.TrainingLoss, NumberOfFolds = 2 }), "if NumberOfFolds is set. Received: TrainingLoss");
        StringAssert.Contains(
            Message<InvalidOperationException>(draw => new() { LabelColumnName = "Number" },
                new() { Strategy = SweepStrategy.Grid(), NumberOfFolds = 2000 }),
            "NumberOfFolds must leave each fold a row. Received: 2000");
        StringAssert.Contains(
            Message<InvalidOperationException>(draw => new() { LabelColumnName = "Number" },
                new() { Strategy = SweepStrategy.SuccessiveHalving(), NumberOfFolds = 2 }), "needs validation data");
    }

    [TestMethod]
    public void What_has_no_effect_is_told()
    {
        TorchLinearRegressionTrainer.Options[] trials =
            [.. new[] { 0.01, 0.02, 0.03 }.Select(rate => new TorchLinearRegressionTrainer.Options
            {
                LabelColumnName = "Number", LearningRate = rate, NumberOfEpochs = 2, Seed = 1,
            })];
        (SweepOptions Options, string? Note)[] cases =
        [
            (new(), null),
            (new() { SamplingKeyColumnName = "Number" },
                "SamplingKeyColumnName of SweepOptions (Number) has no effect: NumberOfFolds is null."),
            (new() { SamplingKeyColumnName = "Number", NumberOfFolds = 2 }, null),
            (new() { WhenJournalIsInUse = JournalInUse.Refuse }, "WhenJournalIsInUse (Refuse) has no effect: Journal is null."),
            (new() { Cancellation = CancellationMode.ReturnBest },
                "Cancellation (ReturnBest) has no effect: CancellationToken is not set."),
            (new() { Strategy = SweepStrategy.Random(2) },
                "Strategy draws nothing: Random(2) trains the first 2 of SweepSpace.Trials, in their order."),
            (new() { Strategy = SweepStrategy.Grid(3) }, "Strategy has no effect: Grid(3) sets the points of ranges"),
            (new() { Strategy = SweepStrategy.Grid() }, null),
        ];
        foreach (var (options, note) in cases)
        {
            var study = Sweep(options);
            Assert.AreEqual(note is null ? 0 : 1, study.Notes.Count, $"{options}");
            if (note is not null) StringAssert.StartsWith(study.Notes[0], note);
        }

        foreach (var trial in trials) trial.ValidationFraction = 0.2;
        StringAssert.StartsWith(
            Sweep(new() { Strategy = SweepStrategy.SuccessiveHalving(2, reduction: 2) }).Notes.Single(),
            "Strategy has 2 trials: it trains the first 2 of the 3 of SweepSpace.Trials, and leaves out the others.");
        Assert.IsEmpty(Sweep(new() { Strategy = SweepStrategy.SuccessiveHalving(3, reduction: 2) }).Notes);
        foreach (var trial in trials) (trial.ValidationFraction, trial.MonitoredMetric) = (0, Metric.RSquared);
        StringAssert.StartsWith(
            Sweep(new()).Notes.Single(),
            "MonitoredMetric (RSquared) has no effect: there are no validation rows, and trials are compared by TrainingLoss.");

        Study<TorchLinearRegressionTrainer.Options> Sweep(SweepOptions options) =>
            _mlContext.Regression.Trainers.Sweep(SweepSpace.Trials(trials), TaskCase.Rows(_mlContext, 60), options);
    }

    [TestMethod]
    public void Progress_tells_how_all_trials_stand()
    {
        var reports = new List<SweepProgress>();
        var study = _mlContext.Regression.Trainers.Sweep(
            Rates(epochs: 4), TaskCase.Rows(_mlContext, 100),
            new SweepOptions { Strategy = SweepStrategy.Random(6), Progress = new Collector(reports) });
        Assert.AreEqual(4, reports.Count);
        CollectionAssert.AreEqual(new[] { 0, 0, 0, 6 }, reports.Select(report => report.EndedCount).ToArray());
        CollectionAssert.AreEqual(study.Leaderboard.Select(trial => (trial.Number, trial.Score)).ToArray(),
            reports[^1].Trials.Select(trial => (trial.Number, trial.Score)).ToArray());
        foreach (var report in reports) Assert.IsNotNull(report.TimeLeft);
        Assert.AreEqual(TimeSpan.Zero, reports[^1].TimeLeft);
    }

    [TestMethod]
    public void Progress_tells_how_a_cross_validation_stands()
    {
        var reports = new List<SweepProgress>();
        var study = _mlContext.Regression.Trainers.Sweep(
            Rates(epochs: 2), TaskCase.Rows(_mlContext, 100),
            new SweepOptions
            {
                Strategy = SweepStrategy.Random(4),
                NumberOfFolds = 3,
                TrialsTogether = 2,
                Progress = new Collector(reports),
            });
        // Two batches of two epochs; then the begin, and two batches on each of three folds.
        CollectionAssert.AreEqual(
            new[] { (0, 0), (0, 0), (0, 0), (0, 0), (0, 12), (2, 12), (4, 12), (6, 12), (8, 12), (10, 12), (12, 12) },
            reports.Select(report => (report.EndedFoldTrainingCount, report.FoldTrainingCount)).ToArray());
        CollectionAssert.AreEqual(
            new[] { true, true, true, true, true, false, false, false, false, false, false },
            reports.Select(report => report.TimeLeft is null).ToArray());
        Assert.AreEqual(TimeSpan.Zero, reports[^1].TimeLeft);
        StringAssert.StartsWith($"{reports[^2]}", "4 trials ended, 0 running, 10 of 12 trainings on folds ended; the best by");
        CollectionAssert.AreEqual(study.Leaderboard.Select(trial => (trial.Number, trial.Score)).ToArray(),
            reports[^1].Trials.Select(trial => (trial.Number, trial.Score)).ToArray());
        foreach (var report in reports.Skip(4)) Assert.AreEqual(4, report.EndedCount);
    }

    [TestMethod]
    public void Each_schedule_that_leaves_much_of_the_run_at_zero_is_told_of_once_before_training()
    {
        // PolynomialLR() reaches 0 after 5 of 12 epochs. The other interval is that of minibatches: 4 of 60 rows, and 2 of 32.
        var batchwise = LrSchedule.PolynomialLR(totalIters: 20) with { Interval = ScheduleInterval.Batch };
        TorchLinearRegressionTrainer.Options[] trials =
        [
            ToZero(null), ToZero(LrSchedule.PolynomialLR()), ToZero(LrSchedule.PolynomialLR()),
            ToZero(LrSchedule.LambdaLR("1 - epoch / 3.5")), ToZero(batchwise), ToZero(batchwise, batchSize: 32),
            ToZero(LrSchedule.PolynomialLR(totalIters: 12)), ToZero(LrSchedule.PolynomialLR()),
        ];
        foreach (var strategy in new[] { null, SweepStrategy.SuccessiveHalving(trials.Length, minimumEpochs: 6) })
        {
            var log = new List<string>();
            var mlContext = new MLContext(seed: 1);
            mlContext.Log += (_, entry) => log.Add(entry.Message);
            var ended = 0;
            var study = mlContext.Regression.Trainers.Sweep(
                SweepSpace.Trials(trials), TaskCase.Rows(mlContext, 60),
                new SweepOptions
                {
                    Strategy = strategy,
                    TrialsTogether = 64,
                    Progress = new Counter(() => ended = log.Count(IsTold)),
                    Metric = Metric.TrainingLoss,
                });
            string[] told = [.. study.Notes.Where(IsTold)];
            Assert.HasCount(3, told, string.Join('\n', study.Notes));
            StringAssert.StartsWith(
                told[0], "LearningRateSchedule keeps the learning rate at 0 from epoch 6 on. For 7 of 12 epochs, nothing is learned: "
                + "PolynomialLR(totalIters: 5). Make the schedule as long as the run (12 epochs)");
            StringAssert.Contains(told[1], "at 0 from epoch 6 on");
            StringAssert.Contains(told[2], "at 0 from epoch 11 on");
            Assert.AreEqual(3, ended, "in the log before the first epoch ended");
            // The trial whose schedule cannot be computed ends with its reason.
            StringAssert.Contains(study.Trials[3].Failure, "-0.14");
        }

        static bool IsTold(string text) => text.Contains("keeps the learning rate", StringComparison.Ordinal);
    }

    [TestMethod]
    public void A_space_without_trials_is_refused_before_rows_are_read()
    {
        var reads = 0;
        var rows = _mlContext.Data.LoadFromEnumerable(Counted());
        IEnumerable<TorchLinearRegressionTrainer.Options>[] lists = [[], new List<TorchLinearRegressionTrainer.Options>(), Lazily()];
        SweepStrategy?[] strategies =
        [
            null, SweepStrategy.Random(3), SweepStrategy.SuccessiveHalving(9), SweepStrategy.Hyperband(9), SweepStrategy.Grid(2),
        ];
        foreach (var list in lists)
            foreach (var strategy in strategies)
            {
                var error = Assert.ThrowsExactly<ArgumentException>(() => _mlContext.Regression.Trainers.Sweep(
                    SweepSpace.Trials(list), rows, new SweepOptions { Strategy = strategy }));
                Assert.AreEqual("space", error.ParamName);
                StringAssert.StartsWith(
                    error.Message,
                    "space must have at least one trial. Received: none. Pass a list that is not empty to SweepSpace.Trials.");
            }

        Assert.AreEqual(0, reads);

        IEnumerable<TaskRow> Counted()
        {
            reads++;
            yield break;
        }

        static IEnumerable<TorchLinearRegressionTrainer.Options> Lazily()
        {
            yield break;
        }
    }

    internal static SweepSpace<TorchLinearRegressionTrainer.Options> Rates(int epochs) => SweepSpace.Of(draw => RateOf(draw, epochs));

    internal static TorchLinearRegressionTrainer.Options ToZero(LrSchedule? schedule, int batchSize = 16) => new()
    {
        LabelColumnName = "Number",
        LearningRate = 0.01,
        LearningRateSchedule = schedule,
        NumberOfEpochs = 12,
        BatchSize = batchSize,
        Seed = 1,
    };

    internal static TorchLinearRegressionTrainer.Options RateOf(Draw draw, int epochs, LrSchedule? schedule = null) => new()
    {
        LabelColumnName = "Number",
        LearningRate = draw.LogRange("rate", 1e-3, 0.3),
        LearningRateSchedule = schedule,
        NumberOfEpochs = epochs,
        ValidationFraction = 0.25,
        Seed = 1,
    };

    private static void AreClose(LinearWeights expected, LinearWeights actual, string what)
    {
        var size = expected.Weights.Concat(expected.Biases).Max(Math.Abs);
        for (var i = 0; i < expected.Weights.Length; i++)
            Assert.AreEqual(expected.Weights[i], actual.Weights[i], 1e-5 * size, $"{what}, weight {i}");
        for (var i = 0; i < expected.Biases.Length; i++)
            Assert.AreEqual(expected.Biases[i], actual.Biases[i], 1e-5 * size, $"{what}, bias {i}");
    }

    internal sealed class Counter(Action count) : IProgress<SweepProgress>
    {
        public void Report(SweepProgress value) => count();
    }

    private sealed class Collector(List<SweepProgress> reports) : IProgress<SweepProgress>
    {
        public void Report(SweepProgress value) => reports.Add(value);
    }
}
