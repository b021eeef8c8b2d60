namespace Microsoft.ML.LrScheduling.Tests.Architecture;

/// <summary>Holds the rules of the source code that no analyser has.</summary>
[TestClass]
public sealed class SourceTests
{
    // That of .editorconfig.
    private const int LongestLine = 140;

    [TestMethod]
    public void No_line_is_longer_than_140_columns()
    {
        string[] files =
        [
            .. new[] { "src", "test", "samples", "build" }.Select(folder => Path.Combine(TestData.RepositoryRoot, folder))
                .SelectMany(folder => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)),
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
}
