using System.Runtime.CompilerServices;

namespace Microsoft.ML.LrScheduling.Engines.Sparse;

/// <summary>Powers of a number a model, in [0, 1): what so many steps without a gradient leave of a mean.</summary>
internal sealed class FadingPowers
{
    private const int Shift = 7;

    private readonly int _count;
    private readonly double[] _ones;
    private readonly double[] _blocks;

    /// <param name="numbers">The numbers.</param>
    /// <param name="largest">The largest exponent.</param>
    public FadingPowers(double[] numbers, int largest)
    {
        _count = numbers.Length;
        _ones = [.. Enumerable.Range(0, 1 << Shift).SelectMany(i => numbers.Select(number => Math.Pow(number, i)))];
        _blocks = [.. Enumerable.Range(0, (largest >> Shift) + 1).SelectMany(i => numbers.Select(number => Math.Pow(number, i << Shift)))];
    }

    /// <summary>A power.</summary>
    /// <param name="model">The model.</param>
    /// <param name="exponent">The exponent.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double Of(int model, int exponent) =>
        _blocks[(exponent >> Shift) * _count + model] * _ones[(exponent & (1 << Shift) - 1) * _count + model];
}
