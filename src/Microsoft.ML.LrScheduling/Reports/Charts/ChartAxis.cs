using System.Globalization;

namespace Microsoft.ML.LrScheduling.Reports;

/// <summary>An axis of a chart: its range, and ticks at round numbers.</summary>
internal sealed class ChartAxis
{
    // Sums and differences of larger values can overflow: they are not drawn. Smaller values are treated as zero.
    private const double Largest = 1e300;
    private const double Smallest = 1e-300;

    private readonly double _low;
    private readonly double _high;
    private readonly bool _logarithmic;

    private ChartAxis(double low, double high, bool logarithmic, IEnumerable<(double Value, string Label)> ticks)
    {
        (_low, _high, _logarithmic) = (Scale(low, logarithmic), Scale(high, logarithmic), logarithmic);
        Ticks = [.. ticks.Where(tick => Position(tick.Value) is > -1e-9 and < 1 + 1e-9)];
    }

    /// <summary>The ticks: round numbers in ascending order, with their labels.</summary>
    public IReadOnlyList<(double Value, string Label)> Ticks { get; }

    /// <summary>Creates an axis from one value to another, with ticks between them.</summary>
    public static ChartAxis Tight(double low, double high, int ticks) => Linear(low, high, ticks, widen: false);

    /// <summary>Creates an axis that covers values and ends at round numbers. It starts at zero if that is not far away.</summary>
    /// <param name="values">The values. Values that cannot be drawn are ignored.</param>
    /// <param name="logarithmic">Whether the axis is logarithmic.</param>
    /// <param name="ticks">The approximate number of ticks that fit.</param>
    public static ChartAxis Over(IEnumerable<double> values, bool logarithmic, int ticks)
    {
        var (low, high) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var value in values)
        {
            if (!CanDraw(value, logarithmic)) continue;
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
        }

        if (low > high) (low, high) = logarithmic ? (0.1, 1) : (0, 1);
        if (logarithmic) return Logarithmic(low, high, ticks);
        if (low >= 0 && low < 0.6 * high) low = 0;
        return Linear(low, high, ticks, widen: true);
    }

    /// <summary>Whether an axis can show a value.</summary>
    public static bool CanDraw(double value, bool logarithmic) => Math.Abs(value) <= Largest && (!logarithmic || value >= Smallest);

    /// <summary>Returns the position of a value: 0 at the low end of the axis, 1 at the high end.</summary>
    public double Position(double value) => (Scale(value, _logarithmic) - _low) / (_high - _low);

    private static double Scale(double value, bool logarithmic) => logarithmic ? Math.Log10(value) : value;

    private static ChartAxis Linear(double low, double high, int ticks, bool widen)
    {
        // If the values are equal except for rounding, the axis gets some space on both sides.
        if (!(high - low > 1e-9 * Math.Max(Math.Abs(low), Math.Abs(high))) || high - low < Smallest)
        {
            var room = Math.Abs(high) < Smallest ? 1 : Math.Abs(high) / 2;
            (low, high) = (low - room, high + room);
        }

        var rough = (high - low) / Math.Max(1, ticks);
        var exponent = (int)Math.Floor(Math.Log10(rough));
        var unit = Math.Pow(10, exponent);
        var round = (rough / unit) switch { <= 1.001 => 1, <= 2.001 => 2, <= 5.001 => 5, _ => 10 };
        if (round == 10) (round, exponent, unit) = (1, exponent + 1, unit * 10);
        // Each tick is a multiple of the step, because adding steps accumulates rounding errors.
        double At(double steps) => exponent < 0 ? steps * round / Math.Pow(10, -exponent) : steps * round * unit;
        var (first, last) = (Math.Floor(low / (round * unit) + 1e-9), Math.Ceiling(high / (round * unit) - 1e-9));
        if (widen) (low, high) = (At(first), At(last));
        var largest = Math.Max(Math.Abs(low), Math.Abs(high));
        var marks = Enumerable.Range(0, (int)(last - first) + 1).Select(i => At(first + i));
        return new ChartAxis(low, high, logarithmic: false, marks.Select(value => (value, Label(value, exponent, largest))));
    }

    private static ChartAxis Logarithmic(double low, double high, int ticks)
    {
        var (first, last) = ((int)Math.Floor(Math.Log10(low)) - 1, (int)Math.Ceiling(Math.Log10(high)) + 1);
        double[] rounds = [.. Enumerable.Range(first, last - first + 1).SelectMany(e => new[] { Decade(e), 2 * Decade(e), 5 * Decade(e) })];
        (low, high) = (rounds.Last(value => value <= low * (1 + 1e-9)), rounds.First(value => value >= high * (1 - 1e-9)));
        if (low == high) (low, high) = (low / 2, high * 2);
        var decades = Math.Log10(high / low);
        // One tick per decade or per several decades; three ticks per decade if the axis has few decades.
        var every = Math.Max(1, (int)Math.Ceiling(decades / Math.Max(1, ticks)));
        var marks = decades * 3 <= ticks + 1
            ? rounds
            : Enumerable.Range(first, last - first + 1).Where(e => e % every == 0).Select(Decade);
        return new ChartAxis(low, high, logarithmic: true, marks.Select(value => (value, Label(value))));
    }

    private static double Decade(int exponent) => exponent < 0 ? 1 / Math.Pow(10, -exponent) : Math.Pow(10, exponent);

    private static string Label(double value, int exponent, double largest) => value == 0
        ? "0"
        : largest >= 1e7 || largest < 1e-3
            ? value.ToString("0.###e0", CultureInfo.InvariantCulture)
            : value.ToString("N" + Math.Max(0, -exponent), CultureInfo.InvariantCulture);

    private static string Label(double value) =>
        value.ToString(value is >= 0.9e-3 and < 0.9e5 ? "#,0.###" : "0.###e0", CultureInfo.InvariantCulture);
}
