using System.Diagnostics;
using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Trainers;

/// <summary>Folders of checkpoints in which there is something else, or of which training is deprived.</summary>
[TestClass]
public sealed class SharedFolderTests
{
    private readonly MLContext _mlContext = new(seed: 1);
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("lrscheduling-shared-");

    private string Folder => Path.Combine(_root.FullName, "folder");

    [TestCleanup]
    public void DeleteFolder() => _root.Delete(recursive: true);

    [TestMethod]
    public void Files_with_names_that_training_does_not_write_are_left_alone()
    {
        string[] names =
        [
            "00000002-0000000000 (copy).lrscheckpoint", "00000002-0000000000-best.lrscheckpoint", "0-mybest.lrscheckpoint",
            "mine.lrscheckpoint", "0-notes.lrscheckpoint.tmp", "probe.lrscheckpoint.tmp", "00000001-0000000000.lrscheckpoint.tmp",
        ];
        Write(names);
        // They neither count nor go, from the first of six checkpoints to the last.
        CollectionAssert.AreEqual(Fit(checkpoints: false), Fit(keep: 1));
        foreach (var name in names) Assert.AreEqual("of the user", File.ReadAllText(InFolder(name)), name);
        Assert.AreEqual(1 + names.Length, Directory.GetFiles(Folder).Length);
    }

    [TestMethod]
    public void What_a_killed_process_was_about_to_write_goes()
    {
        var left = $"00000003-0000000000.lrscheckpoint.{Guid.NewGuid():N}.tmp";
        Write(left);
        Fit();
        Assert.IsFalse(File.Exists(InFolder(left)));
    }

    [TestMethod]
    public void Training_that_begins_again_deletes_its_own_checkpoints_alone()
    {
        // Adam moves each weight by about the rate, whatever the rows are: of features of this size a step of 0.01 is far too long.
        var points = TaskCase.Points(300).ToArray();
        foreach (var point in points) point.Features = [.. point.Features.Select(x => x * 1e6f)];
        string[] names = ["99999999-0000000000.lrscheckpoint", "mine.lrscheckpoint"];
        var again = 0;
        _mlContext.Log += (_, e) =>
        {
            // The folder has been looked into by then.
            if (again == 0 && e.Message.Contains("that follows from the rows", StringComparison.Ordinal)) Write(names);
            if (e.Message.Contains("begins again with a tenth", StringComparison.Ordinal)) again++;
        };
        _mlContext.Regression.Trainers.TorchLinearRegression(new TorchLinearRegressionTrainer.Options
        {
            LabelColumnName = "Number",
            Standardize = false,
            Optimizer = Optimizer.Adam(),
            NumberOfEpochs = 3,
            LearningRateSchedule = LrSchedule.ConstantLR(factor: 1),
            Seed = 1,
            Checkpoints = new Checkpoints { Folder = Folder },
        }).Fit(_mlContext.Data.LoadFromEnumerable(points));
        Assert.IsGreaterThan(0, again);
        foreach (var name in names) Assert.AreEqual("of the user", File.ReadAllText(InFolder(name)), name);
    }

    [TestMethod]
    public void A_file_of_the_users_that_is_named_as_the_lock_is_not_taken_for_it()
    {
        Write("lrscheduling.lock");
        var error = Assert.ThrowsExactly<IOException>(() => Fit());
        StringAssert.Contains(error.Message, InFolder("lrscheduling.lock"));
        StringAssert.Contains(error.Message, "is not the lock file of a training");
        Assert.AreEqual("of the user", File.ReadAllText(InFolder("lrscheduling.lock")));
        // Nor is one that a link leads to.
        File.Move(InFolder("lrscheduling.lock"), InFolder("notes"));
        File.WriteAllText(InFolder("notes"), "");
        File.CreateSymbolicLink(InFolder("lrscheduling.lock"), InFolder("notes"));
        Assert.ThrowsExactly<IOException>(() => Fit());
        Assert.IsTrue(File.Exists(InFolder("lrscheduling.lock")));
    }

    [TestMethod]
    public void What_a_killed_process_had_locked_is_free()
    {
        if (OperatingSystem.IsWindows()) Assert.Inconclusive("Windows deletes the file of a process that is killed.");
        using var left = new MemoryStream();
        using (var taken = FileLock.TryTake(InNewFolder("lrscheduling.lock")))
        using (var file = UnlockedFile.OpenRead(InFolder("lrscheduling.lock")))
            file.CopyTo(left);
        Assert.AreNotEqual(0, left.Length);
        File.WriteAllBytes(InFolder("lrscheduling.lock"), left.ToArray());
        CollectionAssert.AreEqual(Fit(checkpoints: false), Fit());
    }

