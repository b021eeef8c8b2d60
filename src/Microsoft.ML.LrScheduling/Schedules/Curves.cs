namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>Ways from one value to another, as the weight that the first one has: 1 at fraction 0, 0 at fraction 1.</summary>
internal static class Curves
{
    /// <summary>The weight on half a wave of a cosine.</summary>
    public static double Cosine(double fraction) => (1 + Math.Cos(Math.PI * fraction)) / 2;

    /// <summary>The weight on a straight line.</summary>
    public static double Line(double fraction) => 1 - fraction;

    /// <summary>The weight on a way of the given shape.</summary>
    public static double Of(AnnealStrategy shape, double fraction) => shape == AnnealStrategy.Cos ? Cosine(fraction) : Line(fraction);

    /// <summary>
    /// The value between two that are not negative, exact at the second where the weight is 0; rounding takes it no further than 0.
    /// </summary>
    public static double Between(double first, double second, double weightOfFirst)
    {
        var value = second + (first - second) * weightOfFirst;
        return value < 0 ? 0 : value;
    }
}
