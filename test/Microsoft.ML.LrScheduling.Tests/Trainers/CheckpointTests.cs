using System.Diagnostics;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Trainers;

/// <summary>
/// Checkpoints through the trainers' options: which are written and kept, and what is said of damaged ones and of those of other
/// training.
/// </summary>
[TestClass]
public sealed class CheckpointTests
{
    private readonly MLContext _mlContext = new(seed: 1);
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("lrscheduling-checkpoints-");

    public static IEnumerable<object[]> Tasks => TaskCase.All;

    private string Folder => Path.Combine(_root.FullName, "new", "folder");

    [TestCleanup]
    public void DeleteFolder() => _root.Delete(recursive: true);

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void Cancelled_training_goes_on_to_the_same_model_and_history(TaskCase task)
    {
        var data = TaskCase.Rows(_mlContext, 200);
        void Configure(LinearTrainerOptions options) =>
            (options.NumberOfEpochs, options.ValidationFraction, options.LearningRateSchedule) = (10, 0.2, LrSchedule.OneCycleLR(0.1));
        var (_, weights, history) = task.Fit(_mlContext, data, Configure);
        using (var source = new CancellationTokenSource())
            Assert.ThrowsExactly<OperationCanceledException>(() => task.Fit(_mlContext, data, options =>
            {
                Configure(options);
                options.Checkpoints = new Checkpoints { Folder = Folder };
                options.CancellationToken = source.Token;
                options.Progress = new Reporter(progress =>
                {
                    if (progress.Epoch.Epoch == 4) source.Cancel();
                });
            }));
        var epochsSeen = new List<int>();
        var (_, resumed, resumedHistory) = task.Fit(_mlContext, data, options =>
        {
            Configure(options);
            options.Checkpoints = new Checkpoints { Folder = Folder, EveryEpochs = 3 };
            options.Progress = new Reporter(progress => epochsSeen.Add(progress.Epoch.Epoch));
        });
        CollectionAssert.AreEqual(new[] { 5, 6, 7, 8, 9, 10 }, epochsSeen);
        CollectionAssert.AreEqual(weights, resumed);
        CollectionAssert.AreEqual(
            history.Epochs.Select(epoch => (epoch.TrainingLoss, epoch[Metric.ValidationLoss], epoch.LearningRates[1])).ToArray(),
            resumedHistory.Epochs.Select(epoch => (epoch.TrainingLoss, epoch[Metric.ValidationLoss], epoch.LearningRates[1])).ToArray());
    }

    [TestMethod]
    public void As_many_are_kept_as_asked_for_and_no_temporary_file()
    {
        Train(new Checkpoints { Folder = Folder, EveryEpochs = 2, Keep = 3 }, epochs: 11);
        CollectionAssert.AreEqual(
            new[] { "00000008-0000000000.lrscheckpoint", "00000010-0000000000.lrscheckpoint", "00000011-0000000000.lrscheckpoint" },
            Files().Select(Path.GetFileName).ToArray());
    }

    [TestMethod]
    public void A_damaged_checkpoint_is_told_and_the_one_before_it_used()
    {
        var expected = Train(checkpoints: null);
        Interrupt();
        var (older, newest) = (Files()[0], Files()[1]);
        File.WriteAllBytes(newest, File.ReadAllBytes(newest)[..^7]);
        var damaged = File.ReadAllBytes(newest);
        var log = new List<string>();
        _mlContext.Log += (_, e) => log.Add(e.Message);
        CollectionAssert.AreEqual(expected, Train(new Checkpoints { Folder = Folder }));
        Assert.IsTrue(log.Any(
            line => line.Contains($"Checkpoint {Path.GetFileName(newest)} cannot be used: it is truncated", StringComparison.Ordinal)));
        Assert.IsTrue(File.Exists(older) || Files().Length >= 2);
        // Trained over again and written anew under its name, or still as it was found.
        Assert.IsFalse(File.Exists(newest)
            && File.ReadAllBytes(newest).Length == damaged.Length && !File.ReadAllBytes(newest).AsSpan().SequenceEqual(damaged));
    }

