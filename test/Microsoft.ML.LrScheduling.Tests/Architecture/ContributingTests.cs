using System.Text.RegularExpressions;

namespace Microsoft.ML.LrScheduling.Tests.Architecture;

/// <summary>Holds that the walks of CONTRIBUTING.md lead to files that are there.</summary>
[TestClass]
public sealed class ContributingTests
{
    [TestMethod]
    public void Every_file_that_is_named_is_there()
    {
        var text = File.ReadAllText(Path.Combine(TestData.RepositoryRoot, "CONTRIBUTING.md"));
        string[] paths = [.. Regex.Matches(text, @"(?:\b(?:src|test|docs|samples|build)|\.github)/[\w…./-]*[\w…]")
            .Select(match => match.Value.Replace("src/…", "src/Microsoft.ML.LrScheduling", StringComparison.Ordinal)
                .Replace("test/…", "test/Microsoft.ML.LrScheduling.Tests", StringComparison.Ordinal)).Distinct()];
        // The reading finds paths at all.
        Assert.IsGreaterThan(30, paths.Length);
        var missing = paths.Where(path => !Path.Exists(Path.Combine(TestData.RepositoryRoot, path)));
        Assert.AreEqual("", string.Join("\n", missing));
    }
}
