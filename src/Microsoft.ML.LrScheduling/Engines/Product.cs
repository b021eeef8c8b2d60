using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Engines;

/// <summary>Products of dense vectors. The order of the additions is the same on every machine.</summary>
internal static class Product
{
    /// <summary>Returns the dot product of two vectors.</summary>
    public static float Of(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var vectorsOfA = MemoryMarshal.Cast<float, Vector256<float>>(a);
        var vectorsOfB = MemoryMarshal.Cast<float, Vector256<float>>(b);
        // Two separate sums, because the latency of an addition is several times its throughput.
        var (first, second) = (Vector256<float>.Zero, Vector256<float>.Zero);
        var i = 0;
        for (; i + 1 < vectorsOfA.Length; i += 2)
        {
            first += vectorsOfA[i] * vectorsOfB[i];
            second += vectorsOfA[i + 1] * vectorsOfB[i + 1];
        }

        if (i < vectorsOfA.Length) first += vectorsOfA[i] * vectorsOfB[i];
        var sum = Vector256.Sum(first + second);
        for (var rest = vectorsOfA.Length * Vector256<float>.Count; rest < a.Length; rest++) sum += a[rest] * b[rest];
        return sum;
    }

    /// <summary>Returns the sum of the elements.</summary>
    public static float SumOf(ReadOnlySpan<float> elements)
    {
        var sums = Vector512<float>.Zero;
        foreach (var vector in MemoryMarshal.Cast<float, Vector512<float>>(elements)) sums += vector;
        var sum = AlignedArray.Sum(sums);
        foreach (var element in elements[(elements.Length / AlignedArray.Lanes * AlignedArray.Lanes)..]) sum += element;
        return sum;
    }

    /// <summary>Adds a vector, multiplied by a factor, to sums.</summary>
    public static void AddTo(ReadOnlySpan<float> a, float factor, Span<float> sums)
    {
        var vectorsOfA = MemoryMarshal.Cast<float, Vector256<float>>(a);
        var vectorsOfSums = MemoryMarshal.Cast<float, Vector256<float>>(sums);
        for (var i = 0; i < vectorsOfA.Length; i++) vectorsOfSums[i] += vectorsOfA[i] * factor;
        for (var rest = vectorsOfA.Length * Vector256<float>.Count; rest < a.Length; rest++) sums[rest] += factor * a[rest];
    }
}
