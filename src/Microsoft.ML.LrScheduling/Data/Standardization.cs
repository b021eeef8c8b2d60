using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// How features are brought to one scale: <c>(x − mean) · scale</c>, with the weighted mean of the training rows and one over their
/// standard deviation. Sparse rows keep their zeros: they are scaled, and not centred.
/// </summary>
/// <param name="Means">The mean of each feature; of sparse rows 0 for features that vary.</param>
/// <param name="Scales">One over the standard deviation of each feature; 0 for a feature that does not vary, which becomes zero.</param>
internal sealed record Standardization(double[] Means, double[] Scales)
{
    /// <summary>Brings the features of dense rows to one scale, in place.</summary>
    /// <param name="values">The rows, one behind another.</param>
    public void ApplyToDense(Span<float> values)
    {
        for (var start = 0; start < values.Length; start += Means.Length) ApplyToRow(values.Slice(start, Means.Length));
    }

    /// <summary>Brings the features of sparse rows to one scale, in place.</summary>
    /// <param name="values">The values that are not zero.</param>
    /// <param name="indices">The feature of each.</param>
    public void ApplyToSparse(Span<float> values, ReadOnlySpan<int> indices)
    {
        for (var i = 0; i < values.Length; i++) values[i] = (float)(values[i] * Scales[indices[i]]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ApplyToRow(Span<float> row)
    {
        ref var value = ref MemoryMarshal.GetReference(row);
        ref var mean = ref MemoryMarshal.GetArrayDataReference(Means);
        ref var scale = ref MemoryMarshal.GetArrayDataReference(Scales);
        var (i, lanes) = ((nuint)0, (nuint)Vector512<double>.Count);
        for (; i + 2 * lanes <= (nuint)row.Length; i += 2 * lanes)
        {
            var (lower, upper) = Vector512.Widen(Vector512.LoadUnsafe(ref value, i));
            lower = (lower - Vector512.LoadUnsafe(ref mean, i)) * Vector512.LoadUnsafe(ref scale, i);
            upper = (upper - Vector512.LoadUnsafe(ref mean, i + lanes)) * Vector512.LoadUnsafe(ref scale, i + lanes);
            Vector512.Narrow(lower, upper).StoreUnsafe(ref value, i);
        }

        for (var rest = (int)i; rest < row.Length; rest++) row[rest] = (float)((row[rest] - Means[rest]) * Scales[rest]);
    }
}
