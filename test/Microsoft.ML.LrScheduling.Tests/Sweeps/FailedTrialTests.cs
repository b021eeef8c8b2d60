using System.Text.Json;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Reports;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Tests.Trainers;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Sweeps;

/// <summary>Trials that cannot be trained: each ends alone, with its reason.</summary>
[TestClass]
public sealed class FailedTrialTests
{
    private readonly MLContext _mlContext = new(seed: 1);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lrscheduling-failed-");

    private string Journal => Path.Combine(_folder.FullName, "study.jsonl");

    [TestCleanup]
    public void DeleteFolder() => _folder.Delete(recursive: true);

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
            Assert.AreEqual("Its schedule failed in epoch 3: FormatException: no rate", failed.Failure);
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
            (() => Options(null, options => options.LearningRate = -1), "Its options do not hold: LearningRate must be in (0, ∞)"),
            (() => Options(null, options => options.Checkpoints = new Checkpoints { Folder = "x" }),
                "Its options do not hold: Checkpoints of a trial must be null"),
            (() => Options(LrSchedule.OneCycleLR(0.1, totalSteps: 2)), "totalSteps"),
            // The labels are negative in part.
            (() => Options(null, options => options.Loss = RegressionLoss.Poisson()), "It cannot be trained: "),
            (() => Options(LrSchedule.ReduceLROnPlateau()), "watches ValidationLoss, and there is no validation data"),
            (() => Options(null, options => options.EarlyStopping = new EarlyStopping()), "EarlyStopping watches ValidationLoss"),
            (() => null!, "The search space gives it no options: A search space must give options. Received: null"),
            (() => throw new NotSupportedException("none today"),
                "The search space gives it no options: NotSupportedException: none today"),
            (() => Options(LrSchedule.StepLR(0)), "The search space gives it no options: stepSize must be at least 1. Received: 0"),
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
            "All 3 trials failed. The first is trial 0 (rate = -1). Its options do not hold: LearningRate must be in (0, ∞). "
            + "Received: -1", message.ReplaceLineEndings(" ").Split(" (Parameter")[0]);
        var fitting = SweepSpace.Trials([Options(LrSchedule.OneCycleLR(0.1, totalSteps: 2))]);
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
            Progress = new SweepTests.Counter(() => isBroken = ++reports == 4),
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
    public void Where_all_trials_diverge_the_message_says_so()
    {
        var study = Sweep(SweepSpace.Trials([.. new[] { 1e6, 1e7 }.Select(rate => Options(null, options => options.LearningRate = rate))]));
        var message = Assert.ThrowsExactly<InvalidOperationException>(() => study.Best).Message;
        StringAssert.StartsWith(
            message, "There is no best trial. Of 2 trials 2 diverged, trial 0 in epoch 1 with a learning rate of 1E+06. Sweep lower");
        Assert.AreEqual(message, Assert.ThrowsExactly<InvalidOperationException>(() => study.BestModel).Message);
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
