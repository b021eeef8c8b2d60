using System.Globalization;

namespace Microsoft.ML.Data;

/// <summary>
/// Reads reals from text. Up to 15 digits and a power of ten up to 22 are exact in a double, so one division or
/// multiplication gives the nearest double; that is nearly all numbers that files hold, and the rest goes to the framework.
/// </summary>
internal static class NumberText
{
    private const int ExactDigits = 15;
    private static readonly double[] _powersOfTen = [.. Enumerable.Range(0,
        23).Select(power => double.Parse($"1e{power}", CultureInfo.InvariantCulture))];

    internal static bool TryParse(ReadOnlySpan<char> text, char decimalMarker, out double value) =>
        TryParseSimple(text, decimalMarker, out value) || TryParseAny(text, decimalMarker, out value);

    private static bool TryParseSimple(ReadOnlySpan<char> text, char decimalMarker, out double value)
    {
        value = 0;
        var i = 0;
        var negative = text.Length > 0 && text[0] == '-';
        if (negative)
            i++;
        ulong digits = 0;
        int seen = 0, fraction = 0;
        var afterMarker = false;
        for (; i < text.Length; i++)
        {
            var digit = (uint)text[i] - '0';
            if (digit <= 9)
            {
                digits = digits * 10 + digit;
                seen++;
                if (afterMarker)
                    fraction++;
            }
            else if (text[i] == decimalMarker && !afterMarker)
                afterMarker = true;
            else
                return false;
        }
        if (seen is 0 or > ExactDigits)
            return false;
        value = digits / _powersOfTen[fraction];
        if (negative)
            value = -value;
        return true;
    }

    private static bool TryParseAny(ReadOnlySpan<char> text, char decimalMarker, out double value)
    {
        switch (text)
        {
            case "?" or "NaN":
                value = double.NaN;
                return true;
            case "∞" or "Infinity":
                value = double.PositiveInfinity;
                return true;
            case "-∞" or "-Infinity":
                value = double.NegativeInfinity;
                return true;
        }
        // The framework alone would take any case of NaN and Infinity, and either marker would be wrong for the other.
        value = double.NaN;
        if (text.IsEmpty || text.ContainsAnyExcept("+-.,eE0123456789") || text.Contains(decimalMarker == '.' ? ',' : '.'))
            return false;
        if (decimalMarker == '.')
            return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) || Failed(out value);
        Span<char> buffer = text.Length <= 128 ? stackalloc char[text.Length] : new char[text.Length];
        text.Replace(buffer, ',', '.');
        return double.TryParse(buffer, NumberStyles.Float, CultureInfo.InvariantCulture, out value) || Failed(out value);
    }

    private static bool Failed(out double value)
    {
        value = double.NaN;
        return false;
    }
}