    [TestMethod]
    public void Where_all_are_damaged_nothing_is_overwritten()
    {
        Interrupt();
        foreach (var file in Files()) File.WriteAllBytes(file, [.. File.ReadAllBytes(file).Select((b, i) => i == 200 ? (byte)(b ^ 1) : b)]);
        var before = Files().ToDictionary(file => file, File.ReadAllBytes);
        var error = Assert.ThrowsExactly<InvalidDataException>(() => Train(new Checkpoints { Folder = Folder }));
        StringAssert.StartsWith(error.Message, $"None of the checkpoints in '{Folder}' can be used. Checkpoint ");
        StringAssert.Contains(error.Message, "its checksum does not match: it is damaged. Delete them to start again.");
        foreach (var (file, bytes) in before) CollectionAssert.AreEqual(bytes, File.ReadAllBytes(file));
    }

    [TestMethod]
    public void Other_options_and_other_rows_are_named_and_nothing_is_overwritten()
    {
        Interrupt();
        var before = Files().ToDictionary(file => file, File.ReadAllBytes);
        foreach (var (configure, rows, message) in new (Action<LinearTrainerOptions>, int, string)[]
        {
            (options => options.LearningRate = 0.07, 200, "learningRate was 0.05 and is 0.07"),
            (options => options.Seed = 2, 200, "seed was 1 and is 2"),
            (options => options.LearningRateSchedule = LrSchedule.StepLR(3), 200,
                "learningRateSchedule was not set and is StepLR(stepSize: 3)"),
            (options => options.Optimizer = LrScheduling.Optimizers.Optimizer.Adam(), 200, "optimizer was {\"type\":\"Sgd\""),
            (_ => { }, 199, "there were 200 training rows of 4 features and are 199 training rows of 4 features"),
        })
        {
            var error = Assert.ThrowsExactly<InvalidOperationException>(
                () => Train(new Checkpoints { Folder = Folder }, configure: configure, rows: rows));
            StringAssert.StartsWith(error.Message, $"The checkpoints in '{Folder}' belong to another training: ");
            StringAssert.Contains(error.Message, message);
        }

        foreach (var (file, bytes) in before) CollectionAssert.AreEqual(bytes, File.ReadAllBytes(file));
    }

