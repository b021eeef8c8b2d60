using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using FsCheck.Fluent;
using Microsoft.ML.LrScheduling.Reports;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Tests.Reports;

[TestClass]
public sealed partial class SvgChartTests
{
    [TestMethod]
    public void A_chart_is_a_picture_with_a_name_for_those_who_cannot_see_it()
    {
        var svg = XElement.Parse(LrSchedule.StepLR(30).Preview(90, 1, 0.1).ToSvg("Cuts"));
        Assert.AreEqual("{http://www.w3.org/2000/svg}svg", svg.Name.ToString());
        Assert.AreEqual(("0 0 480 260", "img"), (svg.Attribute("viewBox")!.Value, svg.Attribute("role")!.Value));
        Assert.AreEqual("Cuts", Elements(svg, "title").Single().Value);
        Assert.AreEqual(
            "learning rate by epoch. group 0: 0.1 first, 0.001 last, 0.001 lowest, 0.1 highest.", Elements(svg, "desc").Single().Value);
        CollectionAssert.IsSubsetOf(new[] { "Cuts", "learning rate", "epoch" }, Texts(svg));
    }

    [TestMethod]
    public void A_rate_holds_until_the_next_one()
    {
        var svg = XElement.Parse(LrSchedule.StepLR(30, 0.5).Preview(90, 1, 0.1).ToSvg());
        // Level, down, level, down, level: nothing slants.
        StringAssert.Matches(Paths(svg).Single(), new Regex("^M[0-9.]+ [0-9.]+(H[0-9.]+V[0-9.]+){2}H[0-9.]+$"));
    }

    [TestMethod]
    public void Ticks_are_round_numbers()
    {
        Assert.AreEqual("0 0.02 0.04 0.06 0.08 0.10", Ticks(ChartAxis.Over([0.0027, 0.1], logarithmic: false, ticks: 5)));
        Assert.AreEqual("0.84 0.86 0.88 0.90 0.92 0.94 0.96", Ticks(ChartAxis.Over([0.85, 0.95], logarithmic: false, ticks: 6)));
        Assert.AreEqual("0 2e-5 4e-5 6e-5", Ticks(ChartAxis.Over([1e-6, 6e-5], logarithmic: false, ticks: 3)));
        Assert.AreEqual("-1,000 0 1,000 2,000", Ticks(ChartAxis.Over([-650, 1700], logarithmic: false, ticks: 3)));
        Assert.AreEqual("0 50,000", Ticks(ChartAxis.Tight(0, 90_000, ticks: 3)));
        Assert.AreEqual("1e-4 0.001 0.01 0.1 1", Ticks(ChartAxis.Over([0.0001, 1], logarithmic: true, ticks: 5)));
        Assert.AreEqual("0.02 0.05 0.1 0.2", Ticks(ChartAxis.Over([0.02, 0.15], logarithmic: true, ticks: 5)));
    }

    [TestMethod]
    public void Long_curves_lose_nothing_that_can_be_seen()
    {
        var values = Enumerable.Range(0, 1_000_000).Select(i => Math.Sin(i / 1e5)).ToArray();
        (values[333_333], values[777_777]) = (5, -4);
        var chart = Chart(new ChartSeries("curve", values));
        var points = Points(Paths(chart.ToXml()).Single());
        Assert.IsTrue(points.Count is > 1000 and <= 4000, $"{points.Count} points");
        var whole = Points(Paths(Chart(new ChartSeries("ends", [5, -4])).ToXml()).Single());
        Assert.AreEqual((whole[0].Y, whole[1].Y), (points.Min(point => point.Y), points.Max(point => point.Y)));
    }

    [TestMethod]
    public void Several_curves_share_the_points()
    {
        var series = Enumerable.Range(0, 20)
            .Select(k => new ChartSeries($"{k}", Enumerable.Range(0, 50_000).Select(i => Math.Sin(i * k)).ToArray()));
        Assert.IsTrue(Chart([.. series]).ToSvg().Length < 120_000);
    }

