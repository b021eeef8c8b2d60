using System.Text.RegularExpressions;
using Microsoft.ML.LrScheduling.Schedules;
using TorchSharp;

namespace Microsoft.ML.LrScheduling.Tests.Samples;

/// <summary>What README.md says can be done, but for the code that is a sample.</summary>
[TestClass]
public sealed class ReadmeDocument
{
    private static readonly string Text = File.ReadAllText(TestData.PathOf("README.md")).ReplaceLineEndings("\n");

    [TestMethod]
    public void The_text_of_a_schedule_is_one()
    {
        var text = Regex.Match(Text, """LrSchedule\.Parse\(\s*"(.+)"\);""").Groups[1].Value;
        Assert.AreEqual(
            LrSchedule.SequentialLR(
                [LrSchedule.LinearLR(startFactor: 0.01, totalIters: 5), LrSchedule.CosineAnnealingLR(tMax: 95)], milestones: [5]),
            LrSchedule.Parse(text));
    }

    [TestMethod]
    public void The_versions_are_those_of_the_packages()
    {
        StringAssert.Contains(Text, $"Microsoft.ML {TestData.PackageVersionOf(typeof(MLContext))}. ");
        StringAssert.Contains(Text, $"dotnet add package TorchSharp-cpu --version {TestData.PackageVersionOf(typeof(torch))}\n");
        StringAssert.Contains(
            Text, $"dotnet add package libtorch-cpu-linux-x64 --version {Version.Parse(torch.__version__).ToString(3)}\n");
    }

    [TestMethod]
    public void There_are_no_control_characters() => Assert.IsFalse(Text.Any(c => char.IsControl(c) && c != '\n'));

    [TestMethod]
    public void Every_page_is_linked_from_it_and_in_the_contents_of_the_site()
    {
        var docs = Path.Combine(TestData.RepositoryRoot, "docs");
        var contents = File.ReadAllText(Path.Combine(docs, "toc.yml")).ReplaceLineEndings("\n");
        var pages = Directory.GetFiles(docs, "*.md").Select(Path.GetFileName).ToArray();
        Assert.IsGreaterThan(8, pages.Length);
        foreach (var page in pages)
        {
            Assert.IsTrue(Text.Contains($"(docs/{page})", StringComparison.Ordinal), $"README.md does not link {page}");
            Assert.IsTrue(contents.Contains($"href: {page}\n", StringComparison.Ordinal), $"docs/toc.yml does not have {page}");
        }
    }
}
