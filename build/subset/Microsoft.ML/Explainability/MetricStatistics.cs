namespace Microsoft.ML.Data;

/// <summary>The mean and the spread of a number that was observed several times.</summary>
public sealed class MetricStatistics
{
    private double _squares;

    internal MetricStatistics()
    {
    }

    public double Mean { get; private set; }

    public double StandardDeviation => Count <= 1 ? 0 : Math.Sqrt(_squares / (Count - 1));

    public double StandardError => Count <= 1 ? 0 : StandardDeviation / Math.Sqrt(Count);

    public int Count { get; private set; }

    // Welford's update: the squares are of differences from the mean.
    internal void Add(double metric)
    {
        Count++;
        var difference = metric - Mean;
        Mean += difference / Count;
        _squares += difference * (metric - Mean);
    }
}

/// <summary>By how much metrics differ from those of the data as it is.</summary>
internal interface IMetricsStatistics<in TMetrics>
{
    void AddDifference(TMetrics metrics, TMetrics baseline);
}
