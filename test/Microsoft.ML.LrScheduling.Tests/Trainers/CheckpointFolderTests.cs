using System.Collections.Concurrent;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Trainers;

/// <summary>Folders of checkpoints that others use, change, or forge.</summary>
[TestClass]
public sealed class CheckpointFolderTests
{
    private readonly MLContext _mlContext = new(seed: 1);
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("lrscheduling-folder-");
    private IDataView? _rows;

    private string Folder => Path.Combine(_root.FullName, "folder");

    private IDataView Rows => _rows ??= TaskCase.Rows(_mlContext, 100);

    [TestCleanup]
    public void DeleteFolder() => _root.Delete(recursive: true);

    [TestMethod]
    public void A_second_training_in_the_folder_is_told_so_and_the_first_goes_on()
    {
        IOException? second = null;
        var first = Fit(progress: new Reporter(progress =>
        {
            if (progress.Epoch.Epoch == 2) second = Assert.ThrowsExactly<IOException>(() => Fit());
        }));
        StringAssert.Contains(second!.Message, $"'{Folder}' is in use by another training of this or another process");
        // And then it is free again, and nothing but checkpoints is left.
        Assert.IsEmpty(Directory.GetFiles(Folder).Where(file => !file.EndsWith(".lrscheckpoint", StringComparison.Ordinal)));
        CollectionAssert.AreEqual(first, Fit());
    }

