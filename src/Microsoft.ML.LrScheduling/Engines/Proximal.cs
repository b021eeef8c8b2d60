using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.LrScheduling.Engines;

/// <summary>Proximal steps, for penalties that have no gradient at zero.</summary>
internal static class Proximal
{
    /// <summary>
    /// Moves each weight towards zero by a threshold, and sets it to exactly zero if it is within the threshold. This is the step of the L1
    /// penalty <c>λ · ‖w‖₁</c> with the threshold rate · λ. Source: Duchi and Singer, "Efficient online and batch learning using forward
    /// backward splitting", 2009.
    /// </summary>
    public static Vector512<float> Shrink(Vector512<float> weights, Vector512<float> thresholds) =>
        Vector512.Max(weights - thresholds, Vector512<float>.Zero) + Vector512.Min(weights + thresholds, Vector512<float>.Zero);

    /// <inheritdoc cref="Shrink(Vector512{float}, Vector512{float})"/>
    public static float Shrink(float weight, float threshold) =>
        // MinNative and MaxNative are fast, and the subtraction keeps NaN.
        weight - float.MinNative(float.MaxNative(weight, -threshold), threshold);

    /// <inheritdoc cref="Shrink(Vector512{float}, Vector512{float})"/>
    public static void Shrink(Span<float> weights, float threshold)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(weights);
        var by = new Vector<float>(threshold);
        foreach (ref var vector in vectors)
            vector = Vector.Max(vector - by, Vector<float>.Zero) + Vector.Min(vector + by, Vector<float>.Zero);
        foreach (ref var weight in weights[(vectors.Length * Vector<float>.Count)..])
            weight = Math.Max(weight - threshold, 0) + Math.Min(weight + threshold, 0);
    }
}
