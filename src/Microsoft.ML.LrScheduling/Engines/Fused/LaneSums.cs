using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Engines.Fused;

/// <summary>Sixteen vectors.</summary>
internal interface ISixteenVectors
{
    /// <summary>Returns one of the vectors.</summary>
    Vector512<float> this[int i] { get; }
}

/// <summary>
/// Sums the lanes of sixteen vectors at once, as a tree. It makes the same additions as sixteen separate sums, but with fewer instructions.
/// </summary>
internal static class LaneSums
{
    /// <summary>
    /// Returns a vector whose lane i is the sum of the lanes of vector i, bit for bit as <see cref="AlignedArray.Sum"/> computes it.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Of<TVectors>(in TVectors v)
        where TVectors : struct, ISixteenVectors
    {
        // If long vectors are emulated by shorter ones, shuffling their lanes takes longer than separate sums.
        if (!Vector512.IsHardwareAccelerated) return OneByOne(v);
        return AddOnes(
            AddTwos(
                AddFours(AddEights(v[0], v[8]), AddEights(v[4], v[12])),
                AddFours(AddEights(v[2], v[10]), AddEights(v[6], v[14]))),
            AddTwos(
                AddFours(AddEights(v[1], v[9]), AddEights(v[5], v[13])),
                AddFours(AddEights(v[3], v[11]), AddEights(v[7], v[15]))));
    }

    private static Vector512<float> OneByOne<TVectors>(in TVectors v)
        where TVectors : struct, ISixteenVectors
    {
        var sums = Vector512<float>.Zero;
        for (var i = 0; i < AlignedArray.Lanes; i++)
            Unsafe.Add(ref Unsafe.As<Vector512<float>, float>(ref sums), i) = AlignedArray.Sum(v[i]);
        return sums;
    }

    // Each of these methods adds to every lane the lane at a distance of 8, 4, 2 or 1, and keeps half of the results of each vector: those
    // of the second vector in the lanes whose number has that bit.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> AddEights(Vector512<float> a, Vector512<float> b) =>
        Vector512.Create(a.GetLower() + a.GetUpper(), b.GetLower() + b.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> AddFours(Vector512<float> a, Vector512<float> b)
    {
        var isFirst = Vector512.Create(-1, -1, -1, -1, 0, 0, 0, 0, -1, -1, -1, -1, 0, 0, 0, 0).AsSingle();
        return Vector512.ConditionalSelect(isFirst, a, b)
            + Vector512.Shuffle(
                Vector512.ConditionalSelect(isFirst, b, a), Vector512.Create(4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> AddTwos(Vector512<float> a, Vector512<float> b)
    {
        var isFirst = Vector512.Create(-1, -1, 0, 0, -1, -1, 0, 0, -1, -1, 0, 0, -1, -1, 0, 0).AsSingle();
        return Vector512.ConditionalSelect(isFirst, a, b)
            + Vector512.Shuffle(
                Vector512.ConditionalSelect(isFirst, b, a), Vector512.Create(2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> AddOnes(Vector512<float> a, Vector512<float> b)
    {
        var isFirst = Vector512.Create(-1, 0, -1, 0, -1, 0, -1, 0, -1, 0, -1, 0, -1, 0, -1, 0).AsSingle();
        return Vector512.ConditionalSelect(isFirst, a, b)
            + Vector512.Shuffle(
                Vector512.ConditionalSelect(isFirst, b, a), Vector512.Create(1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14));
    }
}
