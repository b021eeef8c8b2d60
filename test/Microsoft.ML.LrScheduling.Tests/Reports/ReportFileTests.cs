using System.Diagnostics;
using Microsoft.ML.LrScheduling.Reports;

namespace Microsoft.ML.LrScheduling.Tests.Reports;

/// <summary>The files of reports that are written over.</summary>
[TestClass]
public sealed class ReportFileTests
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lrscheduling-report-file-");

    private string Report => Path.Combine(_folder.FullName, "report.html");

    [TestCleanup]
    public void DeleteFolder() => _folder.Delete(recursive: true);

    [TestMethod]
    public void A_report_that_a_full_disk_has_no_place_for_leaves_the_one_before_it()
    {
        if (!Run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", _folder.FullName))
            Assert.Inconclusive("A file system of 2 MiB cannot be mounted here: only root may.");
        try
        {
            ReportSamples.History([3, 2, 1]).SaveReport(Report);
            var before = File.ReadAllBytes(Report);
            using (var filler = new FileStream(Path.Combine(_folder.FullName, "filler"), FileMode.Create, FileAccess.Write))
                try
                {
                    for (; ; ) filler.Write(new byte[4096]);
                }
                catch (IOException)
                {
                }

            // Longer than the one before by more than is left.
            var error = Assert.ThrowsExactly<IOException>(
                () => ReportSamples.History([3, 2, 1]).SaveReport(Report, new string('x', 100_000)));
            StringAssert.StartsWith(error.Message, $"{Report} cannot be written, and was not changed: ");
            CollectionAssert.AreEqual(before, File.ReadAllBytes(Report));
            CollectionAssert.AreEquivalent(
                new[] { "filler", "report.html" }, Directory.GetFiles(_folder.FullName).Select(Path.GetFileName).ToArray());
        }
        finally
        {
            Run("umount", _folder.FullName);
        }
    }

    [TestMethod]
    public void A_link_to_a_report_stays_one_and_who_may_read_it_stays_who_may()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Inconclusive("Links and modes are those of Unix.");
            return;
        }

        var target = Path.Combine(_folder.FullName, "target.html");
        ReportSamples.History([3, 2, 1]).SaveReport(target);
        File.SetUnixFileMode(target, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.CreateSymbolicLink(Report, target);
        ReportSamples.History([3, 2, 1]).SaveReport(Report, "Another");
        Assert.AreEqual(target, new FileInfo(Report).LinkTarget);
        StringAssert.Contains(File.ReadAllText(target), "<title>Another</title>");
        Assert.AreEqual(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(target));
        Assert.AreEqual(2, Directory.GetFiles(_folder.FullName).Length);
    }

    [TestMethod]
    public void A_file_that_cannot_be_read_is_named()
    {
        if (!OperatingSystem.IsLinux()) Assert.Inconclusive("The file is one of Linux.");
        var error = Assert.Throws<IOException>(() => ReportSamples.History([3, 2, 1]).SaveReport("/proc/self/mem"));
        StringAssert.StartsWith(error.Message, "/proc/self/mem cannot be read: ");
    }

    [TestMethod]
    public void What_is_no_file_on_a_disk_is_refused_and_stays()
    {
        // A device that reads as empty: the one behind the name that a system gives it must not be at risk.
        if (!Run("mknod", Report, "c", "1", "3")) Assert.Inconclusive("A device cannot be made here: only root may.");
        StringAssert.Contains(
            Assert.ThrowsExactly<IOException>(() => ReportSamples.History([3, 2, 1]).SaveReport(Report)).Message,
            "it is not a regular file");
        Assert.IsTrue(Run("test", "-c", Report));
        Assert.HasCount(1, _folder.GetFiles());
    }

    [TestMethod]
    public void A_folder_that_cannot_be_made_is_named()
    {
        File.WriteAllText(Report, "mine");
        var error = Assert.ThrowsExactly<IOException>(
            () => ReportSamples.History([3, 2, 1]).SaveReport(Path.Combine(Report, "report.html")));
        StringAssert.StartsWith(error.Message, $"The folder {Report} cannot be made: ");
        Assert.AreEqual("mine", File.ReadAllText(Report));
    }

    [TestMethod]
    public void Options_of_a_history_that_are_no_JSON_are_refused_by_name()
    {
        foreach (var options in new[] { "{not json", "{\"learningRate\": 1" })
        {
            var history = ReportSamples.History([3, 2, 1]) with { Options = options };
            foreach (var save in new Action[]
            {
                () => history.SaveReport(Report),
                () => TrainingReport.Compare(("one", history)).Save(Report),
                () => history.ToJson(),
            })
                StringAssert.StartsWith(
                    Assert.ThrowsExactly<InvalidOperationException>(save).Message,
                    $"Options of a history must be JSON, or empty. Received: {options}");
            Assert.HasCount(0, _folder.GetFiles());
        }
    }

    private static bool Run(string program, params string[] arguments)
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess) return false;
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
