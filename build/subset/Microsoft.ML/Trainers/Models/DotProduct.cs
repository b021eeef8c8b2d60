using System.Numerics;
using System.Runtime.InteropServices;
using Microsoft.ML.Data;

namespace Microsoft.ML.Trainers;

internal static class DotProduct
{
    /// <summary>
    /// The sum of weightᵢ·featureᵢ. What either vector leaves out is not multiplied: a missing feature does not reach
    /// the score of a sparse model that has no weight for it.
    /// </summary>
    /// <param name="weights">The weights.</param>
    /// <param name="dense">The same weights, all written out.</param>
    /// <param name="features">As many features.</param>
    internal static float Of(in VBuffer<float> weights, float[] dense, in VBuffer<float> features) =>
        !features.IsDense ? Sparse(dense, features.GetValues(), features.GetIndices())
        : weights.IsDense ? Dense(dense, features.GetValues())
        : Sparse(features.GetValues(), weights.GetValues(), weights.GetIndices());

    private static float Dense(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        var leftVectors = MemoryMarshal.Cast<float, Vector<float>>(left);
        var rightVectors = MemoryMarshal.Cast<float, Vector<float>>(right[..left.Length]);
        var sums = Vector<float>.Zero;
        for (var i = 0; i < leftVectors.Length; i++)
            sums += leftVectors[i] * rightVectors[i];
        var sum = Vector.Sum(sums);
        for (var i = leftVectors.Length * Vector<float>.Count; i < left.Length; i++)
            sum += left[i] * right[i];
        return sum;
    }

    private static float Sparse(ReadOnlySpan<float> dense, ReadOnlySpan<float> values, ReadOnlySpan<int> indices)
    {
        var sum = 0f;
        for (var i = 0; i < values.Length; i++)
            sum += values[i] * dense[indices[i]];
        return sum;
    }
}
