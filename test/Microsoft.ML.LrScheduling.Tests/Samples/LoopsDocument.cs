using System.Text.RegularExpressions;

namespace Microsoft.ML.LrScheduling.Tests.Samples;

/// <summary>The code in docs/loops.md is that of samples/TorchLoop, which the solution builds.</summary>
[TestClass]
public sealed class LoopsDocument
{
    [TestMethod]
    public void All_code_in_the_document_is_in_the_sample()
    {
        var sample = Lines(File.ReadAllText(TestData.PathOf("TorchLoop.cs.txt")));
        var blocks = Regex.Matches(File.ReadAllText(TestData.PathOf("loops.md")).ReplaceLineEndings("\n"), "```csharp\n(.*?)```",
            RegexOptions.Singleline);
        Assert.HasCount(3, blocks);
        foreach (var block in blocks.Select(match => Lines(match.Groups[1].Value))) StringAssert.Contains(sample, block);
    }

    private static string Lines(string code) => string.Join('\n', code.ReplaceLineEndings("\n").Split('\n').Select(line => line.Trim()));
}
