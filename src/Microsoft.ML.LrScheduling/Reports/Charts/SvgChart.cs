using System.Globalization;
using System.Xml.Linq;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Reports;

/// <summary>
/// A chart of curves as a self-contained SVG image, with axes with round numbers and a legend. The colours are suitable for colour-blind
/// readers, and there is a second set for dark mode.
/// </summary>
/// <remarks>
/// The same chart gives the same SVG text on every machine. Long curves are reduced to the points that are visible, at most a few
/// thousand.
/// </remarks>
/// <example>
/// <code>
/// var losses = new ChartSeries("loss", [1, 0.5, 0.3, 0.2]);
/// var chart = new SvgChart { Title = "Loss", XLabel = "epoch", YLabel = "loss", Series = [losses] };
/// File.WriteAllText("loss.svg", chart.ToSvg());
/// </code>
/// </example>
public sealed record SvgChart
{
    // The maximum for all curves together.
    private const int MaximumPoints = 4000;

    private const double LineHeight = 18;
    private const double Margin = 14;
    private const double BelowPlot = 40;
    private const double CharacterWidth = 6.6;

    /// <summary>The title above the chart. It is shortened if it is too long.</summary>
    public required string Title { get; init; }

    /// <summary>Whether the title is visible (the default). Otherwise only screen readers read it.</summary>
    public bool ShowTitle { get; init; } = true;

    /// <summary>The label of the horizontal axis, with its unit.</summary>
    public required string XLabel { get; init; }

    /// <summary>The label of the vertical axis, with its unit.</summary>
    public required string YLabel { get; init; }

    /// <summary>The curves. The chart has a legend if there is more than one curve.</summary>
    public required IReadOnlyList<ChartSeries> Series { get; init; }

    /// <summary>
    /// The description for screen readers; null (the default) for the first, last, lowest and highest value of each curve.
    /// </summary>
    public string? Description { get; init; }

    /// <summary>Whether the vertical axis is logarithmic. Values of zero and below then leave a gap. Default: false.</summary>
    public bool Logarithmic { get; init; }

    /// <summary>The width in pixels, at least 160. Default: 480. The image shrinks if there is less space.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 160.</exception>
    public int Width { get; init => field = Argument.AtLeast(value, 160, "width"); } = 480;

    /// <summary>The height in pixels, at least 120. Default: 260.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 120.</exception>
    public int Height { get; init => field = Argument.AtLeast(value, 120, "height"); } = 260;

    /// <summary>Returns the title and the number of curves, on one line.</summary>
    public override string ToString() => $"{Title.ReplaceLineEndings(" ")}: {Quantity.Of(Series.Count, "curve")}";

    /// <summary>Returns the chart as the text of an SVG file.</summary>
    public string ToSvg() => Svg.Text(ToXml());

    /// <summary>Returns the chart as an <c>svg</c> element, for a file or for a part of an HTML page.</summary>
    public XElement ToXml() => Svg.Root(Width, Height, "img", Title, Description ?? Describe(), [Svg.Style(), .. Draw()]);

    /// <summary>Returns the chart as an element of a larger image.</summary>
    internal XElement ToPanel(double left, double top)
    {
        var panel = Svg.Element("svg", ("x", left), ("y", top), ("width", Width), ("height", Height), ("role", "img"));
        panel.Add(Svg.Element("title", Title), Svg.Element("desc", Description ?? Describe()), Draw());
        return panel;
    }

