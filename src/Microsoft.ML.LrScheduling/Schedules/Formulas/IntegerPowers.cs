namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// The integer powers of a number: <c>b^(i · 256² + j · 256 + k)</c> is the product of three powers from tables. The result depends only on
/// the exponent. It is accurate to four units in the last place, and exact if b^k and its powers are exact.
/// </summary>
internal sealed class IntegerPowers
{
    private const int Bits = 8;
    private const int TableSize = 1 << Bits;

    private readonly double _number;
    private readonly double[] _small;
    private readonly double[] _middle;
    private readonly double[] _large;

    public IntegerPowers(double number)
    {
        _number = number;
        _small = Table(1);
        _middle = Table(TableSize);
        _large = Table(TableSize * TableSize);

        double[] Table(int unit) => [.. Enumerable.Range(0, TableSize).Select(i => Math.Pow(number, (double)i * unit))];
    }

    /// <summary>The number to the power of <paramref name="exponent"/>, at least 0.</summary>
    public double Of(long exponent) => exponent < 1L << 3 * Bits
        ? _large[exponent >> 2 * Bits] * _middle[exponent >> Bits & TableSize - 1] * _small[exponent & TableSize - 1]
        : Math.Pow(_number, exponent);
}
