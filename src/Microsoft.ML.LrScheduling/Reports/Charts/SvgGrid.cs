using System.Xml.Linq;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Reports;

/// <summary>Combines several charts in one SVG image.</summary>
/// <example>
/// <code>
/// SvgChart Chart(LrSchedule schedule) => schedule.Preview(epochs: 20, stepsPerEpoch: 1, 0.1).ToChart();
/// File.WriteAllText("two.svg", SvgGrid.ToSvg("Two schedules", [Chart(LrSchedule.StepLR(5)), Chart(LrSchedule.ExponentialLR(0.8))]));
/// </code>
/// </example>
public static class SvgGrid
{
    private const double Gap = 12;
    private const double Heading = 40;

    /// <summary>Draws charts in rows from left to right. Each row is as high as its highest chart.</summary>
    /// <param name="title">The title above the charts.</param>
    /// <param name="charts">The charts.</param>
    /// <param name="columns">The number of charts per row, at least 1.</param>
    /// <returns>The text of an SVG file.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is less than one column.</exception>
    public static string ToSvg(string title, IReadOnlyList<SvgChart> charts, int columns = 3)
    {
        ArgumentNullException.ThrowIfNull(title);
        ArgumentNullException.ThrowIfNull(charts);
        Argument.AtLeast(columns, 1, nameof(columns));
        var (panels, top, right) = (new List<XElement>(), Heading, 160.0);
        foreach (var row in charts.Chunk(columns))
        {
            var left = Gap;
            foreach (var chart in row)
            {
                panels.Add(chart.ToPanel(left, top));
                left += chart.Width + Gap;
            }

            (top, right) = (top + row.Max(chart => chart.Height) + Gap, Math.Max(right, left));
        }

        IEnumerable<XElement> content =
        [
            Svg.Style(),
            Svg.Element("rect", ("class", "chart-page"), ("width", right), ("height", top)),
            Svg.Text("chart-title", Gap, 26, title),
            .. panels,
        ];
        return Svg.Text(Svg.Root(right, top, "group", title, string.Join("; ", charts.Select(chart => chart.Title)), content));
    }
}
