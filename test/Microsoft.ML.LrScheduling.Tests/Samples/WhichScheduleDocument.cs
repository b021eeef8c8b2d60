using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Tests.Samples;

/// <summary>The schedules that docs/which-schedule.md recommends are ones, and what it says of its tables is what they hold.</summary>
[TestClass]
public sealed class WhichScheduleDocument
{
    private static readonly string Text = File.ReadAllText(Path.Combine(
        typeof(WhichScheduleDocument).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(metadata => metadata.Key == "RepositoryRoot").Value!, "docs/which-schedule.md")).ReplaceLineEndings("\n");

    private static readonly Comparison[] Comparisons = Read();

    [TestMethod]
    public void Every_schedule_in_it_is_one()
    {
        var schedules = Regex.Matches(Text, @"`LrSchedule\.([^`]+)`").Select(match => match.Groups[1].Value).ToArray();
        Assert.IsGreaterThan(5, schedules.Length);
        foreach (var text in schedules) LrSchedule.Parse(text).ForRun(epochs: 100, stepsPerEpoch: 10).Start(0.1);
    }

    [TestMethod]
    public void The_tables_are_of_five_files_three_rates_and_three_lengths()
    {
        Assert.HasCount(45, Comparisons);
        Assert.HasCount(15, Comparisons.Select(comparison => (comparison.Rate, comparison.File)).Distinct());
    }

    [TestMethod]
    public void Curves_that_fall_to_zero_come_to_the_same()
    {
        Says("half a cosine was better than the line once; `OneCycleLR` was better once and worse once; each time by less than 0.002");
        Assert.AreEqual((1, 0), Counts("cosine"));
        Assert.AreEqual((1, 1), Counts("`OneCycleLR`"));
        foreach (var kind in new[] { "cosine", "`OneCycleLR`" })
            Assert.IsLessThan(2, Comparisons.Select(row => row.Others[kind]).Where(IsDifference).Max(other => Math.Abs(other.Mean)));
    }

    [TestMethod]
    public void Cuts_by_thirds_are_worse()
    {
        Says("worse than the line by 0.001 or more in 14 of 45 comparisons, and better in none");
        Assert.AreEqual((0, 14), Counts("`StepLR`"));
    }

    [TestMethod]
    public void A_constant_rate_is_worse_on_diamonds_alone()
    {
        Says("on diamonds, a constant rate that was not too low was worse than the line by 0.002 to 0.076");
        Says("with four times the rate, a constant rate was worse than the line by 0.007 to 0.076");
        Assert.IsTrue(Comparisons.Where(row => row.Others["constant"] is { Mean: <= -1 } other && IsDifference(other))
            .All(row => row.File == "diamonds.csv"));
        double[] normal = [.. Diamonds("rule"), .. Diamonds("high")];
        Assert.AreEqual((-76.3, -2.4), (normal.Min(), normal.Max()));
        Assert.AreEqual((-76.3, -7.2), (Diamonds("high").Min(), Diamonds("high").Max()));

        static double[] Diamonds(string rate) => [.. Comparisons.Where(row => row.Rate == rate && row.File == "diamonds.csv")
            .Select(row => row.Others["constant"].Mean)];
    }

    [TestMethod]
    public void Length_and_rate_count_more_than_the_kind()
    {
        Says("On digits, 5, 50 and 466 epochs with the same rate and schedule gave an accuracy of 0.898, 0.949 and 0.965.");
        Says("gave an accuracy of 0.813, 0.898 and 0.933.");
        var digits = Comparisons.Where(row => row.File == "digits.csv").ToArray();
        CollectionAssert.AreEqual(
            new[] { 0.898, 0.949, 0.965 }, digits.Where(row => row.Rate == "rule").Select(row => Math.Round(row.Line, 3)).ToArray());
        CollectionAssert.AreEqual(
            new[] { 0.813, 0.898, 0.933 },
            new[] { "low", "rule", "high" }.Select(rate => Math.Round(digits.First(row => row.Rate == rate).Line, 3)).ToArray());
        var last = digits.Last(row => row.Rate == "rule").Others.Values.Select(other => other.Mean).Append(0).ToArray();
        Assert.IsLessThan(2, last.Max() - last.Min());
    }

    [TestMethod]
    public void With_the_chosen_epochs_no_schedule_is_far_from_the_line()
    {
        Says("no schedule is better than the line by more than 0.002, or worse by more than 0.003.");
        var chosen = Comparisons.Where(row => row.Rate == "rule" && row.Epochs.EndsWith("(chosen)", StringComparison.Ordinal)).ToArray();
        Assert.HasCount(5, chosen);
        var others = chosen.SelectMany(row => row.Others.Values).Select(other => other.Mean).ToArray();
        Assert.IsTrue(others.Max() <= 2 && others.Min() >= -3, $"{others.Min()}, {others.Max()}");
    }

    private static void Says(string sentence) => StringAssert.Contains(Regex.Replace(Text, "\\s+", " "), sentence);

    // Beyond two standard errors and a thousandth.
    private static bool IsDifference((double Mean, double Error) other) => Math.Abs(other.Mean) >= Math.Max(1, 2 * other.Error);

    private static (int Better, int Worse) Counts(string kind)
    {
        var differences = Comparisons.Select(row => row.Others[kind]).Where(IsDifference).ToArray();
        return (differences.Count(other => other.Mean > 0), differences.Count(other => other.Mean < 0));
    }

    private static Comparison[] Read() =>
    [
        .. from table in Regex.Matches(Text, "<!-- table: (?<rate>[a-z]+) -->\n(?<text>.*?)<!-- end -->", RegexOptions.Singleline)
           let lines = table.Groups["text"].Value.Split('\n').Where(line => line.StartsWith('|')).Select(Cells).ToArray()
           from cells in lines[2..]
           select new Comparison(
               table.Groups["rate"].Value, cells[0], cells[1], double.Parse(cells[3], CultureInfo.InvariantCulture),
               Enumerable.Range(4, cells.Length - 4).ToDictionary(column => lines[0][column], column => Difference(cells[column]))),
    ];

    private static string[] Cells(string line) => [.. line.Trim('|').Split('|').Select(cell => cell.Trim())];

    private static (double Mean, double Error) Difference(string cell)
    {
        var numbers = cell.Replace('−', '-').Split(" ± ").Select(number => double.Parse(number, CultureInfo.InvariantCulture)).ToArray();
        return (numbers[0], numbers[1]);
    }

    private sealed record Comparison(
        string Rate, string File, string Epochs, double Line, IReadOnlyDictionary<string, (double Mean, double Error)> Others);
}
