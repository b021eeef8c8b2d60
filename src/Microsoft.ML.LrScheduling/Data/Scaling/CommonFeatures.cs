using System.Runtime.CompilerServices;

namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// The features that every row of a sparse set has, as long as there are such: of these alone the mean is taken away. Their weighted means
/// and deviations are summed up in double precision as rows are read.
/// </summary>
internal sealed class CommonFeatures
{
    // A variance that is so much smaller than the mean square is what rounding leaves of none.
    private const double Rounding = 1e-12;

    // Those of the first row that no row so far has lacked, in ascending order.
    private int[]? _features;
    private Moment[] _moments = [];

    /// <summary>How many there are; none before the first row.</summary>
    public int Count { get; private set; }

    /// <summary>Whether there may be some when further rows have been added.</summary>
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
            // Sums are of differences from a value, so that a large mean takes nothing from a small deviation.
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
    /// The mean of a feature, and what it is multiplied with to have a deviation of 1: one over its standard deviation, and 0 for one that
    /// does not vary.
    /// </summary>
    /// <param name="i">Which, in [0, <see cref="Count"/>).</param>
    public (int Feature, double Mean, double Scale) this[int i]
    {
        get
        {
            var moment = _moments[i];
            // All rows weigh nothing.
            if (moment.Weight == 0) return (_features![i], 0, 0);
            var (mean, square) = (moment.Sum / moment.Weight, moment.Squares / moment.Weight);
            var variance = square - mean * mean;
            return (_features![i], moment.Shift + mean, variance > Rounding * square ? 1 / Math.Sqrt(variance) : 0);
        }
    }

    /// <summary>Where in a row the feature, or the first one above it, is.</summary>
    /// <param name="features">The features of the row.</param>
    /// <param name="start">Where to look from.</param>
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
