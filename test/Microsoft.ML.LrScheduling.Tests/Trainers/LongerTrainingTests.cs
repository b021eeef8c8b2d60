using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Trainers;

/// <summary>Checkpoints of a run of another length, and what the log says of checkpoints.</summary>
[TestClass]
public sealed class LongerTrainingTests
{
    private readonly MLContext _mlContext = new(seed: 1);
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("lrscheduling-longer-");
    private readonly List<string> _log = [];

    public LongerTrainingTests() => _mlContext.Log += (_, e) =>
    {
        if (e.Message.Contains("Training, Kind=", StringComparison.Ordinal)) _log.Add($"{e.Kind}: {e.RawMessage}");
    };

    public static IEnumerable<object[]> Tasks => TaskCase.All;

    [TestCleanup]
    public void DeleteFolder() => _root.Delete(recursive: true);

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void More_epochs_go_on_to_what_an_uninterrupted_run_gives(TaskCase task)
    {
        var (_, expected, expectedHistory) = Fit(task, 9, LrSchedule.StepLR(stepSize: 2, gamma: 0.5), keeps: false);
        // A run that has ended, one that is to be no longer than that, and one that is.
        Fit(task, 5, LrSchedule.StepLR(stepSize: 2, gamma: 0.5));
        var (epochs, weights, history) = Fit(task, 9, LrSchedule.StepLR(stepSize: 2, gamma: 0.5));
        Assert.AreEqual(4, epochs);
        CollectionAssert.AreEqual(expected, weights);
        Assert.AreEqual((StopReason.Completed, 9), (history.StopReason, history.Epochs.Count));
        CollectionAssert.AreEqual(
            expectedHistory.Epochs.Select(epoch => (epoch.TrainingLoss, epoch.LearningRates[0])).ToArray(),
            history.Epochs.Select(epoch => (epoch.TrainingLoss, epoch.LearningRates[0])).ToArray());
        Assert.AreEqual(0, Fit(task, 9, LrSchedule.StepLR(stepSize: 2, gamma: 0.5)).Epochs);
    }

    [TestMethod]
    public void Fewer_epochs_than_were_trained_are_refused()
    {
        var task = (TaskCase)TaskCase.All.First()[0];
        Fit(task, 5, LrSchedule.ConstantLR(factor: 1));
        Assert.AreEqual(
            $"NumberOfEpochs must be at least the 5 epochs of the checkpoints in '{_root.FullName}'. Received: 4. Choose another "
            + "folder, or delete the checkpoints.",
            Assert.ThrowsExactly<InvalidOperationException>(() => Fit(task, 4, LrSchedule.ConstantLR(factor: 1))).Message);
    }

    [TestMethod]
    public void A_schedule_that_takes_its_length_from_the_run_is_named_with_the_way_to_train_on()
    {
        var task = (TaskCase)TaskCase.All.First()[0];
        foreach (var (schedule, name, length) in new (LrSchedule?, string, int?)[]
        {
            (null, "LearningRateSchedule (null, a line to zero)", 5),
            (LrSchedule.OneCycleLR(0.1), "LearningRateSchedule (OneCycleLR(maxLr: 0.1))", 5),
            (LrSchedule.WarmupStableDecayLR(warmupSteps: 1, decaySteps: 2).WithWarmup(2),
                "LearningRateSchedule (SequentialLR(", 5),
            // As many as the rows ask for: 7 steps an epoch are 1,000 epochs.
            (null, "LearningRateSchedule (null, a line to zero)", null),
        })
        {
            Directory.Delete(_root.FullName, recursive: true);
            Fit(task, length, schedule);
            var error = Assert.ThrowsExactly<InvalidOperationException>(() => Fit(task, 1002, schedule));
            StringAssert.StartsWith(
                error.Message,
                $"The checkpoints in '{_root.FullName}' belong to a run of {length ?? 1000} epochs, NumberOfEpochs is 1002, and {name}");
            StringAssert.EndsWith(
                error.Message,
                $" takes its length from the run. To continue, train the model of the {length ?? 1000} epochs first, and pass "
                + "its Model to Fit(trainData, validationData, initial) of a trainer with another folder.");
            // The warmup and the decay alone are longer than 4 epochs, so that the last schedule is the same in them.
            StringAssert.EndsWith(
                Assert.ThrowsExactly<InvalidOperationException>(() => Fit(task, 4, schedule)).Message,
                schedule is SequentialLR ? " Choose another folder, or delete the checkpoints."
                    : $" takes its length from the run. Set NumberOfEpochs to {length ?? 1000} to continue that run, or choose another "
                        + "folder for a run of 4 epochs.");
            // The same number is the same training, whether it is named or follows from the rows.
            Assert.AreEqual(0, Fit(task, length ?? 1000, schedule).Epochs);
        }
    }

