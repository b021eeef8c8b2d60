using System.Globalization;
using System.Text;

namespace Microsoft.ML.LrScheduling.Reports;

/// <summary>Converts a curve to the path of an SVG element.</summary>
internal sealed class ChartPath
{
    private readonly StringBuilder _path = new();
    private readonly ChartSeries _series;
    private readonly Func<double, double> _left;
    private readonly Func<double, double> _top;
    private double _x;
    private double _y;
    private bool _open;
    private bool _single;
    private int _lastDrawn;

    private ChartPath(ChartSeries series, Func<double, double> left, Func<double, double> top) =>
        (_series, _left, _top) = (series, left, top);

    /// <summary>
    /// Returns the path of a curve. If there are more than two points per column, at most four points per column remain: the first, the
    /// lowest, the highest and the last. The image looks the same.
    /// </summary>
    /// <param name="series">The curve.</param>
    /// <param name="axes">The axes of the chart.</param>
    /// <param name="logarithmic">Whether the vertical axis is logarithmic.</param>
    /// <param name="area">The area of the plot in the image.</param>
    /// <param name="columns">The number of columns into which points are grouped, at least 1.</param>
    public static string Of(ChartSeries series, (ChartAxis X, ChartAxis Y) axes, bool logarithmic, ChartArea area, int columns)
    {
        var path = new ChartPath(
            series, x => area.Left + axes.X.Position(x) * area.Width, y => area.Bottom - axes.Y.Position(y) * area.Height);
        var thin = series.Y.Count > 2 * columns;
        var column = Column.None;
        var gap = true;
        for (var i = 0; i < series.Y.Count; i++)
        {
            if (!ChartAxis.CanDraw(series.Y[i], logarithmic))
            {
                gap = true;
                continue;
            }

            var at = thin ? (int)(axes.X.Position(series.X(i)) * columns) : i;
            if (at == column.Index) column.Add(i, series.Y[i]);
            else
            {
                path.Draw(column);
                column = new Column(at, i, series.Y[i], StartsLine: gap);
            }

            // A gap within a column is not visible.
            gap = false;
        }

        path.Draw(column);
        path.EndLine();
        return path._path.ToString();
    }

    private void Draw(Column column)
    {
        if (column.Index < 0) return;
        if (column.StartsLine) EndLine();
        Span<int> points = [column.First, column.Lowest, column.Highest, column.Last];
        points.Sort();
        for (var i = 0; i < points.Length; i++)
            if (i == 0 || points[i] != points[i - 1])
                Draw(points[i]);
        _lastDrawn = column.Last;
    }

    private void Draw(int point)
    {
        var (x, y) = (Round(_left(_series.X(point))), Round(_top(_series.Y[point])));
        if (!_open) Add($"M{x} {y}");
        else if (_series.Line == ChartLine.Straight) Add($"L{x} {y}");
        else if (y == _y) return;
        else Add($"{(x == _x ? "" : string.Create(CultureInfo.InvariantCulture, $"H{x}"))}V{y}");
        (_x, _y, _single, _open) = (x, y, !_open, true);
    }

    private void EndLine()
    {
        if (!_open) return;
        if (_series.Line == ChartLine.Stepped) Add($"H{Round(_left(_series.X(_lastDrawn + 1)))}");
        // A line of length zero is drawn as a dot, because its ends are round.
        else if (_single) Add($"h0");
        _open = false;
    }

    private void Add(FormattableString command) => _path.Append(command.ToString(CultureInfo.InvariantCulture));

    private static double Round(double value) => Math.Round(value, 2) + 0.0;

    /// <summary>The points that remain of one column.</summary>
    private record struct Column(int Index, int First, double Value, bool StartsLine)
    {
        public static readonly Column None = new(-1, 0, 0, false);

        private double _low = Value;
        private double _high = Value;

        public int Lowest { get; private set; } = First;

        public int Highest { get; private set; } = First;

        public int Last { get; private set; } = First;

        public void Add(int point, double value)
        {
            if (value < _low) (_low, Lowest) = (value, point);
            if (value > _high) (_high, Highest) = (value, point);
            Last = point;
        }
    }
}

/// <summary>The area of an image in which curves are drawn.</summary>
internal readonly record struct ChartArea(double Left, double Top, double Width, double Height)
{
    /// <summary>The lower edge.</summary>
    public double Bottom => Top + Height;

    /// <summary>The right edge.</summary>
    public double Right => Left + Width;
}
