using Microsoft.ML.LrScheduling.Reports;

namespace Microsoft.ML.LrScheduling.Tests.Reports;

[TestClass]
public sealed class TextChartTests
{
    [TestMethod]
    public void A_straight_line_goes_from_corner_to_corner()
    {
        // 8 × 8 dots: one dot a column, from the lower left to the upper right.
        double[] values = [0, 1, 2, 3, 4, 5, 6, 7];
        Assert.AreEqual("7 ┤⠀⠀⡠⠊\n0 ┤⡠⠊⠀⠀", TextChart.Draw(values, width: 4, height: 2));
    }

    [TestMethod]
    public void Equal_values_lie_in_the_middle_with_one_label() =>
        Assert.AreEqual("    │⠀⠀\n0.5 ┤⠤⠤\n    │⠀⠀", TextChart.Draw([0.5, 0.5, 0.5], width: 2, height: 3));

    [TestMethod]
    public void A_logarithmic_axis_makes_decay_a_straight_line()
    {
        double[] decay = [.. Enumerable.Range(0, 8).Select(i => Math.Pow(10, -i))];
        var drawn = TextChart.Draw(decay, width: 4, height: 2, logarithmic: true);
        CollectionAssert.AreEqual(
            TextChart.Draw([.. Enumerable.Range(0, 8).Select(i => -(double)i)], width: 4, height: 2)
                .Split('\n').Select(line => line[^4..]).ToArray(),
            drawn.Split('\n').Select(line => line[^4..]).ToArray());
        StringAssert.StartsWith(drawn, "    1 ┤");
        StringAssert.Contains(drawn, "\n1E-07 ┤");
    }

    [TestMethod]
    public void What_cannot_be_drawn_leaves_a_gap()
    {
        Assert.AreEqual(" │⠀⠀\n │⠀⠀", TextChart.Draw([], width: 2, height: 2));
        Assert.AreEqual(" │⠀⠀\n │⠀⠀", TextChart.Draw([double.NaN, double.PositiveInfinity], width: 2, height: 2));
        // The middle value is missing: no line joins the others.
        Assert.AreEqual("1 ┤⠀⠈\n0 ┤⡀⠀", TextChart.Draw([0, double.NaN, 1], width: 2, height: 2));
    }

    [TestMethod]
    public void A_chart_needs_room() =>
        Assert.AreEqual("width", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => TextChart.Draw([1], width: 1)).ParamName);
}
