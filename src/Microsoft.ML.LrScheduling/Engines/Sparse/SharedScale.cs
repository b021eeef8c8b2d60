namespace Microsoft.ML.LrScheduling.Engines.Sparse;

/// <summary>The range of a model's common scale. A decay changes this scale instead of all weights.</summary>
internal static class SharedScale
{
    // Outside this range the stored weights would lose digits.
    private const double Least = 1.0 / (1 << 20);
    private const double Largest = 1 << 20;

    /// <summary>Whether a scale is in range, and so need not be multiplied into the weights. It can be negative.</summary>
    public static bool IsFit(double scale) => Math.Abs(scale) is >= Least and <= Largest;
}
