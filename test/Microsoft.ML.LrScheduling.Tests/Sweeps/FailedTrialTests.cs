using System.Globalization;
using System.Text.Json;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Reports;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Tests.Trainers;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Sweeps;

/// <summary>Trials that cannot be trained: each ends alone, with its reason.</summary>
[TestClass]
public sealed class FailedTrialTests : JournaledTests
{
    [TestMethod]
    public void A_schedule_that_throws_in_training_ends_its_own_trial()
    {
        foreach (var interval in new[] { ScheduleInterval.Epoch, ScheduleInterval.Batch })
        {
            // It holds until training has begun, so that nothing can find it out before.
            var (epochs, calls) = (0, 0);
            var failing = LrSchedule.LambdaLR(step =>
            {
                calls++;
                return epochs < 2 ? 1 : throw new FormatException("no rate");
            }) with
            { Interval = interval };
            var study = Sweep(SweepSpace.Trials([Options(null), Options(failing), Options(null)]), options => options with
            {
                Progress = new SweepTests.Counter(() => epochs++),
                Journal = Journal,
            });
            CollectionAssert.AreEqual(
                new[] { StopReason.Completed, StopReason.Failed, StopReason.Completed },
                study.Trials.Select(trial => trial.History.StopReason).ToArray());
            var failed = study.Trials[1];
            // As an expression is told of: in the epoch whose rate it is.
            Assert.AreEqual(
                $"LearningRateSchedule failed in epoch {(interval == ScheduleInterval.Epoch ? "4" : "3, minibatch 2")}: "
                + "FormatException: no rate", failed.Failure);
            Assert.IsNull(failed.Score);
            Assert.AreEqual(1, study.Leaderboard[^1].Number);
            StringAssert.Contains(study.Notes.Single(), "Trial 1 (");
            StringAssert.Contains($"{failed}", "FormatException: no rate");
            foreach (var number in new[] { 0, 2 }) Assert.IsNull(study.Trials[number].Failure);

            // A sweep that goes on does not try again, and does not die.
            var (lines, before) = (File.ReadAllLines(Journal), calls);
            epochs = 0;
            var again = Sweep(SweepSpace.Trials([Options(null), Options(failing), Options(null)]), options => options with
            {
                Progress = new SweepTests.Counter(() => epochs++),
                Journal = Journal,
            });
            Assert.AreEqual(0, epochs);
            Assert.AreEqual(failed.Failure, again.Trials[1].Failure);
            Assert.AreEqual(study.Best.Score, again.Best.Score);
            CollectionAssert.AreEqual(lines, File.ReadAllLines(Journal));
            using (var line = JsonDocument.Parse(lines.Single(line => line.Contains("\"trial\":1,", StringComparison.Ordinal))))
            {
                Assert.AreEqual("failed", line.RootElement.GetProperty("stopReason").GetString());
                Assert.AreEqual(failed.Failure, line.RootElement.GetProperty("failure").GetString());
            }

            File.Delete(Journal);
        }
    }

