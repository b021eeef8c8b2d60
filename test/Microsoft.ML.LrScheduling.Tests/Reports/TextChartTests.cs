using Microsoft.ML.LrScheduling.Reports;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Tests.Reports;

[TestClass]
public sealed class TextChartTests
{
    [TestMethod]
    public void A_straight_line_goes_from_corner_to_corner()
    {
        // 8 × 8 dots: one dot a column, from the lower left to the upper right.
        double[] values = [0, 1, 2, 3, 4, 5, 6, 7];
        Assert.AreEqual(
            "7 ┤⠀⠀⡠⠊\n0 ┤⡠⠊⠀⠀\n  └────\n   0 index 7", TextChart.Draw(values, width: 4, height: 2));
    }

    [TestMethod]
    public void Equal_values_lie_in_the_middle_with_one_label() =>
        Assert.AreEqual("    │⠀⠀\n0.5 ┤⠤⠤\n    │⠀⠀\n    └──\n     0 index 2",
            TextChart.Draw([0.5, 0.5, 0.5], width: 2, height: 3));

    [TestMethod]
    public void A_logarithmic_axis_makes_decay_a_straight_line()
    {
        double[] decay = [.. Enumerable.Range(0, 8).Select(i => Math.Pow(10, -i))];
        var drawn = TextChart.Draw(decay, width: 4, height: 2, logarithmic: true);
        CollectionAssert.AreEqual(
            TextChart.Draw([.. Enumerable.Range(0, 8).Select(i => -(double)i)], width: 4, height: 2)
                .Split('\n')[..2].Select(line => line[^4..]).ToArray(),
            drawn.Split('\n')[1..3].Select(line => line[^4..]).ToArray());
        StringAssert.StartsWith(drawn, "(logarithmic)\n    1 ┤");
        StringAssert.Contains(drawn, "\n1E-07 ┤");
    }

    [TestMethod]
    public void What_cannot_be_drawn_leaves_a_gap()
    {
        Assert.AreEqual(" │⠀⠀\n │⠀⠀\n └──\n  0 index 0", TextChart.Draw([], width: 2, height: 2));
        Assert.AreEqual(
            " │⠀⠀\n │⠀⠀\n └──\n  0 index 1", TextChart.Draw([double.NaN, double.PositiveInfinity], width: 2, height: 2));
        // The middle value is missing: no line joins the others.
        Assert.AreEqual("1 ┤⠀⠈\n0 ┤⡀⠀\n  └──\n   0 index 2", TextChart.Draw([0, double.NaN, 1], width: 2, height: 2));
    }

    [TestMethod]
    public void The_axes_say_what_they_measure_and_whether_the_scale_is_logarithmic()
    {
        var lines = TextChart.Draw([1, 0.1, 0.01], 12, 2, logarithmic: true, "epoch", xStart: 1, xEnd: 9, yLabel: "loss").Split('\n');
        CollectionAssert.AreEqual(
            new[] { "loss (logarithmic)", "     └────────────", "      1  epoch   9" },
            new[] { lines[0], lines[3], lines[4] });
        // A preview is by epoch, to the end of the run, whatever the steps of an epoch.
        var preview = LrSchedule.ExponentialLR(0.5).Preview(epochs: 8, stepsPerEpoch: 5, 0.1).ToText(width: 20, height: 3).Split('\n');
        Assert.AreEqual("learning rate", preview[0]);
        StringAssert.Matches(preview[^1], new("^ +0 +epoch +8$"));
    }

    [TestMethod]
    public void A_chart_needs_room() =>
        Assert.AreEqual("width", Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => TextChart.Draw([1], width: 1)).ParamName);
}