    [TestMethod]
    public void Training_whose_folder_another_has_taken_ends_and_leaves_it_to_that_one()
    {
        if (OperatingSystem.IsWindows()) Assert.Inconclusive("Windows does not let a folder be deleted in which a file is open.");
        FileLock? other = null;
        var error = Assert.ThrowsExactly<IOException>(() => Fit(keep: 1, progress: epoch =>
        {
            if (epoch != 3) return;
            Directory.Delete(Folder, recursive: true);
            other = FileLock.TryTake(InNewFolder("lrscheduling.lock"));
            Write("00000001-0000000000.lrscheckpoint", "00000002-0000000000.lrscheckpoint");
        }));
        using (other)
        {
            StringAssert.Contains(error.Message, $"the folder '{Folder}' or the lock in it was deleted");
            Assert.AreEqual(3, Directory.GetFiles(Folder).Length);
            Assert.IsNotNull(other);
            StringAssert.Contains(Assert.ThrowsExactly<IOException>(() => Fit()).Message, "is in use by another training");
        }

        Assert.IsFalse(File.Exists(InFolder("lrscheduling.lock")));
    }

    [TestMethod]
    [DoNotParallelize]
    public void A_relative_folder_is_one_folder_wherever_the_process_goes()
    {
        var before = Environment.CurrentDirectory;
        try
        {
            Environment.CurrentDirectory = _root.FullName;
            Fit(folder: "folder", progress: epoch =>
            {
                if (epoch == 2) Environment.CurrentDirectory = Path.GetTempPath();
            });
        }
        finally
        {
            Environment.CurrentDirectory = before;
        }

        CollectionAssert.AreEquivalent(
            new[] { "00000005-0000000000.lrscheckpoint", "00000006-0000000000.lrscheckpoint" },
            Directory.GetFiles(Folder).Select(Path.GetFileName).ToArray());
    }

    [TestMethod]
    public void What_a_link_in_the_folder_leads_to_is_not_written_to()
    {
        var precious = Path.Combine(_root.FullName, "precious");
        File.WriteAllText(precious, "of the user");
        Fit(progress: epoch =>
        {
            if (epoch == 1)
                foreach (var later in new[] { 2, 3 })
                    File.CreateSymbolicLink(InFolder($"{later:D8}-0000000000.lrscheckpoint.tmp"), precious);
        });
        Assert.AreEqual("of the user", File.ReadAllText(precious));
        Assert.IsNull(new FileInfo(InFolder("00000006-0000000000.lrscheckpoint")).LinkTarget);
    }

    [TestMethod]
    public void A_pipe_and_a_device_that_are_named_as_checkpoints_are_told_and_not_waited_for()
    {
        if (!OperatingSystem.IsLinux()) Assert.Inconclusive("Pipes and devices are made on Linux.");
        Directory.CreateDirectory(Folder);
        Fit(epochs: 4);
        using (var made = Process.Start("mkfifo", InFolder("00000099-0000000000.lrscheckpoint"))) made.WaitForExit();
        File.CreateSymbolicLink(InFolder("00000098-0000000000.lrscheckpoint"), "/dev/zero");
        var log = new List<string>();
        _mlContext.Log += (_, e) => log.Add(e.Message);
        CollectionAssert.AreEqual(Fit(checkpoints: false), Fit());
        foreach (var name in new[] { "99", "98" })
            Assert.IsTrue(
                log.Exists(line => line.Contains($"Checkpoint 000000{name}-0000000000.lrscheckpoint cannot", StringComparison.Ordinal)
                    && line.Contains("it is not a regular file", StringComparison.Ordinal)), string.Join('\n', log));
    }

    [TestMethod]
    public void A_large_file_that_is_no_checkpoint_is_not_read()
    {
        Fit(epochs: 4);
        var log = new List<string>();
        _mlContext.Log += (_, e) => log.Add(e.Message);
        using (var file = File.Create(InFolder("00000099-0000000000.lrscheckpoint"))) file.SetLength(1 << 30);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var weights = Fit();
        // 1 GB would be read.
        Assert.IsLessThan(100L << 20, GC.GetAllocatedBytesForCurrentThread() - before);
        CollectionAssert.AreEqual(Fit(checkpoints: false), weights);
        Assert.IsTrue(log.Exists(line => line.Contains("it is not a checkpoint", StringComparison.Ordinal)));
    }

    private float[] Fit(
        bool checkpoints = true, Action<int>? progress = null, int keep = 2, int epochs = 6, string? folder = null)
    {
        var model = _mlContext.Regression.Trainers.TorchLinearRegression(new TorchLinearRegressionTrainer.Options
        {
            LabelColumnName = "Number",
            NumberOfEpochs = epochs,
            LearningRate = 0.05,
            LearningRateSchedule = LrSchedule.ExponentialLR(gamma: 0.9),
            Seed = 1,
            Checkpoints = checkpoints ? new Checkpoints { Folder = folder ?? Folder, Keep = keep } : null,
            Progress = progress is null ? null : new Reporter(progress),
        }).Fit(TaskCase.Rows(_mlContext, 100));
        return [.. model.Model.Weights, model.Model.Bias];
    }

    private string InFolder(string name) => Path.Combine(Folder, name);

    private string InNewFolder(string name)
    {
        Directory.CreateDirectory(Folder);
        return InFolder(name);
    }

    private void Write(params string[] names)
    {
        foreach (var name in names) File.WriteAllText(InNewFolder(name), "of the user");
    }

    private sealed class Reporter(Action<int> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value.Epoch.Epoch);
    }
}
