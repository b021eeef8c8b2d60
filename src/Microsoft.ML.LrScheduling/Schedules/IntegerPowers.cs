namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// The whole powers of a number, one after another: <c>b^n = b^(n − n mod 64) · b^(n mod 64)</c>, the first factor kept for 64 of them and the second from a
/// table. It is a function of n alone, to two units in the last place.
/// </summary>
internal sealed class IntegerPowers(double number)
{
    private const int TableSize = 64;

    private readonly double[] _small = [.. Enumerable.Range(0, TableSize).Select(exponent => Math.Pow(number, exponent))];
    private long _largeExponent;
    private double _large = 1;

    /// <summary>The number to the power of <paramref name="exponent"/>, at least 0.</summary>
    public double Of(long exponent)
    {
        var largeExponent = exponent & -TableSize;
        if (largeExponent != _largeExponent) (_largeExponent, _large) = (largeExponent, Math.Pow(number, largeExponent));
        return _large * _small[exponent & (TableSize - 1)];
    }
}
