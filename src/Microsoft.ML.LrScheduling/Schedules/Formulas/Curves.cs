namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>Ways from one value to another, as the weight that the first one has: 1 at fraction 0, 0 at fraction 1.</summary>
internal static class Curves
{
    /// <summary>The weight on half a wave of a cosine.</summary>
    public static double Cosine(double fraction) => (1 + Math.Cos(Math.PI * fraction)) / 2;

    /// <summary>The weight on a straight line.</summary>
    public static double Line(double fraction) => 1 - fraction;

    /// <summary>The factor on the way from 1 down to another.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="end">The factor at fraction 1.</param>
    /// <param name="fraction">In [0, 1].</param>
    /// <param name="cycles">The waves of a cosine.</param>
    public static double Fall(RampType shape, double end, double fraction, double cycles) => shape switch
    {
        RampType.Cos => FromOne(end, Cosine(2 * (cycles * fraction % 1))),
        RampType.Linear => FromOne(end, Line(fraction)),
        RampType.OneMinusSqrt => FromOne(end, 1 - Math.Sqrt(fraction)),
        RampType.Exponential => FromOne(end, 2 * Math.Pow(0.5, fraction) - 1),
        _ => Math.Pow(end, fraction),
    };

    /// <summary>The factor on the way from another up to 1: a fall walked backwards.</summary>
    public static double Rise(RampType shape, double start, double fraction) =>
        shape == RampType.Linear ? Between(start, 1, Line(fraction)) : Fall(shape, start, 1 - fraction, cycles: 0.5);

    /// <summary>
    /// The value between 1 and another one, exact at both: of one that is far larger the difference from 1 has none of its digits.
    /// </summary>
    public static double FromOne(double second, double weightOfOne) => weightOfOne == 1 ? 1 : Between(1, second, weightOfOne);

    /// <summary>
    /// The value between two that are not negative, exact at the second where the weight is 0; rounding takes it no further than 0.
    /// </summary>
    public static double Between(double first, double second, double weightOfFirst)
    {
        var value = second + (first - second) * weightOfFirst;
        return value < 0 ? 0 : value;
    }
}
