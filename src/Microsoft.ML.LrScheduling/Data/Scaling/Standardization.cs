using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// The standardization of features: <c>(x − mean) · scale</c>, with the weighted mean of the training rows and 1 / standard deviation.
/// Sparse rows keep their zeros. A feature that some of them lack is therefore not centered, and its scale is 1 / root mean square of its
/// values that are not zero. So a rare word has the same influence as a frequent one.
/// </summary>
internal sealed class Standardization
{
    private const int ShortRow = 64;

    private static readonly int Lanes = Vector512<double>.Count;

    // Repeated for several short rows, so that their total length is a multiple of a vector and vectors can cross the ends of rows.
    private readonly double[] _means;
    private readonly double[] _scales;

    /// <summary>Creates the standardization of dense rows.</summary>
    /// <param name="means">The mean of each feature. The array can be longer than the number of features.</param>
    /// <param name="scales">
    /// 1 / standard deviation of each feature; 0 for a feature that does not vary, which becomes zero.
    /// </param>
    /// <param name="featureCount">The number of features.</param>
    public Standardization(double[] means, double[] scales, int featureCount)
    {
        (Means, Scales) = (means.AsMemory(0, featureCount), scales.AsMemory(0, featureCount));
        (_means, _scales) = (means, scales);
        if (featureCount > ShortRow) return;
        _means = [.. Enumerable.Repeat(Means.ToArray(), Lanes).SelectMany(row => row)];
        _scales = [.. Enumerable.Repeat(Scales.ToArray(), Lanes).SelectMany(row => row)];
    }

    /// <summary>Creates the standardization of sparse rows.</summary>
    /// <param name="features">The features that occur, in ascending order. All others do not vary.</param>
    /// <param name="means">The mean of each of these; 0 for a feature that is not centered.</param>
    /// <param name="scales">The scale of each of these; 0 for a feature that does not vary.</param>
    public Standardization(int[] features, double[] means, double[] scales) =>
        (Features, Means, Scales, _means, _scales) = (features, means, scales, means, scales);

    /// <summary>The features to which the means and scales belong, in ascending order; null for all features.</summary>
    public int[]? Features { get; }

    /// <summary>The mean of each feature; 0 for a feature of sparse rows that is not centered.</summary>
    public ReadOnlyMemory<double> Means { get; }

    /// <summary>The scale of each feature; 0 for a feature that does not vary.</summary>
    public ReadOnlyMemory<double> Scales { get; }

    /// <summary>The mean and the scale of a feature; zeros for one that no row has.</summary>
    public (double Mean, double Scale) Of(int feature)
    {
        var place = Features is null ? feature : Array.BinarySearch(Features, feature);
        return place < 0 ? (0, 0) : (Means.Span[place], Scales.Span[place]);
    }

    /// <summary>Standardizes dense rows in place.</summary>
    /// <param name="values">The contiguous rows.</param>
    public void ApplyToDense(Span<float> values)
    {
        var period = Means.Length > ShortRow ? Means.Length : _means.Length;
        for (var start = 0; start < values.Length; start += period) ApplyTo(values.Slice(start, Math.Min(period, values.Length - start)));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ApplyTo(Span<float> values)
    {
        ref var value = ref MemoryMarshal.GetReference(values);
        ref var mean = ref MemoryMarshal.GetArrayDataReference(_means);
        ref var scale = ref MemoryMarshal.GetArrayDataReference(_scales);
        nuint i = 0;
        for (; i + (nuint)Lanes <= (nuint)values.Length; i += (nuint)Lanes)
        {
            var wide = Vector512.WidenLower(Vector256.LoadUnsafe(ref value, i).ToVector512Unsafe());
            var scaled = (wide - Vector512.LoadUnsafe(ref mean, i)) * Vector512.LoadUnsafe(ref scale, i);
            Vector256.Narrow(scaled.GetLower(), scaled.GetUpper()).StoreUnsafe(ref value, i);
        }

        for (var rest = (int)i; rest < values.Length; rest++) values[rest] = (float)((values[rest] - _means[rest]) * _scales[rest]);
    }
}
