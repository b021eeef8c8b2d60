using System.Globalization;

namespace Microsoft.ML.LrScheduling.Benchmarks.Performance;

/// <summary>Numbers as the tables show them.</summary>
internal static class Format
{
    /// <summary>Three significant digits.</summary>
    public static string Number(double value)
    {
        if (!double.IsFinite(value) || value == 0) return value.ToString(CultureInfo.InvariantCulture);
        var decimals = Math.Clamp(2 - (int)Math.Floor(Math.Log10(Math.Abs(value))), 0, 8);
        return value.ToString($"N{decimals}", CultureInfo.InvariantCulture);
    }

    /// <summary>A number that was chosen, as it was chosen.</summary>
    public static string Goal(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>A whole number with its thousands set apart.</summary>
    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A part of a whole.</summary>
    public static string Percent(double part) =>
        part.ToString("P0", CultureInfo.InvariantCulture).Replace(" ", "", StringComparison.Ordinal);
}
