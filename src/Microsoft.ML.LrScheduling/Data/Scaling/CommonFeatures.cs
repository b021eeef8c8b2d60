using System.Runtime.CompilerServices;

namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// The features that all rows of a sparse set have so far. Only these can be centered, because the zeros of other features are not stored.
/// Their weighted means and deviations are computed in double precision while the rows are read.
/// </summary>
internal sealed class CommonFeatures
{
    // A variance below this fraction of the mean square is only a rounding error: the feature does not vary.
    private const double Rounding = 1e-12;

    // The features of the first row that all rows have so far, in ascending order.
    private int[]? _features;
    private Moment[] _moments = [];

    /// <summary>The number of common features; 0 before the first row.</summary>
    public int Count { get; private set; }

    /// <summary>Whether there can still be common features after more rows.</summary>
    public bool MayBe => _features is null || Count > 0;

    /// <summary>Adds a row.</summary>
    /// <param name="row">Its features that are not zero.</param>
    /// <param name="weight">Its weight.</param>
    public void Add(SparseRow row, float weight)
    {
        if (_features is null) Begin(row.Indices);
        if (_features is not { } features || Count == 0) return;
        var (next, kept) = (0, 0);
        for (var i = 0; i < Count; i++)
        {
            next = Find(row.Indices, next, features[i]);
            if (next == row.Indices.Length) break;
            if (row.Indices[next] != features[i]) continue;
            var (moment, value) = (_moments[i], row.Values[next]);
            // Differences from the first value are summed, so that a large mean does not cost the deviation its digits.
            if (moment.Weight == 0) moment.Shift = value;
            var difference = (double)value - moment.Shift;
            moment.Sum += weight * difference;
            moment.Squares += weight * difference * difference;
            moment.Weight += weight;
            (features[kept], _moments[kept]) = (features[i], moment);
            kept++;
        }

        Count = kept;
    }

    /// <summary>
    /// A common feature, its mean, and its scale: 1 / standard deviation, or 0 if the feature does not vary.
    /// </summary>
    /// <param name="i">The index, in [0, <see cref="Count"/>).</param>
    public (int Feature, double Mean, double Scale) this[int i]
    {
        get
        {
            var moment = _moments[i];
            // All rows with this feature have the weight 0.
            if (moment.Weight == 0) return (_features![i], 0, 0);
            var (mean, square) = (moment.Sum / moment.Weight, moment.Squares / moment.Weight);
            var variance = square - mean * mean;
            return (_features![i], moment.Shift + mean, variance > Rounding * square ? 1 / Math.Sqrt(variance) : 0);
        }
    }

    /// <summary>Returns the position in a row of a feature, or of the first feature above it.</summary>
    /// <param name="features">The features of the row.</param>
    /// <param name="start">The position at which the search starts.</param>
    /// <param name="feature">The feature.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Find(ReadOnlySpan<int> features, int start, int feature)
    {
        while (start < features.Length && features[start] < feature) start++;
        return start;
    }

    private void Begin(ReadOnlySpan<int> features)
    {
        (_features, Count) = (features.ToArray(), features.Length);
        _moments = new Moment[Count];
    }

    private struct Moment
    {
        public double Sum;
        public double Squares;
        public double Weight;
        public float Shift;
    }
}
