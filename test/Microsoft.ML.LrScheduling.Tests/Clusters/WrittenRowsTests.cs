using Microsoft.ML.LrScheduling.Orleans;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Tests.Trainers;

namespace Microsoft.ML.LrScheduling.Tests.Clusters;

/// <summary>The files of rows where they cannot be written.</summary>
[TestClass]
public sealed class WrittenRowsTests
{
    private const string WayOut =
        " OrleansWorkers.Folder must be a folder to which the sweep can write, with space for its rows.";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lrscheduling-rows-");

    [TestCleanup]
    public void DeleteFolder() => _folder.Delete(recursive: true);

    [TestMethod]
    [DataRow(0, "features.zip")]
    [DataRow(4, "validation.idv")]
    [DataRow(64, "training.idv")]
    public void A_file_that_has_no_room_is_named_with_the_reason_and_the_way_out_and_leaves_no_part(int kibibytes, string file)
    {
        if (OperatingSystem.IsWindows()) Assert.Inconclusive("Windows has no limit of the size of files.");
        var errors = LimitedProcess.Run(kibibytes, "cluster-rows", _folder.FullName);
        StringAssert.Contains(errors, $"Unhandled exception. System.IO.IOException: {_folder.FullName}{Path.DirectorySeparatorChar}");
        StringAssert.Contains(
            errors,
            $".{file} cannot be written: The file would become larger than the file system, or a limit of the process, allows.{WayOut}");
        Assert.IsFalse(_folder.EnumerateFiles("*.tmp").Any(), "a part of a file is left");
    }

    [TestMethod]
    public void A_folder_that_cannot_be_made_is_named_with_the_reason_and_the_way_out()
    {
        var file = Path.Combine(_folder.FullName, "file");
        File.WriteAllText(file, "My thesis.");
        var error = Assert.ThrowsExactly<IOException>(() => Write(Path.Combine(file, "rows")));
        StringAssert.StartsWith(error.Message, $"The folder {file}{Path.DirectorySeparatorChar}rows cannot be made: ");
        StringAssert.EndsWith(error.Message, WayOut);
    }

    /// <summary>Writes rows.</summary>
    /// <param name="folder">Where to.</param>
    internal static void Write(string folder)
    {
        var mlContext = new MLContext(seed: 1);
        var rows = TaskCase.Rows(mlContext, 20_000);
        var features = mlContext.Transforms.NormalizeMeanVariance("Features");
        new RowFiles(folder, "study", "hash", new SweepData(rows, TaskCase.Rows(mlContext, 500, seed: 2), features), features.Fit(rows))
            .Write();
    }
}
