using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Engines.Sparse;

/// <summary>
/// Many <see cref="CarryBeyondOne"/>, from each the two numbers of the weight together and the two of what is carried: a step is composed
/// with many of them at once, and where the weight has no part in it, only one pair is looked up.
/// </summary>
internal sealed unsafe class CarryTable
{
    private const int Lanes = AlignedArray.Lanes;

    private readonly AlignedArray _ofWeight;
    private readonly AlignedArray _ofCarried;

    /// <param name="length">How many there can be. Behind them others are written.</param>
    public CarryTable(int length) =>
        (_ofWeight, _ofCarried) = (new AlignedArray(checked(2 * length + Lanes)), new AlignedArray(checked(2 * length + Lanes)));

    /// <summary>Of each map what of the weight is added to it, and what of it is in what is carried.</summary>
    public float* OfWeight => (float*)_ofWeight.Address;

    /// <summary>Of each map what of what is carried is added to the weight, and what of it stays.</summary>
    public float* OfCarried => (float*)_ofCarried.Address;

    /// <summary>A map.</summary>
    public CarryBeyondOne this[int i]
    {
        get => new(Vector128.Create(OfWeight[2 * i], OfCarried[2 * i], OfWeight[2 * i + 1], OfCarried[2 * i + 1]));
        set
        {
            (OfWeight[2 * i], OfWeight[2 * i + 1]) = (value.Numbers[0], value.Numbers[2]);
            (OfCarried[2 * i], OfCarried[2 * i + 1]) = (value.Numbers[1], value.Numbers[3]);
        }
    }

    /// <summary>Puts a map behind some. Those behind them become <see cref="CarryBeyondOne.Identity"/>, as many as a vector has.</summary>
    /// <param name="map">The map.</param>
    /// <param name="start">The first.</param>
    /// <param name="end">Behind the last.</param>
    /// <param name="onlyMoves">Whether all <see cref="CarryBeyondOne.OnlyMoves"/>.</param>
    public void Compose(CarryBeyondOne map, int start, int end, bool onlyMoves)
    {
        Compose(map, OfCarried, start, end, one: 0);
        new Span<float>(OfCarried + 2 * end, Lanes).Clear();
        for (var i = 1; i < Lanes; i += 2) OfCarried[2 * end + i] = 1;
        if (onlyMoves) return;
        Compose(map, OfWeight, start, end, one: 1);
        new Span<float>(OfWeight + 2 * end, Lanes).Clear();
    }

    /// <summary>Puts a map behind one pair of each of some others.</summary>
    /// <param name="map">The map.</param>
    /// <param name="pairs">The pairs.</param>
    /// <param name="start">The first.</param>
    /// <param name="end">Behind the last.</param>
    /// <param name="one">What the first number of a pair is beyond.</param>
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
