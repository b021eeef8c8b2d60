using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Reports;

/// <summary>A curve of an <see cref="SvgChart"/>: a name for the legend, and points from left to right.</summary>
/// <example>
/// <code>
/// double[] epochs = [0, 5, 10], losses = [1, 0.4, 0.2];
/// var chart = new SvgChart { Title = "Loss", XLabel = "epoch", YLabel = "loss", Series = [new("loss", epochs, losses)] };
/// </code>
/// </example>
public sealed class ChartSeries
{
    private readonly Func<int, double> _x;

    /// <summary>Creates a curve from points at given positions.</summary>
    /// <param name="name">The name in the legend.</param>
    /// <param name="x">The positions of the points, finite and in ascending order.</param>
    /// <param name="y">The value of each point. A value that is NaN or infinite leaves a gap.</param>
    /// <param name="line">The line between two points.</param>
    /// <exception cref="ArgumentException">The two lists have different lengths.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A position is NaN or infinite, or less than the previous one.</exception>
    public ChartSeries(string name, IReadOnlyList<double> x, IReadOnlyList<double> y, ChartLine line = ChartLine.Straight)
        : this(name, y, line, i => x[i])
    {
        ArgumentNullException.ThrowIfNull(x);
        if (x.Count != y.Count) throw new ArgumentException($"x must hold as many values as y ({y.Count}). Received: {x.Count}", nameof(x));
        for (var i = 0; i < x.Count; i++)
            if (!double.IsFinite(x[i]) || (i > 0 && x[i] < x[i - 1]))
                throw Argument.OutOfRange(nameof(x), "finite and in ascending order", x[i]);
        Spacing = x.Count > 1 ? x[^1] - x[^2] : 1;
    }

    /// <summary>Creates a curve from evenly spaced points.</summary>
    /// <param name="name">The name in the legend.</param>
    /// <param name="y">The value of each point. A value that is NaN or infinite leaves a gap.</param>
    /// <param name="start">The position of the first point, finite.</param>
    /// <param name="spacing">The distance from one point to the next, in (0, ∞).</param>
    /// <param name="line">The line between two points.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The spacing is zero, negative, NaN or infinite, or the start is not finite.
    /// </exception>
    public ChartSeries(string name, IReadOnlyList<double> y, double start = 0, double spacing = 1, ChartLine line = ChartLine.Straight)
        : this(name, y, line, i => start + i * spacing)
    {
        if (!double.IsFinite(start)) throw Argument.OutOfRange(nameof(start), "finite", start);
        Spacing = Argument.Positive(spacing, nameof(spacing));
    }

    private ChartSeries(string name, IReadOnlyList<double> y, ChartLine line, Func<int, double> x)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(y);
        (Name, Y, Line, _x) = (name, y, Argument.Defined(line, nameof(line)), x);
    }

    /// <summary>The name in the legend.</summary>
    public string Name { get; }

    /// <summary>The value of each point.</summary>
    public IReadOnlyList<double> Y { get; }

    /// <summary>The line between two points.</summary>
    public ChartLine Line { get; }

    /// <summary>Returns the name and the number of points, on one line.</summary>
    public override string ToString() => $"{Name.ReplaceLineEndings(" ")}: {Quantity.Of(Y.Count, "point")}";

    /// <summary>The distance for which the last value of a stepped line is drawn.</summary>
    internal double Spacing { get; }

    /// <summary>The horizontal position of the end of the curve.</summary>
    internal double End => X(Line == ChartLine.Stepped ? Y.Count : Y.Count - 1);

    /// <summary>Returns the position of a point. The index after the last point gives the end of a stepped line.</summary>
    internal double X(int index) => index < Y.Count ? _x(index) : _x(Y.Count - 1) + Spacing;
}

/// <summary>The line between two points of a curve.</summary>
public enum ChartLine
{
    /// <summary>A straight line from one point to the next.</summary>
    Straight,

    /// <summary>
    /// A step: the value of a point is drawn up to the next point. The last value is drawn for the same distance as the value before it.
    /// </summary>
    Stepped,
}
