using System.Runtime.CompilerServices;

namespace Microsoft.ML.LrScheduling.Engines.Sparse;

/// <summary>The powers of one number in [0, 1) per model: the factor by which steps without a gradient reduce a running mean.</summary>
internal sealed class FadingPowers
{
    private const int Shift = 7;

    private readonly int _count;
    private readonly double[] _ones;
    private readonly double[] _blocks;

    /// <param name="numbers">The numbers, one per model.</param>
    /// <param name="largest">The largest exponent.</param>
    public FadingPowers(double[] numbers, int largest)
    {
        _count = numbers.Length;
        _ones = [.. Enumerable.Range(0, 1 << Shift).SelectMany(i => numbers.Select(number => Math.Pow(number, i)))];
        _blocks = [.. Enumerable.Range(0, (largest >> Shift) + 1).SelectMany(i => numbers.Select(number => Math.Pow(number, i << Shift)))];
    }

    /// <summary>Returns a power.</summary>
    /// <param name="model">The model.</param>
    /// <param name="exponent">The exponent.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double Of(int model, int exponent) =>
        _blocks[(exponent >> Shift) * _count + model] * _ones[(exponent & (1 << Shift) - 1) * _count + model];
}