    [TestMethod]
    public void Of_many_trainings_at_once_each_ends_or_is_told_that_the_folder_is_in_use()
    {
        var (models, refusals) = (new ConcurrentBag<float[]>(), new ConcurrentBag<string>());
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ =>
        {
            try
            {
                models.Add(Fit());
            }
            catch (IOException e)
            {
                refusals.Add(e.Message);
            }
        });
        Assert.AreEqual(8, models.Count + refusals.Count);
        foreach (var refusal in refusals) StringAssert.Contains(refusal, "is in use by another training");
        var expected = Fit(checkpoints: false);
        foreach (var model in models) CollectionAssert.AreEqual(expected, model);
    }

    [TestMethod]
    public void A_file_that_is_named_after_a_later_epoch_does_not_push_out_checkpoints()
    {
        var stale = Path.Combine(Folder, "99999999-0000000000.lrscheckpoint");
        Fit(progress: new Reporter(progress =>
        {
            if (progress.Epoch.Epoch == 1) File.WriteAllText(stale, "of something else");
            if (progress.Epoch.Epoch > 1)
                Assert.IsTrue(File.Exists(Path.Combine(Folder, $"{progress.Epoch.Epoch - 1:D8}-0000000000.lrscheckpoint")));
        }), keep: 1);
        Assert.AreEqual("of something else", File.ReadAllText(stale));
        Assert.HasCount(2, Directory.GetFiles(Folder, "*.lrscheckpoint"));
    }

    [TestMethod]
    public void A_folder_that_is_gone_is_not_said_to_hold_what_it_held()
    {
        var gone = Assert.ThrowsExactly<IOException>(() => Fit(progress: new Reporter(progress =>
        {
            if (progress.Epoch.Epoch == 3) Directory.Delete(Folder, recursive: true);
        })));
        StringAssert.Contains(gone.Message, $"the folder '{Folder}' was deleted, with the checkpoints in it");
    }

    [TestMethod]
    public void What_a_checkpoint_says_that_cannot_be_is_left_out_and_the_one_before_it_used()
    {
        var expected = Fit(checkpoints: false);
        (string Name, Func<TrainingState, TrainingState> Forge)[] forgeries =
        [
            ("an epoch beyond all", state => state with { Epoch = int.MaxValue }),
            ("a step beyond the epoch", state => state with { Step = 1000 }),
            ("an end within an epoch", state => state with { Step = 1, Ended = StopReason.Completed }),
            ("no history", state => state with { Epochs = [] }),
            ("another order of epochs", state => state with { Epochs = [.. state.Epochs.Reverse()] }),
            ("no rates in the history", state => state with
            {
                Epochs = [.. state.Epochs.Select(epoch => epoch with { LearningRates = [] })],
            }),
            ("a run of no epochs", state => state with { Identity = state.Identity with { NumberOfEpochs = 0 } }),
            ("no schedules", state => state with { Rates = [] }),
            ("a schedule of another kind", state => state with
            {
                Rates = [.. state.Rates.Select(rates => rates with { Schedule = rates.Schedule with { Kind = "StepLR" } })],
            }),
            ("rates that are none", state => state with
            {
                Rates = [.. state.Rates.Select(rates => rates with { InitialLearningRates = [-1, 0], LearningRates = [] })],
            }),
            ("an initial rate that the options contradict", state => state with
            {
                Rates = [.. state.Rates.Select(rates => rates with { InitialLearningRates = [0.9, 0.9] })],
            }),
            ("a schedule at another step", state => state with
            {
                Rates = [.. state.Rates.Select(rates => rates with { Schedule = rates.Schedule with { Step = 0 } })],
            }),
            ("another count of steps", state => state with { Rates = [.. state.Rates.Select(rates => rates with { StepCount = 0 })] }),
            ("another rate", state => state with
            {
                Rates = [.. state.Rates.Select(rates => rates with { LearningRates = [.. rates.LearningRates.Select(rate => 2 * rate)] })],
            }),
            ("another rate in the history", state => state with
            {
                Epochs = [.. state.Epochs.Select(epoch => epoch with { LearningRates = [0.05, 0.05] })],
            }),
            ("no weights", state => state with { LastGood = [] }),
            ("half the weights", state => state with { LastGood = state.LastGood[..^5] }),
            ("a best epoch", state => state with { Best = [1, 2, 3] }),
            ("no engine", state => state with { Engine = [] }),
            ("half an engine", state => state with { Engine = state.Engine[..^3] }),
            ("an engine and a half", state => state with { Engine = [.. state.Engine, 1] }),
        ];
        foreach (var (name, forge) in forgeries)
        {
            Interrupt();
            var newest = Directory.GetFiles(Folder, "*.lrscheckpoint").Max(StringComparer.Ordinal)!;
            var forged = forge(CheckpointFile.Read(File.ReadAllBytes(newest)));
            File.Delete(newest);
            File.WriteAllBytes(Path.Combine(Folder, $"{forged.Epoch:D8}-{forged.Step:D10}.lrscheckpoint"), CheckpointFile.Write(forged));
            var log = new List<string>();
            void Note(object? sender, LoggingEventArgs e) => log.Add(e.Message);
            _mlContext.Log += Note;
            CollectionAssert.AreEqual(expected, Fit(), name);
            _mlContext.Log -= Note;
            Assert.IsTrue(
                log.Exists(line => line.Contains("cannot be used", StringComparison.Ordinal)
                    && line.Contains("The previous checkpoint is tried.", StringComparison.Ordinal)), name);
            Directory.Delete(Folder, recursive: true);
        }
    }

    [TestMethod]
    public void What_a_plateau_and_parts_remember_must_follow_from_the_history()
    {
        var plateau = LrSchedule.ReduceLROnPlateau(factor: 0.5, patience: 1, metric: Metric.TrainingLoss);
        var byBatch = LrSchedule.StepLR(stepSize: 7, gamma: 0.9) with { Interval = ScheduleInterval.Batch };
        foreach (var schedule in new LrSchedule[]
        {
            plateau, LrSchedule.ChainedScheduler([plateau, byBatch]), byBatch.WithWarmup(3), LrSchedule.OneCycleLR(0.1),
            LrSchedule.MultiplicativeLR("0.9"),
        })
        {
            var expected = Fit(checkpoints: false, schedule: schedule);
            foreach (var forges in new[] { false, true })
            {
                Interrupt(schedule);
                var newest = Directory.GetFiles(Folder, "*.lrscheckpoint").Max(StringComparer.Ordinal)!;
                var state = CheckpointFile.Read(File.ReadAllBytes(newest));
                if (forges)
                    File.WriteAllBytes(newest, CheckpointFile.Write(state with
                    {
                        Rates = [.. state.Rates.Select(rates => rates with { Schedule = Forged(rates.Schedule) })],
                    }));
                var log = new List<string>();
                void Note(object? sender, LoggingEventArgs e) => log.Add(e.Message);
                _mlContext.Log += Note;
                CollectionAssert.AreEqual(expected, Fit(schedule: schedule), $"{schedule}");
                _mlContext.Log -= Note;
                Assert.AreEqual(
                    forges, log.Exists(line => line.Contains("cannot be used", StringComparison.Ordinal)),
                    $"{schedule}: {string.Join('\n', log)}");
                Directory.Delete(Folder, recursive: true);
            }
        }

        // The innermost first part.
        static ScheduleState Forged(ScheduleState state) => state.Parts is [var first, .. var others]
            ? state with { Parts = [Forged(first), .. others] }
            : state.Values is [var value, .. var rest]
                ? state with { Values = [value / 2, .. rest] }
                : state with { Step = state.Step + 1 };
    }

    [TestMethod]
    public void A_rate_of_the_trainers_own_must_be_one_that_it_would_have_begun_with()
    {
        var expected = Fit(checkpoints: false, rate: null);
        Interrupt(rate: null);
        var newest = Directory.GetFiles(Folder, "*.lrscheckpoint").Max(StringComparer.Ordinal)!;
        var state = CheckpointFile.Read(File.ReadAllBytes(newest));
        foreach (var file in Directory.GetFiles(Folder, "*.lrscheckpoint").Where(file => file != newest)) File.Delete(file);
        File.WriteAllBytes(newest, CheckpointFile.Write(state with
        {
            Rates =
            [
                .. state.Rates.Select(rates => rates with
                {
                    InitialLearningRates = [.. rates.InitialLearningRates.Select(rate => 3 * rate)],
                    LearningRates = [.. rates.LearningRates.Select(rate => 3 * rate)],
                }),
            ],
        }));
        var error = Assert.ThrowsExactly<InvalidDataException>(() => Fit(rate: null));
        StringAssert.Contains(error.Message, "its schedules began with other rates");
        File.WriteAllBytes(newest, CheckpointFile.Write(state));
        CollectionAssert.AreEqual(expected, Fit(rate: null));
    }

    [TestMethod]
    public void Forged_bytes_under_a_right_checksum_end_in_errors_that_are_documented_or_in_a_model()
    {
        Interrupt();
        var files = Directory.GetFiles(Folder, "*.lrscheckpoint").ToDictionary(file => file, File.ReadAllBytes);
        var newest = files.Keys.Max(StringComparer.Ordinal)!;
        var good = files[newest];
        var random = new Random(7);
        for (var i = 0; i < 150; i++)
        {
            foreach (var (file, bytes) in files) File.WriteAllBytes(file, bytes);
            File.WriteAllBytes(newest, Forged(good, random));
            try
            {
                Fit();
            }
            catch (Exception e) when (e is InvalidOperationException or InvalidDataException or TrainingDivergedException)
            {
                // Settings of another training; or weights that explode.
            }

            foreach (var file in Directory.GetFiles(Folder)) File.Delete(file);
        }
    }

    // The payload has other bytes here and there, and a checksum that is right.
    private static byte[] Forged(byte[] good, Random random)
    {
        const int Header = 20, Checksum = 32;
        var forged = (byte[])good.Clone();
        for (var n = random.Next(1, 4); n > 0; n--)
            forged[random.Next(Header, forged.Length - Checksum)] = random.Next(3) switch { 0 => 0, 1 => 255, _ => (byte)random.Next(256) };
        System.Security.Cryptography.SHA256.HashData(forged.AsSpan(0, forged.Length - Checksum), forged.AsSpan(forged.Length - Checksum));
        return forged;
    }

    /// <summary>Trains four of the epochs.</summary>
    private void Interrupt(LrSchedule? schedule = null, double? rate = 0.05)
    {
        using var source = new CancellationTokenSource();
        Assert.ThrowsExactly<OperationCanceledException>(() => Fit(
            schedule: schedule, rate: rate, progress: new Reporter(progress =>
            {
                if (progress.Epoch.Epoch == 4) source.Cancel();
            }), cancellation: source.Token));
    }

    private float[] Fit(
        bool checkpoints = true, IProgress<TrainingProgress>? progress = null, int keep = 2, LrSchedule? schedule = null,
        double? rate = 0.05, CancellationToken cancellation = default)
    {
        var options = new TorchLinearRegressionTrainer.Options
        {
            LabelColumnName = "Number",
            NumberOfEpochs = 6,
            LearningRate = rate,
            BatchSize = 20,
            LearningRateSchedule = schedule ?? LrSchedule.ExponentialLR(gamma: 0.9),
            Seed = 1,
            Checkpoints = checkpoints ? new Checkpoints { Folder = Folder, Keep = keep } : null,
            Progress = progress,
            CancellationToken = cancellation,
        };
        var model = _mlContext.Regression.Trainers.TorchLinearRegression(options).Fit(Rows);
        return [.. model.Model.Weights, model.Model.Bias];
    }

    private sealed class Reporter(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
