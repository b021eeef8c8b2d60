using System.Globalization;
using System.Text;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Reports;

/// <summary>Draws a curve as text, in braille characters of 2 × 4 dots each.</summary>
/// <example>
/// <code>
/// double[] losses = [1, 0.5, 0.3, 0.2, 0.15];
/// Console.WriteLine(TextChart.Draw(losses, width: 20, height: 3, xLabel: "epoch", yLabel: "loss"));
/// </code>
/// </example>
public static class TextChart
{
    private const int DotsAcross = 2;
    private const int DotsDown = 4;

    /// <summary>
    /// Draws values from left to right, joined by lines. The vertical axis shows the highest and the lowest value, the horizontal axis
    /// shows both ends.
    /// </summary>
    /// <param name="values">The values, in order. Values that are NaN or infinite leave a gap.</param>
    /// <param name="width">The width of the plot in characters, at least 2, without the labels of the vertical axis.</param>
    /// <param name="height">The height of the plot in lines, at least 2.</param>
    /// <param name="logarithmic">Whether the vertical axis is logarithmic. Values of zero and below then leave a gap.</param>
    /// <param name="xLabel">The label of the horizontal axis, with its unit. Default: the index of a value.</param>
    /// <param name="xStart">The start of the horizontal axis. Default: 0.</param>
    /// <param name="xEnd">
    /// The end of the horizontal axis; null (the default) for <paramref name="xStart"/> plus the number of values minus one.
    /// </param>
    /// <param name="yLabel">The label of the values, with their unit, above the plot. Default: no label.</param>
    /// <returns>
    /// The lines of the chart, separated by line feeds: the lines of the plot, then two lines for the horizontal axis. If there is a label
    /// or the axis is logarithmic, a line above the plot says so.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">The width or the height is less than 2.</exception>
    public static string Draw(
        IReadOnlyList<double> values, int width = 40, int height = 6, bool logarithmic = false, string xLabel = "index",
        double xStart = 0, double? xEnd = null, string yLabel = "")
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(xLabel);
        ArgumentNullException.ThrowIfNull(yLabel);
        Argument.AtLeast(width, 2, nameof(width));
        Argument.AtLeast(height, 2, nameof(height));
        double[] heights = [.. values.Select(value => logarithmic ? Math.Log(value) : value)];
        double[] finite = [.. heights.Where(double.IsFinite)];
        var (low, high) = finite.Length == 0 ? (0, 0) : (finite.Min(), finite.Max());
        var dots = Plot(heights, low, high, width * DotsAcross, height * DotsDown);

        var labels = new string[height];
        if (high > low) (labels[0], labels[^1]) = (Label(high), Label(low));
        else if (finite.Length > 0) labels[height / 2] = Label(high);
        var labelWidth = labels.Max(label => label?.Length ?? 0);
        var text = new StringBuilder();
        if (logarithmic || yLabel.Length > 0) text.Append($"{yLabel}{(logarithmic ? " (logarithmic)" : "")}".TrimStart()).Append('\n');
        for (var line = 0; line < height; line++)
        {
            var label = labels[line] ?? "";
            text.Append(label.PadLeft(labelWidth)).Append(label.Length > 0 ? " ┤" : " │");
            for (var column = 0; column < width; column++) text.Append(Braille(dots, column, line));
            text.Append('\n');
        }

        text.Append(' ', labelWidth).Append(" └").Append('─', width).Append('\n').Append(' ', labelWidth + 2);
        var end = xEnd ?? xStart + Math.Max(0, values.Count - 1);
        return text.Append(HorizontalLabels(Number(xStart), xLabel, Number(end), width)).ToString();

        string Label(double value) => Number(logarithmic ? Math.Exp(value) : value);
    }

    private static string Number(double value) => value.ToString("G4", CultureInfo.InvariantCulture);

    /// <summary>Returns the labels of the ends with the axis label between them. The line can be wider than the plot.</summary>
    private static string HorizontalLabels(string start, string label, string end, int width)
    {
        var space = Math.Max(2, width - start.Length - label.Length - end.Length);
        return $"{start}{new string(' ', space / 2)}{label}{new string(' ', space - space / 2)}{end}";
    }

    private static bool[,] Plot(double[] heights, double low, double high, int across, int down)
    {
        var dots = new bool[across, down];
        // Equal values lie on a line in the middle.
        int X(int i) => heights.Length == 1 ? 0 : (int)Math.Round(i * (across - 1.0) / (heights.Length - 1));
        int Y(double value) => high > low ? (int)Math.Round((high - value) / (high - low) * (down - 1)) : down / 2;
        for (var i = 0; i < heights.Length; i++)
        {
            if (!double.IsFinite(heights[i])) continue;
            var (x, y) = (X(i), Y(heights[i]));
            var joined = i > 0 && double.IsFinite(heights[i - 1]);
            var (fromX, fromY) = joined ? (X(i - 1), Y(heights[i - 1])) : (x, y);
            var steps = Math.Max(1, Math.Max(x - fromX, Math.Abs(y - fromY)));
            for (var step = 0; step <= steps; step++)
                dots[fromX + (x - fromX) * step / steps, fromY + (y - fromY) * step / steps] = true;
        }

        return dots;
    }

    private static char Braille(bool[,] dots, int column, int line)
    {
        // The bits of the dots of a braille character, row by row. Unicode numbers the two lowest dots after all others.
        ReadOnlySpan<int> bits = [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80];
        var pattern = 0;
        for (var dot = 0; dot < bits.Length; dot++)
            if (dots[column * DotsAcross + dot % DotsAcross, line * DotsDown + dot / DotsAcross])
                pattern |= bits[dot];
        return (char)(0x2800 + pattern);
    }
}
