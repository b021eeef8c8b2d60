using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// How features are brought to one scale: <c>(x − mean) · scale</c>, with the weighted mean of the training rows and one over their
/// standard deviation. Sparse rows keep their zeros: a feature that is not in each of them is not centred, and its scale is one over the
/// root mean square of its values that are not zero, so that a rare word weighs no more than a frequent one.
/// </summary>
internal sealed class Standardization
{
    private const int ShortRow = 64;

    private static readonly int Lanes = Vector512<double>.Count;

    // Of short rows as many as end where a vector does, so that vectors may go across the ends of rows.
    private readonly double[] _means;
    private readonly double[] _scales;

    /// <summary>That of dense rows.</summary>
    /// <param name="means">The mean of each feature. It may be longer than there are features.</param>
    /// <param name="scales">
    /// One over the standard deviation of each feature; 0 for a feature that does not vary, which becomes zero.
    /// </param>
    /// <param name="featureCount">The features.</param>
    public Standardization(double[] means, double[] scales, int featureCount)
    {
        (Means, Scales) = (means.AsMemory(0, featureCount), scales.AsMemory(0, featureCount));
        (_means, _scales) = (means, scales);
        if (featureCount > ShortRow) return;
        _means = [.. Enumerable.Repeat(Means.ToArray(), Lanes).SelectMany(row => row)];
        _scales = [.. Enumerable.Repeat(Scales.ToArray(), Lanes).SelectMany(row => row)];
    }

    /// <summary>That of sparse rows.</summary>
    /// <param name="features">The features that some row has, in ascending order. All others do not vary.</param>
    /// <param name="means">The mean of each of these; 0 for those that vary and are not in each row.</param>
    /// <param name="scales">What each of these is multiplied with; 0 for those that do not vary.</param>
    public Standardization(int[] features, double[] means, double[] scales) =>
        (Features, Means, Scales, _means, _scales) = (features, means, scales, means, scales);

    /// <summary>The features that means and scales are of, in ascending order; null for all.</summary>
    public int[]? Features { get; }

    /// <summary>The mean of each feature; of sparse rows 0 for features that vary and are not in each row.</summary>
    public ReadOnlyMemory<double> Means { get; }

    /// <summary>What each feature is multiplied with; 0 for a feature that does not vary.</summary>
    public ReadOnlyMemory<double> Scales { get; }

    /// <summary>The mean and the scale of a feature; zeros for one that no row has.</summary>
    public (double Mean, double Scale) Of(int feature)
    {
        var place = Features is null ? feature : Array.BinarySearch(Features, feature);
        return place < 0 ? (0, 0) : (Means.Span[place], Scales.Span[place]);
    }

    /// <summary>Brings the features of dense rows to one scale, in place.</summary>
    /// <param name="values">The rows, one behind another.</param>
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
