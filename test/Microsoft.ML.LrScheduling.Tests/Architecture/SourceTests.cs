namespace Microsoft.ML.LrScheduling.Tests.Architecture;

/// <summary>Holds the rules of the source code that no analyser has.</summary>
[TestClass]
public sealed class SourceTests
{
    // That of .editorconfig.
    private const int LongestLine = 140;

    private static readonly string[] Clocks = ["DateTime.UtcNow", "DateTime.Now", "DateTimeOffset.UtcNow", "DateTimeOffset.Now"];

    [TestMethod]
    public void No_line_is_longer_than_140_columns()
    {
        string[] files =
        [
            .. new[] { "src", "test", "samples", "build" }.Select(folder => Path.Combine(TestData.RepositoryRoot, folder))
                .SelectMany(folder => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)),
            .. Directory.EnumerateFiles(
                Path.Combine(TestData.RepositoryRoot, "src", "Microsoft.ML.LrScheduling", "Reports", "Page"), "*.js"),
        ];
        // The reading finds files at all.
        Assert.IsGreaterThan(200, files.Length);

        var wrong =
            from file in files
            from line in File.ReadLines(file).Index()
            where line.Item.Length > LongestLine
            select $"{Path.GetRelativePath(TestData.RepositoryRoot, file)}({line.Index + 1}): {line.Item.Length} columns";
        Assert.AreEqual("", string.Join("\n", wrong));
    }

    [TestMethod]
    public void No_duration_is_measured_by_a_clock_that_somebody_may_set()
    {
        var wrong =
            from file in Directory.EnumerateFiles(Path.Combine(TestData.RepositoryRoot, "src"), "*.cs", SearchOption.AllDirectories)
            from line in File.ReadLines(file).Index()
            where Clocks.Any(clock => line.Item.Contains(clock, StringComparison.Ordinal))
                && !line.Item.Contains(".ToString(", StringComparison.Ordinal)
            select $"{Path.GetRelativePath(TestData.RepositoryRoot, file)}({line.Index + 1})";
        Assert.AreEqual("", string.Join("\n", wrong));
    }
}