    [TestMethod]
    public void What_of_a_trial_does_not_hold_or_does_not_fit_ends_it_alone_whether_it_comes_first_or_later()
    {
        (Func<TorchLinearRegressionTrainer.Options> Options, string Reason)[] faults =
        [
            (() => Options(null, options => options.LearningRate = -1), "Its options are not valid: LearningRate must be in (0, ∞)"),
            (() => Options(null, options => options.Checkpoints = new Checkpoints { Folder = "x" }),
                "Its options are not valid: Checkpoints of a trial must be null"),
            (() => Options(null, options => options.Progress = new Progress<TrainingProgress>()),
                "Its options are not valid: Progress of a trial must be null. Set SweepOptions.Progress instead."),
            (() => Options(null, options => options.CancellationToken = new CancellationToken(canceled: true)),
                "Its options are not valid: CancellationToken of a trial must not be set. Set SweepOptions.CancellationToken instead."),
            (() => Options(null, options => options.Cancellation = CancellationMode.ReturnBest),
                "Its options are not valid: Cancellation of a trial must be Throw"),
            (() => Options(LrSchedule.OneCycleLR(0.1, totalSteps: 2)),
                "LearningRateSchedule cannot hold for 4 epochs of at least one minibatch: totalSteps must be at least 4, "),
            // An epoch has four minibatches.
            (() => Options(LrSchedule.OneCycleLR(0.1, totalSteps: 5)),
                "LearningRateSchedule cannot hold for 4 epochs of 4 minibatches: totalSteps must be at least 16, "),
            // The labels are negative in part.
            (() => Options(null, options => options.Loss = RegressionLoss.Poisson()), "It cannot be trained: "),
            (() => Options(LrSchedule.ReduceLROnPlateau()), "watches ValidationLoss, and there is no validation data"),
            (() => Options(null, options => options.EarlyStopping = new EarlyStopping()), "EarlyStopping watches ValidationLoss"),
            (() => null!, "The search space did not return options: A search space must give options. Received: null"),
            (() => throw new NotSupportedException("none today"),
                "The search space did not return options: NotSupportedException: none today"),
            (() => Options(LrSchedule.StepLR(0)), "The search space did not return options: stepSize must be at least 1. Received: 0"),
        ];
        foreach (var (faulty, reason) in faults)
            for (var place = 0; place < 2; place++)
            {
                var study = Sweep(
                    SweepSpace.Of(draw => draw.Choice("trial", 0, 1) == place ? faulty() : Options(null)),
                    options => options with { Strategy = SweepStrategy.Grid(), Journal = Journal });
                StringAssert.Contains(study.Trials[place].Failure, reason);
                Assert.AreEqual(StopReason.Failed, study.Trials[place].History.StopReason);
                Assert.AreEqual(1 - place, study.Best.Number);
                // The journal tells the same, and a sweep goes on from it.
                CollectionAssert.AreEqual(
                    study.Trials.Select(trial => trial.Failure).ToArray(),
                    Study.Load(Journal).Trials.Select(trial => trial.Failure).ToArray());
                var again = Sweep(
                    SweepSpace.Of(draw => draw.Choice("trial", 0, 1) == place ? faulty() : Options(null)),
                    options => options with { Strategy = SweepStrategy.Grid(), Journal = Journal });
                Assert.AreEqual(study.Trials[place].Failure, again.Trials[place].Failure);
                Assert.HasCount(3, File.ReadAllLines(Journal));
                File.Delete(Journal);
            }
    }

    [TestMethod]
    public void A_trial_that_has_no_options_says_so_when_asked_for_them()
    {
        var logged = new List<string>();
        _mlContext.Log += (_, entry) => logged.Add(entry.Message);
        var study = Sweep(SweepSpace.Trials([Options(null), null!]));
        Assert.HasCount(1, logged.Where(line => line.EndsWith(study.Notes.Single(), StringComparison.Ordinal)));
        StringAssert.StartsWith(
            Assert.ThrowsExactly<InvalidOperationException>(() => study.Trials[1].Options).Message, "Trial 1 has no options. It must have");
        var report = Path.Combine(_folder.FullName, "new", "report.html");
        study.SaveReport(report);
        StringAssert.Contains(File.ReadAllText(report), "It must have options. Received: null");
    }

    [TestMethod]
    public void A_sweep_fails_when_all_trials_have_and_names_the_first()
    {
        var space = SweepSpace.Of(draw => Options(null, options => options.LearningRate = draw.Choice("rate", -1, -2, -3)));
        var message = Assert.ThrowsExactly<InvalidOperationException>(
            () => Sweep(space, options => options with { Strategy = SweepStrategy.Grid(), Journal = Journal })).Message;
        Assert.AreEqual(
            "All 3 trials failed. The first is trial 0 (rate = -1). Its options are not valid: LearningRate must be in (0, ∞). "
            + "Received: -1", message.ReplaceLineEndings(" ").Split(" (Parameter")[0]);
        var fitting = SweepSpace.Trials([Options(LrSchedule.OneCycleLR(0.1, totalSteps: 5))]);
        for (var start = 0; start < 2; start++)
            StringAssert.StartsWith(
                Assert.ThrowsExactly<InvalidOperationException>(
                    () => Sweep(fitting, options => options with { Journal = Journal })).Message,
                "The only trial, trial 0 (");
        Assert.HasCount(2, File.ReadAllLines(Journal));
    }

