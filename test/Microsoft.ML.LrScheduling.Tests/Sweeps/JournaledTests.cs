namespace Microsoft.ML.LrScheduling.Tests.Sweeps;

/// <summary>Tests that write a journal, each into a folder of its own, which is deleted after it.</summary>
public abstract class JournaledTests
{
    private protected readonly MLContext _mlContext = new(seed: 1);
    private protected readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lrscheduling-sweep-");

    /// <summary>The path of the journal.</summary>
    private protected string Journal => Path.Combine(_folder.FullName, "study.jsonl");

    [TestCleanup]
    public void DeleteFolder() => _folder.Delete(recursive: true);
}
