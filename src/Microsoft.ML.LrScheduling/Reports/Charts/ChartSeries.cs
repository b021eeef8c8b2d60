using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Reports;

/// <summary>A curve of an <see cref="SvgChart"/>: its name in the legend, and its points from left to right.</summary>
/// <example>
/// <code>
/// double[] epochs = [0, 5, 10], losses = [1, 0.4, 0.2];
/// var chart = new SvgChart { Title = "Loss", XLabel = "epoch", YLabel = "loss", Series = [new("loss", epochs, losses)] };
/// </code>
/// </example>
public sealed class ChartSeries
{
    private readonly Func<int, double> _x;

    /// <summary>A curve of points anywhere.</summary>
    /// <param name="name">The name in the legend.</param>
    /// <param name="x">Where the points are, in ascending order; finite.</param>
    /// <param name="y">The value of each point. One that is NaN or infinite leaves a gap.</param>
    /// <param name="line">What is drawn between two points.</param>
    /// <exception cref="ArgumentException">There are not as many values in one list as in the other.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A place is NaN, infinite, or less than the one before it.</exception>
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

    /// <summary>A curve of points at even distances.</summary>
    /// <param name="name">The name in the legend.</param>
    /// <param name="y">The value of each point. One that is NaN or infinite leaves a gap.</param>
    /// <param name="start">Where the first point is; finite.</param>
    /// <param name="spacing">From one point to the next, in (0, ∞).</param>
    /// <param name="line">What is drawn between two points.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The spacing is zero, negative, NaN or infinite; or the start is not finite.
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

    /// <summary>What is drawn between two points.</summary>
    public ChartLine Line { get; }

    /// <summary>The name, and how many points there are, in a line.</summary>
    public override string ToString() => $"{Name.ReplaceLineEndings(" ")}: {Quantity.Of(Y.Count, "point")}";

    /// <summary>How long the last value of a stepped line holds.</summary>
    internal double Spacing { get; }

    /// <summary>Where the curve ends.</summary>
    internal double End => X(Line == ChartLine.Stepped ? Y.Count : Y.Count - 1);

    /// <summary>Where a point is; the one after the last is where a stepped line ends.</summary>
    internal double X(int index) => index < Y.Count ? _x(index) : _x(Y.Count - 1) + Spacing;
}

/// <summary>What is drawn between two points of a curve.</summary>
public enum ChartLine
{
    /// <summary>A straight line from one to the next.</summary>
    Straight,

    /// <summary>The first one's value up to the next point, where it jumps; the last value holds as long as the one before.</summary>
    Stepped,
}