    private IEnumerable<XElement> Draw()
    {
        yield return Svg.Element("rect", ("class", "chart-back"), ("width", Width), ("height", Height), ("rx", 6));
        var line = 24.0;
        if (ShowTitle)
        {
            yield return Svg.Text("chart-title", Margin, line, Svg.Shorten(Title, Width - 2 * Margin, 7.4));
            line += LineHeight;
        }

        yield return Svg.Text("chart-label", Margin, line, YLabel);
        var (legend, lines) = Legend(line);
        foreach (var element in legend) yield return element;

        var top = line + LineHeight * (lines - 1) + 14;
        var height = Math.Max(1, Height - top - BelowPlot);
        var y = ChartAxis.Over(Series.SelectMany(series => series.Y), Logarithmic, ticks: (int)(height / 28));
        var left = Margin + y.Ticks.Max(tick => Svg.Width(tick.Label, CharacterWidth)) + 8;
        var area = new ChartArea(left, top, Math.Max(1, Width - left - Margin - 6), height);
        var x = HorizontalAxis((int)(area.Width / 60));
        foreach (var element in DrawAxes(x, y, area)) yield return element;

        var columns = Math.Max(1, MaximumPoints / 4 / Math.Max(1, Series.Count));
        for (var i = 0; i < Series.Count; i++)
            if (ChartPath.Of(Series[i], (x, y), Logarithmic, area, columns) is { Length: > 0 } path)
                yield return Svg.Curve(i, path);
    }

    private ChartAxis HorizontalAxis(int ticks)
    {
        var drawn = Series.Where(series => series.Y.Count > 0).ToArray();
        return drawn.Length == 0
            ? ChartAxis.Tight(0, 1, ticks)
            : ChartAxis.Tight(drawn.Min(series => series.X(0)), drawn.Max(series => series.End), ticks);
    }

    private IEnumerable<XElement> DrawAxes(ChartAxis x, ChartAxis y, ChartArea area)
    {
        foreach (var (value, label) in y.Ticks)
        {
            var at = area.Bottom - y.Position(value) * area.Height;
            yield return Svg.Line("chart-grid", area.Left, at, area.Right, at);
            yield return Svg.Text("chart-tick", area.Left - 8, at + 4, label, "end");
        }

        foreach (var (value, label) in x.Ticks)
        {
            var at = area.Left + x.Position(value) * area.Width;
            yield return Svg.Line("chart-axis", at, area.Bottom, at, area.Bottom + 4);
            yield return Svg.Text("chart-tick", at, area.Bottom + 17, label, "middle");
        }

        yield return Svg.Line("chart-axis", area.Left, area.Bottom, area.Right, area.Bottom);
        yield return Svg.Text("chart-label", area.Right, Height - 8, XLabel, "end");
    }

    /// <summary>Draws the legend to the right of the label of the vertical axis, in as many lines as necessary.</summary>
    private (List<XElement> Elements, int Lines) Legend(double top)
    {
        var elements = new List<XElement>();
        if (Series.Count < 2) return (elements, 1);
        var begin = Margin + Svg.Width(YLabel, CharacterWidth) + 20;
        var (left, line) = (begin, 0);
        for (var i = 0; i < Series.Count; i++)
        {
            var name = Svg.Shorten(Series[i].Name, Width - begin - Margin - 26, CharacterWidth);
            var width = Svg.Width(name, CharacterWidth) + 26;
            if (left > begin && left + width > Width - Margin) (left, line) = (begin, line + 1);
            var at = top + line * LineHeight;
            elements.Add(Svg.Curve(i, string.Create(CultureInfo.InvariantCulture, $"M{left:0.##} {at - 4:0.##}h18")));
            elements.Add(Svg.Text("chart-label", left + 24, at, name));
            left += width + 14;
        }

        return (elements, line + 1);
    }

    private string Describe() => $"{YLabel} by {XLabel}. {string.Join(' ', Series.Select(Describe))}".TrimEnd();

    private string Describe(ChartSeries series)
    {
        var (first, last, low, high) = (double.NaN, double.NaN, double.PositiveInfinity, double.NegativeInfinity);
        foreach (var value in series.Y)
        {
            if (!ChartAxis.CanDraw(value, Logarithmic)) continue;
            if (double.IsNaN(first)) first = value;
            (last, low, high) = (value, Math.Min(low, value), Math.Max(high, value));
        }

        return double.IsNaN(first)
            ? $"{series.Name}: nothing to draw."
            : FormattableString.Invariant($"{series.Name}: {first:G4} first, {last:G4} last, {low:G4} lowest, {high:G4} highest.");
    }
}