    [TestMethod]
    public void A_folder_that_cannot_be_made_is_told_before_training()
    {
        Directory.CreateDirectory(_root.FullName);
        File.WriteAllText(Path.Combine(_root.FullName, "file"), "");
        var error = Assert.ThrowsExactly<IOException>(() => Train(new Checkpoints
        {
            Folder = Path.Combine(_root.FullName, "file", "folder"),
        }));
        StringAssert.Contains(error.Message, "cannot be written to, and training has not begun: ");
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentException>(() => new Checkpoints { Folder = " " }).Message, "folder must be a path.");
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new Checkpoints { Folder = "x", Keep = 0 }).Message,
            "keep must be at least 1.");
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new Checkpoints { Folder = "x", Every = TimeSpan.Zero }).Message,
            "every must be more than zero.");
    }

    [TestMethod]
    public void A_full_disk_and_a_read_only_folder_are_told_and_earlier_checkpoints_stay()
    {
        Directory.CreateDirectory(Folder);
        if (!Mount("-t", "tmpfs", "-o", "size=64k", "tmpfs", Folder))
            Assert.Inconclusive("A file system of 64 KiB cannot be mounted here: only root may.");
        try
        {
            Interrupt();
            var before = Files().ToDictionary(file => file, File.ReadAllBytes);
            // Of the 64 KiB there is room for the lock alone, which takes a page.
            var reserve = Path.Combine(Folder, "reserve");
            File.WriteAllBytes(reserve, new byte[4096]);
            var filling = Path.Combine(Folder, "filler");
            using (var filler = new FileStream(filling, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
                try
                {
                    for (; ; ) filler.Write(new byte[512]);
                }
                catch (IOException)
                {
                }

            File.Delete(reserve);
            var error = Assert.ThrowsExactly<IOException>(() => Train(new Checkpoints { Folder = Folder }));
            StringAssert.Contains(error.Message, "cannot be written to");
            Assert.IsEmpty(Directory.GetFiles(Folder, "*.tmp"));
            foreach (var (file, bytes) in before) CollectionAssert.AreEqual(bytes, File.ReadAllBytes(file));
            File.Delete(Path.Combine(Folder, "filler"));

            Assert.IsTrue(Mount("-o", "remount,ro", Folder));
            error = Assert.ThrowsExactly<IOException>(() => Train(new Checkpoints { Folder = Folder }));
            StringAssert.Contains(error.Message, "cannot be written to, and training has not begun: ");
            foreach (var (file, bytes) in before) CollectionAssert.AreEqual(bytes, File.ReadAllBytes(file));
        }
        finally
        {
            Run("umount", Folder);
        }
    }

    [TestMethod]
    public void A_disk_that_fills_up_in_training_leaves_good_checkpoints()
    {
        Directory.CreateDirectory(Folder);
        if (!Mount("-t", "tmpfs", "-o", "size=32k", "tmpfs", Folder))
            Assert.Inconclusive("A file system of 32 KiB cannot be mounted here: only root may.");
        try
        {
            // Every rate of every minibatch is in the history, so checkpoints grow.
            void Configure(LinearTrainerOptions options) =>
                (options.BatchSize, options.LearningRateSchedule) = (10, LrSchedule.OneCycleLR(0.1));
            var error = Assert.ThrowsExactly<IOException>(() => Train(new Checkpoints { Folder = Folder }, epochs: 500, Configure));
            StringAssert.StartsWith(error.Message, "Checkpoint 000000");
            StringAssert.Contains(error.Message, "The earlier checkpoints are not changed. ");
            Assert.HasCount(2, Files());
            foreach (var file in Files()) Assert.IsGreaterThan(5, CheckpointFile.Read(File.ReadAllBytes(file)).Epoch);
        }
        finally
        {
            Run("umount", Folder);
        }
    }

    [TestMethod]
    public void A_checkpoint_that_leads_nowhere_is_told_in_a_sentence()
    {
        Interrupt();
        var newest = Files().Max()!;
        File.Delete(newest);
        File.CreateSymbolicLink(newest, Path.Combine(Folder, "nowhere"));
        var warnings = new List<string>();
        _mlContext.Log += (_, e) => warnings.Add(e.RawMessage);
        Assert.ThrowsExactly<IOException>(() => Train(new Checkpoints { Folder = Folder }));
        StringAssert.EndsWith(
            warnings.Single(line => line.Contains(Path.GetFileName(newest) + " cannot be used: it cannot be read: ")),
            "No such file or directory. The previous checkpoint is tried.");
    }

    private static bool Mount(params string[] arguments) => Run("mount", arguments);

    private static bool Run(string program, params string[] arguments)
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess) return false;
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    /// <summary>Leaves two checkpoints, after the third and the fourth of ten epochs.</summary>
    private void Interrupt()
    {
        using var source = new CancellationTokenSource();
        Assert.ThrowsExactly<OperationCanceledException>(() => Train(new Checkpoints { Folder = Folder }, configure: options =>
        {
            options.CancellationToken = source.Token;
            options.Progress = new Reporter(progress =>
            {
                if (progress.Epoch.Epoch == 4) source.Cancel();
            });
        }));
        Assert.HasCount(2, Files());
    }

    private float[] Train(Checkpoints? checkpoints, int epochs = 10, Action<LinearTrainerOptions>? configure = null, int rows = 200) =>
        ((TaskCase)TaskCase.All.First()[0]).Fit(_mlContext, TaskCase.Rows(_mlContext, rows), options =>
        {
            (options.NumberOfEpochs, options.Checkpoints) = (epochs, checkpoints);
            configure?.Invoke(options);
        }).Weights;

    private string[] Files() => [.. Directory.GetFiles(Folder).Order(StringComparer.Ordinal)];

    private sealed class Reporter(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