    [TestMethod]
    public void Rows_that_no_trial_can_be_trained_on_end_the_sweep()
    {
        var none = _mlContext.Data.FilterRowsByColumn(TaskCase.Rows(_mlContext, 5), "Number", lowerBound: 1e9);
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(
                () => _mlContext.Regression.Trainers.Sweep(SweepSpace.Trials([Options(null), Options(null)]), none)).Message,
            "There must be at least one training row. Received: 0");
    }

    [TestMethod]
    public void A_trial_that_fails_takes_the_place_of_none_in_halving()
    {
        // Four trials, of which after two epochs two go on: the best one fails there.
        var epochs = 0;
        var failing = LrSchedule.LambdaLR(step => epochs < 1 ? 1 : throw new FormatException("no rate"));
        var study = Sweep(
            SweepSpace.Trials(
                [
                    .. new[] { 0.1, 0.05, 0.002, 0.001 }.Select((rate, i) => Options(i == 0 ? failing : null, options =>
                        (options.LearningRate, options.ValidationFraction) = (rate, 0.2))),
                ]),
            options => options with
            {
                Strategy = SweepStrategy.SuccessiveHalving(trials: 4, reduction: 3, minimumEpochs: 2),
                Progress = new SweepTests.Counter(() => epochs++),
            });
        CollectionAssert.AreEqual(
            new[] { StopReason.Failed, StopReason.Completed, StopReason.Pruned, StopReason.Pruned },
            study.Trials.Select(trial => trial.History.StopReason).ToArray());
    }

    [TestMethod]
    public void A_trial_that_fails_in_a_fold_has_no_score_and_says_in_which()
    {
        var (reports, isBroken) = (0, false);
        var failing = LrSchedule.LambdaLR(step => isBroken ? throw new FormatException("no rate") : 1);
        var study = Sweep(SweepSpace.Trials([Options(null), Options(failing)]), options => options with
        {
            NumberOfFolds = 2,
            Progress = new SweepTests.Counter(() => isBroken = ++reports >= 4),
            Journal = Journal,
        });
        Assert.AreEqual(StopReason.Completed, study.Trials[1].History.StopReason);
        StringAssert.Contains(study.Trials[1].Failure, "In fold 1: ");
        StringAssert.Contains(study.Trials[1].Failure, "FormatException: no rate");
        Assert.IsNull(study.Trials[1].Score);
        Assert.HasCount(2, study.Trials[0].FoldScores);
        Assert.IsNotNull(study.Trials[0].Score);
        Assert.AreEqual(study.Trials[1].Failure, Study.Load(Journal).Trials[1].Failure);
    }

    [TestMethod]
    public void Options_that_a_search_space_changes_and_gives_again_are_kept_as_they_were_drawn()
    {
        var shared = Options(LrSchedule.ConstantLR(factor: 1));
        var drawn = SweepSpace.Of(draw =>
        {
            shared.LearningRate = draw.Choice("rate", 0.01, 0.02, 0.03);
            return shared;
        });
        foreach (var space in new[] { drawn, SweepSpace.Trials(Changed()) })
        {
            var study = Sweep(space, options => options with { Strategy = SweepStrategy.Grid() });
            CollectionAssert.AreEqual(
                new double?[] { 0.01, 0.02, 0.03 }, study.Trials.Select(trial => trial.Options.LearningRate).ToArray());
            CollectionAssert.AreEqual(
                new[] { 0.01, 0.02, 0.03 }, study.Trials.Select(trial => trial.History.Epochs[0].LearningRates[0]).ToArray());
        }

        IEnumerable<TorchLinearRegressionTrainer.Options> Changed()
        {
            for (var i = 1; i < 4; i++)
            {
                shared.LearningRate = i / 100.0;
                yield return shared;
            }
        }
    }

    [TestMethod]
    public void A_function_that_gives_up_without_a_wish_to_cancel_ends_its_own_trial()
    {
        foreach (var thrown in new Exception[] { new OperationCanceledException("mine"), new TaskCanceledException("mine") })
        {
            var name = thrown.GetType().Name;
            var epochs = 0;
            var failing = LrSchedule.LambdaLR(step => epochs < 2 ? 1 : throw thrown);
            for (var start = 0; start < 2; start++)
            {
                epochs = 0;
                var study = Sweep(SweepSpace.Trials([Options(null), Options(failing)]), options => options with
                {
                    Progress = new SweepTests.Counter(() => epochs++),
                    Journal = Journal,
                    Cancellation = CancellationMode.ReturnBest,
                });
                Assert.AreEqual(StopReason.Failed, study.Trials[1].History.StopReason);
                StringAssert.Contains(study.Trials[1].Failure, $"{name}: mine");
                Assert.AreEqual(0, study.Best.Number);
            }

            var drawn = Sweep(
                SweepSpace.Of(draw => draw.Choice("trial", 0, 1) == 1 ? throw thrown : Options(null)),
                options => options with { Strategy = SweepStrategy.Grid() });
            Assert.AreEqual($"The search space did not return options: {name}: mine", drawn.Trials[1].Failure);
            // In the trainer's own checks, which ask for the first rate, and in a fold.
            var first = Sweep(SweepSpace.Trials([Options(LrSchedule.LambdaLR((int _) => throw thrown)), Options(null)]));
            StringAssert.Contains(first.Trials[0].Failure, $"{name}: mine");
            var (reports, isBroken) = (0, false);
            var folded = Sweep(
                SweepSpace.Trials([Options(null), Options(LrSchedule.LambdaLR(step => isBroken ? throw thrown : 1))]),
                options => options with { NumberOfFolds = 2, Progress = new SweepTests.Counter(() => isBroken = ++reports >= 4) });
            StringAssert.Contains(folded.Trials[1].Failure, "In fold 1: ");
            File.Delete(Journal);
        }
    }

    [TestMethod]
    public void A_wish_to_cancel_within_a_function_is_no_failure()
    {
        using var source = new CancellationTokenSource();
        var space = SweepSpace.Of(draw =>
        {
            source.Cancel();
            source.Token.ThrowIfCancellationRequested();
            return Options(null);
        });
        Assert.ThrowsExactly<OperationCanceledException>(
            () => Sweep(space, options => options with { CancellationToken = source.Token, Journal = Journal }));
    }

    [TestMethod]
    public void A_trial_whose_device_is_not_there_ends_alone_whether_it_comes_first_or_later()
    {
        for (var place = 0; place < 2; place++)
            foreach (var folds in new int?[] { null, 2 })
            {
                var trials = new[] { Options(null), Options(null) };
                trials[place].Device = "cuda:99";
                for (var start = 0; start < 2; start++)
                {
                    var study = Sweep(
                        SweepSpace.Trials(trials), options => options with { Journal = Journal, NumberOfFolds = folds });
                    StringAssert.Contains(study.Trials[place].Failure, "Received: cuda:99");
                    Assert.AreEqual(1 - place, study.Best.Number);
                }

                File.Delete(Journal);
            }
    }

    [TestMethod]
    public void A_rate_of_its_own_that_diverges_in_a_fold_is_taken_down_to_a_tenth_as_CrossValidate_does()
    {
        // Rows in the order of their label, which stay so: a minibatch is all alike, which the rate that follows from the rows does not
        // expect.
        var rows = _mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 20_000).Select(
            i => new TaskRow { Number = i / 100, Features = [i / 100, i % 7, 0, 0] }).ToArray());
        var options = Options(null, options => (options.LearningRate, options.Shuffle) = (null, false));
        var log = new List<string>();
        _mlContext.Log += (_, entry) => log.Add(entry.Message);
        var study = _mlContext.Regression.Trainers.Sweep(
            SweepSpace.Trials([options]), rows, new SweepOptions { NumberOfFolds = 3, Metric = Metric.MeanAbsoluteError });
        var expected = _mlContext.Regression.CrossValidate(
            rows, _mlContext.Regression.Trainers.TorchLinearRegression(options), 3, labelColumnName: "Number", seed: 0);
        Assert.IsNull(study.Trials[0].Failure);
        Assert.HasCount(3, log.Where(line => line.Contains("begins again with a tenth", StringComparison.Ordinal)));
        for (var fold = 0; fold < 3; fold++)
            Assert.AreEqual(
                expected[fold].Metrics.MeanAbsoluteError, study.Trials[0].FoldScores[fold]!.Value,
                1e-4 * expected[fold].Metrics.MeanAbsoluteError);
    }

    [TestMethod]
    public void A_trial_that_diverges_in_a_fold_says_so()
    {
        var (reports, isBroken) = (0, false);
        var study = Sweep(
            SweepSpace.Trials([Options(null), Options(LrSchedule.LambdaLR(step => isBroken ? 1e9 : 1))]),
            options => options with
            {
                NumberOfFolds = 2,
                Progress = new SweepTests.Counter(() => isBroken = ++reports >= 4),
                Journal = Journal,
            });
        Assert.IsNull(study.Trials[1].Score);
        StringAssert.StartsWith(study.Trials[1].Failure, "In fold 1: Training diverged in epoch 1");
        StringAssert.Contains(study.Notes.Single(), "Trial 1 (");
        var loaded = Study.Load(Journal);
        Assert.AreEqual(study.Trials[1].Failure, loaded.Trials[1].Failure);
        CollectionAssert.AreEqual(study.Notes.ToArray(), loaded.Notes.ToArray());
    }

    [TestMethod]
    public void A_failure_is_one_line_and_is_noted_by_a_sweep_that_goes_on_too()
    {
        var epochs = 0;
        var failing = LrSchedule.LambdaLR(step => epochs < 1 ? 1 : throw new FormatException("no\r\n  rate\u2028today"));
        var studies = Enumerable.Range(0, 2).Select(_ => Sweep(
            SweepSpace.Trials(
                [
                    Options(null),
                    Options(failing, options => options.Optimizer = Optimizer.Sgd(momentum: 0.5)),
                ]),
            options => options with { Progress = new SweepTests.Counter(() => epochs++), Journal = Journal })).ToArray();
        StringAssert.EndsWith(studies[0].Trials[1].Failure, "FormatException: no rate today");
        var note = studies[0].Notes.Single();
        foreach (var blank in new[] { "\r", "\n", "\u2028", "  " })
            Assert.IsFalse(note.Contains(blank, StringComparison.Ordinal), note);
        StringAssert.StartsWith(
            note, "Trial 1 (numberOfEpochs = 4, learningRate = 0.05, optimizer = Sgd { Momentum = 0.5 }, learningRateSchedule = ");
        Assert.AreEqual(note, studies[1].Notes.Single());
        Assert.AreEqual(note, Study.Load(Journal).Notes.Single());
    }

    [TestMethod]
    public void Where_all_trials_diverge_the_message_says_so()
    {
        var study = Sweep(
            SweepSpace.Trials([.. new[] { 1e6, 1e7 }.Select(rate => Options(null, options => options.LearningRate = rate))]),
            options => options with { Journal = Journal });
        var message = Assert.ThrowsExactly<InvalidOperationException>(() => study.Best).Message;
        // As Fit says it, but for the last digits of the loss.
        var alone = Assert.ThrowsExactly<TrainingDivergedException>(() =>
            _mlContext.Regression.Trainers.TorchLinearRegression(study.Trials[0].Options).Fit(TaskCase.Rows(_mlContext, 100)));
        Assert.AreEqual(alone.Message, alone.History.Divergence);
        var loss = alone.Loss.ToString("G5", CultureInfo.InvariantCulture)[..3];
        var expected = $"epoch {alone.Epoch}, step {alone.Step} of 4: the loss became {loss}";
        var advice = alone.Message[alone.Message.IndexOf(" at a learning rate of ", StringComparison.Ordinal)..];
        StringAssert.StartsWith(
            message, $"There is no best trial. Of 2 trials 2 diverged, trial 0: Training diverged in {expected}");
        StringAssert.Contains(message, advice);
        foreach (var loaded in new[] { $"{study.Trials[0]}", $"{study.Leaderboard[0]}", $"{Study.Load(Journal).Trials[0]}" })
        {
            StringAssert.Contains(loaded, $"score none, Diverged after {alone.Epoch - 1} epochs. Training diverged in {expected}");
            StringAssert.EndsWith(loaded, advice);
        }

        Assert.AreEqual(alone.History.Divergence, TrainingHistory.FromJson(alone.History.ToJson()).Divergence);
        Assert.AreEqual(message, Assert.ThrowsExactly<InvalidOperationException>(() => study.BestModel).Message);
    }

    [TestMethod]
    public void A_score_that_is_infinite_is_told()
    {
        // exp(score) of a row far outside is beyond all numbers, whatever the sign of the weight; of weights of 0 it is 1.
        var rows = _mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 60).Select(
            i => new TaskRow { Number = i % 5, Features = [i % 5, i % 3, 0, 0] }).ToArray());
        var outside = _mlContext.Data.LoadFromEnumerable(
            new[] { 1e7f, -1e7f }.Select(far => new TaskRow { Number = 1, Features = [far, 0, 0, 0] }).ToArray());
        Study<TorchLinearRegressionTrainer.Options> Sweep(params double[] rates) => _mlContext.Regression.Trainers.Sweep(
            SweepSpace.Trials([.. rates.Select(rate => Options(null, options =>
                (options.Loss, options.Standardize, options.LearningRate) = (RegressionLoss.Poisson(), false, rate)))]),
            rows, new SweepOptions { Journal = Journal }, outside);

        var study = Sweep(0.02, 0.01);
        Assert.AreEqual(double.PositiveInfinity, study.Trials[0].History.Epochs[^1][Metric.ValidationLoss]);
        Assert.IsTrue(study.Trials.All(trial => trial is { Score: null, Failure: null, History.StopReason: StopReason.Completed }));
        StringAssert.StartsWith(
            Assert.ThrowsExactly<InvalidOperationException>(() => study.Best).Message,
            "There is no best trial. Of 2 trials 2 have no score, trial 0: ValidationLoss is infinite for the validation rows.");
        var journaled = Sweep(0.02, 0.01);
        CollectionAssert.AreEqual(study.Notes.ToArray(), journaled.Notes.ToArray());
        CollectionAssert.AreEqual(study.Notes.ToArray(), Study.Load(Journal).Notes.ToArray());
        File.Delete(Journal);

        study = Sweep(0.02, 1e-12);
        Assert.AreEqual(1, study.Best.Number);
        Assert.HasCount(1, study.Notes);
        StringAssert.StartsWith(study.Notes[0], "Trial 0 (");
        StringAssert.EndsWith(study.Notes[0], "has no score: ValidationLoss is infinite for the validation rows.");
    }

    [TestMethod]
    public void A_best_trial_that_was_left_since_those_that_went_further_failed_is_told()
    {
        var epochs = 0;
        var failing = LrSchedule.LambdaLR(step => epochs < 2 ? 1 : throw new FormatException("no rate"));
        Study<TorchLinearRegressionTrainer.Options> Halve(bool fails) => Sweep(
            SweepSpace.Trials(
                [
                    .. new[] { 0.1, 0.05, 0.002, 0.001 }.Select((rate, i) => Options(i < 2 && fails ? failing : null, options =>
                        (options.LearningRate, options.ValidationFraction) = (rate, 0.2))),
                ]),
            options => options with
            {
                Strategy = SweepStrategy.SuccessiveHalving(trials: 4, reduction: 3, minimumEpochs: 1),
                Progress = new SweepTests.Counter(() => epochs++),
                Journal = Journal,
            });
        var study = Halve(fails: true);
        CollectionAssert.AreEqual(
            new[] { StopReason.Failed, StopReason.Failed, StopReason.Pruned, StopReason.Pruned },
            study.Trials.Select(trial => trial.History.StopReason).ToArray());
        Assert.AreEqual(2, study.Best.Number);
        StringAssert.StartsWith(study.Notes[^1], "The best trial, trial 2 (");
        StringAssert.EndsWith(
            study.Notes[^1],
            "was stopped early, after 1 epoch: the trials that were to train further failed or diverged, and have no score.");
        Assert.AreEqual(study.Notes[^1], Study.Load(Journal).Notes[^1]);
        File.Delete(Journal);
        Assert.HasCount(0, Halve(fails: false).Notes);
    }

    private static TorchLinearRegressionTrainer.Options Options(
        LrSchedule? schedule, Action<TorchLinearRegressionTrainer.Options>? configure = null)
    {
        var options = new TorchLinearRegressionTrainer.Options
        {
            LabelColumnName = "Number",
            LearningRate = 0.05,
            LearningRateSchedule = schedule,
            NumberOfEpochs = 4,
            Seed = 1,
        };
        configure?.Invoke(options);
        return options;
    }

    private Study<TorchLinearRegressionTrainer.Options> Sweep(
        SweepSpace<TorchLinearRegressionTrainer.Options> space, Func<SweepOptions, SweepOptions>? change = null) =>
        _mlContext.Regression.Trainers.Sweep(
            space, TaskCase.Rows(_mlContext, 100), change?.Invoke(new SweepOptions()) ?? new SweepOptions());
}
