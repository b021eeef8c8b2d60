using System.Runtime.Intrinsics;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Powers of eight numbers at once: <c>x^p = exp(p · ln x)</c>, accurate to about p · |ln x| units in the last place. It uses only sums,
/// products and quotients, each rounded separately, so that the result is always the same.
/// <see cref="Vector512.Exp(Vector512{double})"/> can return other bits after the runtime has recompiled the code for the processor.
/// </summary>
internal static class VectorPower
{
    // The omitted terms are smaller than one unit in the last place of the first term.
    private const int LogarithmTerms = 10;
    private const int ExponentialTerms = 14;

    // ln 2 as a sum of two numbers. The first has few digits, so that its multiples are exact.
    private const double HighLn2 = 0.693147180369123816490;
    private const double LowLn2 = 1.90821492927058770002e-10;
    private const double Log2E = 1.4426950408889634;
    private const long BitsOfRootOfHalf = 0x3FE6A09E667F3BCD;
    private const int ExponentBias = 1023;
    private const int FractionBits = 52;

    // e to this power is less than the smallest positive number, so the result is 0.
    private const double Smallest = -760;

    private static readonly double[] InverseFactorials =
        [.. Enumerable.Range(0, ExponentialTerms).Select(i => 1 / Enumerable.Range(1, i).Aggregate(1.0, (product, k) => product * k))];
    private static readonly double[] InverseOdds = [.. Enumerable.Range(0, LogarithmTerms).Select(i => 1.0 / (2 * i + 1))];

    /// <summary>Returns the powers.</summary>
    /// <param name="numbers">The numbers, each 0, or normal and at most 1.</param>
    /// <param name="power">The power, in (0, ∞).</param>
    public static Vector512<double> Of(Vector512<double> numbers, double power)
    {
        var logarithm = Logarithm(numbers);
        var exponential = Exponential(Vector512.Max(logarithm * power, Vector512.Create(Smallest)));
        return Vector512.ConditionalSelect(Vector512.Equals(numbers, Vector512<double>.Zero), Vector512<double>.Zero, exponential);
    }

    /// <summary><c>ln x = e · ln 2 + 2 · artanh((m − 1) / (m + 1))</c> for <c>x = m · 2^e</c>, m in [√½, √2).</summary>
    private static Vector512<double> Logarithm(Vector512<double> x)
    {
        var exponents = Vector512.ShiftRightArithmetic(x.AsInt64() - Vector512.Create(BitsOfRootOfHalf), FractionBits);
        var m = (x.AsInt64() - Vector512.ShiftLeft(exponents, FractionBits)).AsDouble();
        var s = (m - Vector512<double>.One) / (m + Vector512<double>.One);
        var e = Vector512.ConvertToDouble(exponents);
        return e * HighLn2 + (e * LowLn2 + s * 2 * Polynomial(s * s, InverseOdds));
    }

    /// <summary><c>e^y = 2^n · e^r</c> for the whole number n that leaves the smallest r.</summary>
    private static Vector512<double> Exponential(Vector512<double> y)
    {
        var n = Vector512.Floor(y * Log2E + Vector512.Create(0.5));
        var exponents = Vector512.ConvertToInt64(n);
        var r = y - n * HighLn2 - n * LowLn2;
        // Two factors, because 2^n can be smaller than the smallest normal number.
        var half = Vector512.ShiftRightArithmetic(exponents, 1);
        return Polynomial(r, InverseFactorials) * PowerOfTwo(half) * PowerOfTwo(exponents - half);
    }

    private static Vector512<double> PowerOfTwo(Vector512<long> exponents) =>
        Vector512.ShiftLeft(exponents + Vector512.Create((long)ExponentBias), FractionBits).AsDouble();

    private static Vector512<double> Polynomial(Vector512<double> x, double[] coefficients)
    {
        var sum = Vector512.Create(coefficients[^1]);
        for (var i = coefficients.Length - 2; i >= 0; i--) sum = sum * x + Vector512.Create(coefficients[i]);
        return sum;
    }
}
