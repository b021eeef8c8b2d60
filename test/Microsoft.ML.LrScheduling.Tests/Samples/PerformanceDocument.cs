using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;

namespace Microsoft.ML.LrScheduling.Tests.Samples;

/// <summary>The ten lines that docs/performance.md begins with have the figures of its tables, which a command rewrites.</summary>
[TestClass]
public sealed class PerformanceDocument
{
    private static readonly string Text = File.ReadAllText(Path.Combine(
        typeof(PerformanceDocument).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(metadata => metadata.Key == "RepositoryRoot").Value!, "docs/performance.md")).ReplaceLineEndings("\n");

    [TestMethod]
    public void There_are_ten_lines_before_how_it_is_measured() =>
        Assert.HasCount(10, Regex.Matches(Lines(), "^- ", RegexOptions.Multiline));

    [TestMethod]
    [DataRow("[{0} s](#fit", "fit", "fused engine, 10 epochs, B=256", 1, "F2")]
    [DataRow("ML.NET's SDCA takes {0} s", "fit", "ML.NET's Sdca, 10 iterations", 1, "F2")]
    [DataRow("OnlineGradientDescent {0} s", "fit", "ML.NET's OnlineGradientDescent, 10 iterations", 1, "F2")]
    [DataRow("[{0} million rows a second](#training", "throughput", "fused", 1, "F0")]
    [DataRow("and {0} million of a hundred features", "throughput", "fused", 4, "F0")]
    [DataRow("a row of ten features takes {0} ns in minibatches of 32", "growth-batch", "32", 2, "F0")]
    [DataRow("{0} ns in those of eight", "growth-batch", "8", 2, "F0")]
    [DataRow("and {0} ns alone", "growth-batch", "1", 2, "F0")]
    [DataRow("TorchSharp's takes {0} times as long at 32 rows", "ratios", "fused ÷ TorchSharp, autograd loop", 1, "F0")]
    [DataRow("and {0} times at 4,096", "ratios", "fused ÷ TorchSharp, autograd loop", 3, "F1")]
    [DataRow("[PyTorch's {0} and", "ratios", "fused ÷ PyTorch eager", 1, "F0")]
    [DataRow("and {0} times](#training", "ratios", "fused ÷ PyTorch eager", 3, "F1")]
    [DataRow("[{0} s](#sparse-rows)", "sparse-fit", "LrScheduling, 10 passes", 1, "F2")]
    [DataRow("[{0} to 1.04 times the memory]", "memory", "1,000,000", 5, "F2")]
    [DataRow("to {0} times the memory]", "memory", "250,000", 7, "F2")]
    [DataRow("[at most {0} ns](#stepping", "stepping", "CustomLR", 1, "F0")]
    public void Each_figure_is_of_its_table(string sentence, string table, string row, int column, string format)
    {
        var cell = Cell(table, row, column);
        // From one half on upwards, as a reader rounds.
        var figure = decimal.Round(cell, int.Parse(format[1..], CultureInfo.InvariantCulture), MidpointRounding.AwayFromZero)
            .ToString(format, CultureInfo.InvariantCulture);
        var said = string.Format(CultureInfo.InvariantCulture, sentence, figure);
        StringAssert.Contains(OneLine(Lines()), said);
    }

    [TestMethod]
    public void Figures_that_are_words_or_of_several_cells_are_those_of_the_tables()
    {
        StringAssert.Contains(OneLine(Lines()), "an epoch of ten million rows of ten features, in minibatches of 256, takes 0.06 s");
        Assert.AreEqual(0.06m, Math.Round(Cell("growth-rows", "10,000,000", 1) / 1000, 2));
        StringAssert.Contains(OneLine(Lines()), "[1.8 to 11 times as long]");
        decimal[] slower =
            [.. Enumerable.Range(1, 6).Select(column => Cell("throughput", "fused", column) / Cell("throughput", "Torch", column))];
        Assert.AreEqual((1.8m, 11m), (Math.Round(slower.Min(), 1), Math.Round(slower.Max())));
        StringAssert.Contains(OneLine(Text), "`Torch` takes [1.22 times as many]");
        Assert.AreEqual(1.22m, Cell("ratios", "Torch, rows in order ÷ TorchSharp, autograd loop", 5));
        StringAssert.Contains(OneLine(Text), "one expression takes [12 ns]");
        Assert.AreEqual(12m, Math.Round(Cell("stepping", "LambdaLR of an expression", 1)));
        StringAssert.Contains(OneLine(Lines()), "[five to six times as long](#many-models-at-once)");
        foreach (var rows in new[] { "1,000,000 × 10", "400,000 × 100" }) Assert.IsInRange(5, 6, Cell("sweep", rows, 3));
        StringAssert.Contains(OneLine(Lines()), "A minibatch of 32 rows of ten features takes 206 ns");
        Assert.AreEqual(206m, 1000 * Cell("growth-batch", "32", 1));
    }

    private static string OneLine(string text) => Regex.Replace(text, "\\s+", " ");

    private static string Lines() => Text[..Text.IndexOf("## How it is measured", StringComparison.Ordinal)];

    // A cell may have its spread in brackets.
    private static decimal Cell(string table, string row, int column)
    {
        var lines = Regex.Match(Text, $"<!-- table: {table} -->\n(.*?)<!-- end -->", RegexOptions.Singleline).Groups[1].Value.Split('\n');
        var cells = lines.Select(line => line.Trim('|').Split('|').Select(cell => cell.Trim()).ToArray()).Single(line => line[0] == row);
        return decimal.Parse(cells[column].Split(' ')[0], NumberStyles.Number, CultureInfo.InvariantCulture);
    }
}
