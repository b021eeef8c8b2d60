namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Curves from one value to another. Each returns the weight of the first value: 1 at fraction 0, and 0 at fraction 1.
/// </summary>
internal static class Curves
{
    /// <summary>The weight on half a period of a cosine.</summary>
    public static double Cosine(double fraction) => (1 + Math.Cos(Math.PI * fraction)) / 2;

    /// <summary>The weight on a straight line.</summary>
    public static double Line(double fraction) => 1 - fraction;

    /// <summary>The factor of a decay from 1 to another factor.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="end">The factor at fraction 1.</param>
    /// <param name="fraction">The fraction of the decay, in [0, 1].</param>
    /// <param name="cycles">The number of periods, if the shape is a cosine.</param>
    public static double Fall(RampType shape, double end, double fraction, double cycles) => shape switch
    {
        RampType.Cos => FromOne(end, Cosine(2 * (cycles * fraction % 1))),
        RampType.Linear => FromOne(end, Line(fraction)),
        RampType.OneMinusSqrt => FromOne(end, 1 - Math.Sqrt(fraction)),
        RampType.Exponential => FromOne(end, 2 * Math.Pow(0.5, fraction) - 1),
        _ => Math.Pow(end, fraction),
    };

    /// <summary>The factor of a warmup from another factor to 1: a decay in reverse.</summary>
    public static double Rise(RampType shape, double start, double fraction) =>
        shape == RampType.Linear ? Between(start, 1, Line(fraction)) : Fall(shape, start, 1 - fraction, cycles: 0.5);

    /// <summary>
    /// The weighted mean of 1 and another value, exact at both ends. The weight 1 is a special case: if the other value is very large,
    /// <c>1 − second</c> loses all digits of the 1.
    /// </summary>
    public static double FromOne(double second, double weightOfOne) => weightOfOne == 1 ? 1 : Between(1, second, weightOfOne);

    /// <summary>
    /// The weighted mean of two values that are not negative. It is exact if the weight is 0, and never negative in spite of rounding.
    /// </summary>
    public static double Between(double first, double second, double weightOfFirst)
    {
        var value = second + (first - second) * weightOfFirst;
        return value < 0 ? 0 : value;
    }
}
