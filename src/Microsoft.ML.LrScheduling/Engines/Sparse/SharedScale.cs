namespace Microsoft.ML.LrScheduling.Engines.Sparse;

/// <summary>What all weights of a model are multiplied with: a decay changes it instead of them.</summary>
internal static class SharedScale
{
    // Beyond these the weights that are kept would lose digits.
    private const double Least = 1.0 / (1 << 20);
    private const double Largest = 1 << 20;

    /// <summary>Whether it need not be multiplied into the weights. It may be negative.</summary>
    public static bool IsFit(double scale) => Math.Abs(scale) is >= Least and <= Largest;
}
