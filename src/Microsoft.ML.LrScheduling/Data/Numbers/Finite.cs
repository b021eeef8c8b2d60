using System.Numerics;
using System.Runtime.InteropServices;

namespace Microsoft.ML.LrScheduling.Data;

/// <summary>Checks whether numbers are finite.</summary>
internal static class Finite
{
    /// <summary>Whether all values are finite.</summary>
    public static bool All(ReadOnlySpan<float> values)
    {
        // x · 0 is 0 for a finite x and NaN otherwise, so the sum is 0 only if all values are finite.
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        var sums = Vector<float>.Zero;
        foreach (var vector in vectors) sums += vector * 0f;
        var sum = Vector.Sum(sums);
        foreach (var value in values[(vectors.Length * Vector<float>.Count)..]) sum += value * 0f;
        return sum == 0f;
    }
}
