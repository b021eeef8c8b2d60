using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Engines.Sparse;

/// <summary>
/// An array of <see cref="CarryBeyondOne"/> as two arrays of pairs: the coefficients of the weight, and those of the carried state. A step
/// can then be composed with many maps at once, and maps that do not depend on the weight need only one of the arrays.
/// </summary>
internal sealed unsafe class CarryTable
{
    private const int Lanes = AlignedArray.Lanes;

    private readonly AlignedArray _ofWeight;
    private readonly AlignedArray _ofCarried;

    /// <param name="length">The maximum number of maps. The arrays are longer, because whole vectors are written.</param>
    public CarryTable(int length) =>
        (_ofWeight, _ofCarried) = (new AlignedArray(checked(2 * length + Lanes)), new AlignedArray(checked(2 * length + Lanes)));

    /// <summary>For each map, the coefficients of the weight: in the weight (minus 1) and in the carried state.</summary>
    public float* OfWeight => (float*)_ofWeight.Address;

    /// <summary>For each map, the coefficients of the carried state: in the weight and in the carried state.</summary>
    public float* OfCarried => (float*)_ofCarried.Address;

    /// <summary>The map at an index.</summary>
    public CarryBeyondOne this[int i]
    {
        get => new(Vector128.Create(OfWeight[2 * i], OfCarried[2 * i], OfWeight[2 * i + 1], OfCarried[2 * i + 1]));
        set
        {
            (OfWeight[2 * i], OfWeight[2 * i + 1]) = (value.Numbers[0], value.Numbers[2]);
            (OfCarried[2 * i], OfCarried[2 * i + 1]) = (value.Numbers[1], value.Numbers[3]);
        }
    }

    /// <summary>
    /// Composes a range of maps with another map, which is applied after them. The maps behind the range become
    /// <see cref="CarryBeyondOne.Identity"/>, as many as fit into a vector.
    /// </summary>
    /// <param name="map">The map to apply after the others.</param>
    /// <param name="start">The index of the first map.</param>
    /// <param name="end">The index after the last map.</param>
    /// <param name="onlyMoves">Whether all maps satisfy <see cref="CarryBeyondOne.OnlyMoves"/>.</param>
    public void Compose(CarryBeyondOne map, int start, int end, bool onlyMoves)
    {
        Compose(map, OfCarried, start, end, one: 0);
        new Span<float>(OfCarried + 2 * end, Lanes).Clear();
        for (var i = 1; i < Lanes; i += 2) OfCarried[2 * end + i] = 1;
        if (onlyMoves) return;
        Compose(map, OfWeight, start, end, one: 1);
        new Span<float>(OfWeight + 2 * end, Lanes).Clear();
    }

    /// <summary>Composes one of the arrays of pairs with a map.</summary>
    /// <param name="map">The map to apply after the others.</param>
    /// <param name="pairs">The array of pairs.</param>
    /// <param name="start">The index of the first map.</param>
    /// <param name="end">The index after the last map.</param>
    /// <param name="one">The number that was subtracted from the first number of each pair.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Compose(CarryBeyondOne map, float* pairs, int start, int end, float one)
    {
        var (firsts, seconds) = (Pairs(map.Numbers[0], map.Numbers[2]), Pairs(map.Numbers[1], map.Numbers[3]));
        var (ones, isFirst) = (Vector512.Create(one), Pairs(1, 0));
        for (var i = 2 * (nint)start; i < 2 * (nint)end; i += Lanes)
        {
            var both = Vector512.Load(pairs + i);
            var first = Vector512.Shuffle(both, Vector512.Create(0, 0, 2, 2, 4, 4, 6, 6, 8, 8, 10, 10, 12, 12, 14, 14));
            var second = Vector512.Shuffle(both, Vector512.Create(1, 1, 3, 3, 5, 5, 7, 7, 9, 9, 11, 11, 13, 13, 15, 15));
            CarryBeyondOne.WithoutNothing(both * isFirst + firsts * (first + ones) + seconds * second).Store(pairs + i);
        }
    }

    private static Vector512<float> Pairs(float first, float second) =>
        Vector512.Create(Vector256.Create(Vector128.Create(first, second, first, second)));
}
