using System.Globalization;

namespace Microsoft.ML.LrScheduling.Reports;

/// <summary>An axis of a chart: what it spans, and ticks at round numbers.</summary>
internal sealed class ChartAxis
{
    // Beyond these, sums and differences of values stop being numbers: they are taken for what cannot be drawn, and for zero.
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

    /// <summary>The round numbers, in ascending order, and how they are written.</summary>
    public IReadOnlyList<(double Value, string Label)> Ticks { get; }

    /// <summary>An axis from one value to another, with ticks between them.</summary>
    public static ChartAxis Tight(double low, double high, int ticks) => Linear(low, high, ticks, widen: false);

    /// <summary>An axis over values that begins and ends at round numbers; at zero if that is not far.</summary>
    /// <param name="values">The values; those that cannot be drawn play no part.</param>
    /// <param name="logarithmic">Whether equal distances are equal ratios.</param>
    /// <param name="ticks">About how many ticks there is room for.</param>
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

    /// <summary>Whether a value has a place on such an axis.</summary>
    public static bool CanDraw(double value, bool logarithmic) => Math.Abs(value) <= Largest && (!logarithmic || value >= Smallest);

    /// <summary>Where a value is: 0 at the low end, 1 at the high one.</summary>
    public double Position(double value) => (Scale(value, _logarithmic) - _low) / (_high - _low);

    private static double Scale(double value, bool logarithmic) => logarithmic ? Math.Log10(value) : value;

    private static ChartAxis Linear(double low, double high, int ticks, bool widen)
    {
        // Equal values, or values equal but for rounding, get some room on both sides.
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
        // A tick is a whole number of steps: sums of steps would drift.
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
        // A tick a decade, or every so many decades; three a decade where there are few.
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
