namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// Finds a feature whose values are close together and far from zero, but for rows where it is zero, as where a year is missing. Those
/// zeros decide the scale of the feature, so that training hardly sees how its other values differ; and no linear model fits both.
/// </summary>
internal static class ZerosFarOff
{
    // What differs by so much is found in a sample.
    private const int SampledRows = 2000;

    // In standard deviations of the values that are not zero.
    private const double FarthestMean = 10;

    // A deviation in units of the scale: the square of it is what is left of a weight beside zeros.
    private const double SmallDeviation = 0.5;

    // The mean of fewer values may be anywhere.
    private const int FewestValues = 10;

    // A zero that was standardised comes back as near to zero as this, beside the mean. What deviates by less is one value.
    private const double Rounding = 1e-5;

    // Each is looked for in all rows.
    private const int MostCandidates = 10;

    /// <summary>
    /// The feature of standardised rows whose values that are not zero are farthest from it in standard deviations, with their mean and
    /// deviation and the number of rows where it is zero; null where there is none.
    /// </summary>
    public static (int Feature, double Mean, double Deviation, int Zeros)? Find(TrainingSet rows)
    {
        if (rows.Standardization is not { } standardization) return null;
        foreach (var (feature, mean, deviation) in Candidates(rows, standardization).Take(MostCandidates))
            if (Enumerable.Range(0, rows.RowCount).Count(row => IsZero(rows, row, feature, standardization)) is > 0 and var zeros)
                return (feature, mean, deviation, zeros);
        return null;
    }

    private static IEnumerable<(int Feature, double Mean, double Deviation)> Candidates(
        TrainingSet rows, Standardization standardization) =>
        from moments in Moments(rows, standardization)
        where moments.Count >= FewestValues
        let mean = moments.Shift + moments.Sum / moments.Count
        let deviation = Math.Sqrt(Math.Max(0, moments.Squares / moments.Count - Math.Pow(moments.Sum / moments.Count, 2)))
        let distance = Math.Abs(mean) / deviation
        where deviation > Rounding * Math.Abs(mean) && distance > FarthestMean
            && deviation * standardization.Of(moments.Feature).Scale < SmallDeviation
        orderby distance descending
        select (moments.Feature, mean, deviation);

    /// <summary>Sums over the values of a sample that are not zero, of differences from one of them.</summary>
    private static IEnumerable<Sums> Moments(TrainingSet rows, Standardization standardization)
    {
        var met = new FeatureNumbers(rows.FeatureCount);
        var sums = new Sums[met.Count];
        var step = (rows.RowCount - 1) / SampledRows + 1;
        for (var row = 0; row < rows.RowCount; row += step)
        {
            var values = rows.IsSparse ? rows.Entries(row).Values : rows.Features(row);
            for (var i = 0; i < values.Length; i++)
            {
                var feature = rows.IsSparse ? rows.Entries(row).Indices[i] : i;
                var value = Original(values[i], standardization.Of(feature));
                if (value == 0) continue;
                var number = met.Of(feature);
                if (number >= sums.Length) Array.Resize(ref sums, Math.Max(number + 1, 2 * number));
                ref var sum = ref sums[number];
                if (sum.Count == 0) sum.Shift = value;
                sum.Sum += value - sum.Shift;
                sum.Squares += (value - sum.Shift) * (value - sum.Shift);
                sum.Count++;
            }
        }

        return met.InOrder().Where(one => one.Number < sums.Length).Select(one => sums[one.Number] with { Feature = one.Feature });
    }

    private static bool IsZero(TrainingSet rows, int row, int feature, Standardization standardization) => rows.IsSparse
        ? rows.Entries(row).Indices.BinarySearch(feature) < 0
        : Original(rows.Features(row)[feature], standardization.Of(feature)) == 0;

    /// <summary>The value before it was standardised; 0 of a feature that does not vary.</summary>
    private static double Original(float value, (double Mean, double Scale) unit)
    {
        if (unit.Scale == 0) return 0;
        var original = unit.Mean + value / unit.Scale;
        return Math.Abs(original) > Rounding * Math.Abs(unit.Mean) ? original : 0;
    }

    private record struct Sums(int Feature, double Shift, double Sum, double Squares, int Count);
}