    [TestMethod]
    public void What_does_not_change_what_is_trained_may_change()
    {
        var expected = Fit(_ => { }, keeps: false);
        (Action<TorchLinearRegressionTrainer.Options> Before, Action<TorchLinearRegressionTrainer.Options> After)[] changes =
        [
            (options => options.Cancellation = CancellationMode.ReturnBest, _ => { }),
            (_ => { }, options => options.Cancellation = CancellationMode.ReturnBest),
            (_ => { }, options => options.InvalidRows = InvalidRowPolicy.Refuse),
            (_ => { }, options => options.BiasLearningRate = options.LearningRate),
            (options => options.BiasLearningRate = options.LearningRate, _ => { }),
            (_ => { }, options => options.MemoryLimitMB = 1000),
        ];
        foreach (var (before, after) in changes)
        {
            Directory.Delete(_root.FullName, recursive: true);
            Fit(options =>
            {
                options.NumberOfEpochs = 3;
                before(options);
            });
            CollectionAssert.AreEqual(expected, Fit(after));
        }

        Assert.ThrowsExactly<InvalidOperationException>(() => Fit(options => options.BiasLearningRate = 0.04));

        float[] Fit(Action<TorchLinearRegressionTrainer.Options> configure, bool keeps = true)
        {
            var options = new TorchLinearRegressionTrainer.Options
            {
                LabelColumnName = "Number",
                LearningRate = 0.05,
                LearningRateSchedule = LrSchedule.StepLR(2),
                NumberOfEpochs = 5,
                Seed = 1,
                Checkpoints = keeps ? new Checkpoints { Folder = _root.FullName } : null,
            };
            configure(options);
            return [.. _mlContext.Regression.Trainers.TorchLinearRegression(options).Fit(TaskCase.Rows(_mlContext, 100)).Model.Weights];
        }
    }

    [TestMethod]
    public void Going_on_and_having_ended_are_told()
    {
        var task = (TaskCase)TaskCase.All.First()[0];
        Fit(task, 4, LrSchedule.ConstantLR(factor: 1));
        Assert.IsFalse(_log.Any(line => line.Contains("heckpoint", StringComparison.Ordinal)));
        Fit(task, 6, LrSchedule.ConstantLR(factor: 1));
        Assert.IsTrue(_log.Contains(
            $"Info: Training continues from checkpoint 00000004-0000000000.lrscheckpoint in '{_root.FullName}', in epoch 5."));
        Fit(task, 6, LrSchedule.ConstantLR(factor: 1));
        Assert.IsTrue(_log.Contains(
            $"Info: Training had already ended (Completed). The model is that of checkpoint 00000006-0000000000.lrscheckpoint in "
            + $"'{_root.FullName}'."));
    }

    [TestMethod]
    public void A_folder_without_a_seed_is_told_of_at_the_first_fit_and_another_seed_by_its_name()
    {
        var task = (TaskCase)TaskCase.All.First()[0];
        Fit(task, 2, LrSchedule.ConstantLR(factor: 1), seed: null);
        var told = _log.Single(line => line.Contains("Options.Seed", StringComparison.Ordinal));
        StringAssert.StartsWith(told, "Warning: Checkpoints are of one seed, and Options.Seed is null: ");
        var drawn = int.Parse(System.Text.RegularExpressions.Regex.Match(told, "[0-9]+").Value);
        // The context draws another one.
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => Fit(task, 2, LrSchedule.ConstantLR(factor: 1), seed: null)).Message,
            $"Set Options.Seed to {drawn}.");
        _log.Clear();
        Assert.AreEqual(0, Fit(task, 2, LrSchedule.ConstantLR(factor: 1), seed: drawn).Epochs);
        Assert.IsFalse(_log.Any(line => line.Contains("Options.Seed", StringComparison.Ordinal)));
    }

    private (int Epochs, float[] Weights, TrainingHistory History) Fit(
        TaskCase task, int? epochs, LrSchedule? schedule, bool keeps = true, int? seed = 1)
    {
        var trained = 0;
        var (_, weights, history) = task.Fit(_mlContext, TaskCase.Rows(_mlContext, 200), options =>
        {
            (options.NumberOfEpochs, options.LearningRateSchedule, options.Seed) = (epochs, schedule, seed);
            options.Checkpoints = keeps ? new Checkpoints { Folder = _root.FullName, EveryEpochs = 1000 } : null;
            options.Progress = new Counter(() => trained++);
        });
        return (trained, weights, history);
    }

    private sealed class Counter(Action count) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => count();
    }
}