    [TestMethod]
    public void What_cannot_be_drawn_leaves_a_gap()
    {
        Assert.AreEqual(2, Paths(Chart(new ChartSeries("gap", [1, 2, double.NaN, 3, 4])).ToXml()).Single().Count(c => c == 'M'));
        Assert.AreEqual(
            1, Paths((Chart(new ChartSeries("log", [1, 0.1, 0, -1])) with { Logarithmic = true }).ToXml()).Single().Count(c => c == 'M'));
        foreach (var values in new double[][] { [], [double.NaN], [double.PositiveInfinity, double.NegativeInfinity] })
            Assert.AreEqual(0, Paths(Chart(new ChartSeries("nothing", values)).ToXml()).Length);
        // A point between two gaps is a dot.
        StringAssert.EndsWith(Paths(Chart(new ChartSeries("dot", [double.NaN, 1, double.NaN])).ToXml()).Single(), "h0");
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Any_numbers_give_a_picture(bool logarithmic) => Draws.Hold(
        Prop.ForAll(ArbMap.Default.ArbFor<(double[] Values, bool Stepped)>(), draw =>
        {
            foreach (var extreme in new double[][]
                { [], [double.MaxValue, -double.MaxValue], [double.Epsilon], [1, 1 + 1e-15], [0, 1e300], [-0.0] })
            {
                double[] values = [.. draw.Values, .. extreme];
                var series = new ChartSeries("any", values, line: draw.Stepped ? ChartLine.Stepped : ChartLine.Straight);
                var svg = (Chart(series) with { Logarithmic = logarithmic }).ToXml();
                foreach (var number in svg.DescendantsAndSelf().Attributes().SelectMany(attribute => Number().Matches(attribute.Value)))
                    if (double.Parse(number.Value, CultureInfo.InvariantCulture) is < -1 or > 500)
                        return false;
                if (svg.ToString() is var text && (text.Contains("NaN", StringComparison.Ordinal) || text.Contains('∞'))) return false;
            }

            return true;
        }));

    [TestMethod]
    public void Curves_have_a_legend_and_colours_of_their_own()
    {
        var one = Chart(new ChartSeries("alone", [1, 2])).ToXml();
        Assert.IsFalse(Texts(one).Contains("alone"));
        var many = Chart([.. Enumerable.Range(0, 9).Select(k => new ChartSeries($"curve {k}", [k, k + 1]))]).ToXml();
        CollectionAssert.IsSubsetOf(Enumerable.Range(0, 9).Select(k => $"curve {k}").ToArray(), Texts(many));
        var looks = Elements(many, "path")
            .Select(path => (path.Attribute("class")!.Value, path.Attribute("stroke-dasharray")?.Value)).ToArray();
        Assert.AreEqual((18, 9), (looks.Length, looks.Distinct().Count()));
    }

    [TestMethod]
    public void Any_title_is_text()
    {
        var svg = XElement.Parse((Chart(new ChartSeries("<b>", [1])) with { Title = "a < b & \"c\" \0 \ud800 😀" }).ToSvg());
        Assert.AreEqual("a < b & \"c\" \ufffd \ufffd 😀", Elements(svg, "title").First().Value);
        var longest = Texts((Chart(new ChartSeries("x", [1])) with { Title = new string('w', 500) }).ToXml()).Max(text => text.Length);
        Assert.IsTrue(longest < 80, $"{longest} characters");
        Assert.IsFalse(Texts((Chart(new ChartSeries("x", [1])) with { ShowTitle = false }).ToXml()).Contains("title"));
    }

    [TestMethod]
    public void The_culture_plays_no_part()
    {
        var curve = LrSchedule.OneCycleLR(0.1).Preview(10, 10, 0.1);
        var expected = curve.ToSvg();
        var culture = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");
        try
        {
            Assert.AreEqual(expected, curve.ToSvg());
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    [TestMethod]
    public void A_grid_holds_its_charts()
    {
        var charts = Enumerable.Range(0, 5)
            .Select(k => Chart(new ChartSeries("x", [k, 2])) with { Width = 200, Height = 120 + k }).ToArray();
        var svg = XElement.Parse(SvgGrid.ToSvg("All", charts, columns: 2));
        var panels = svg.Elements().Where(element => element.Name.LocalName == "svg").ToArray();
        Assert.AreEqual((5, 1), (panels.Length, Elements(svg, "style").Count()));
        Assert.AreEqual("0 0 436 444", svg.Attribute("viewBox")!.Value);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => SvgGrid.ToSvg("All", charts, columns: 0));
    }

    [TestMethod]
    public void Points_have_to_fit()
    {
        Assert.ThrowsExactly<ArgumentException>(() => new ChartSeries("x", [1, 2], [1]));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ChartSeries("x", [2, 1], [1, 1]));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ChartSeries("x", [double.NaN], [1]));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new ChartSeries("x", [1], spacing: 0));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Chart() with { Width = 10 });
        Assert.ThrowsExactly<ArgumentException>(() => LrSchedule.StepLR(1).Preview(1, 1, 0.1).ToSvg(groupNames: ["a", "b"]));
    }

    [TestMethod]
    public void A_curve_is_drawn_as_text_too() => Assert.AreEqual(
        TextChart.Draw(
            [1, 0.1, 0.01, 0.001], width: 8, height: 3, logarithmic: true, xLabel: "epoch", xEnd: 4, yLabel: "learning rate"),
        LrSchedule.ExponentialLR(0.1).Preview(4, 1, 1.0).ToText(width: 8, height: 3, logarithmic: true));

    private static SvgChart Chart(params ChartSeries[] series) => new() { Title = "title", XLabel = "x", YLabel = "y", Series = series };

    private static string Ticks(ChartAxis axis) => string.Join(' ', axis.Ticks.Select(tick => tick.Label));

    private static IEnumerable<XElement> Elements(XElement svg, string name) =>
        svg.Descendants().Where(element => element.Name.LocalName == name);

    private static string[] Texts(XElement svg) => [.. Elements(svg, "text").Select(element => element.Value)];

    private static string[] Paths(XElement svg) => [.. Elements(svg, "path").Select(path => path.Attribute("d")!.Value)];

    private static List<(double X, double Y)> Points(string path) =>
    [
        .. Regex.Matches(path, "[ML]([0-9.]+) ([0-9.]+)").Select(match =>
            (double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture),
                double.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture))),
    ];

    [GeneratedRegex(@"(?<![\w#-])-?[0-9]+(\.[0-9]+)?(e[0-9+-]+)?")]
    private static partial Regex Number();
}
