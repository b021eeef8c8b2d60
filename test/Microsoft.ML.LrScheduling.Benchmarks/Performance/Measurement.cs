using System.Diagnostics;

namespace Microsoft.ML.LrScheduling.Benchmarks.Performance;

/// <summary>Something to be measured.</summary>
/// <param name="Name">What the tables call it.</param>
/// <param name="Run">One run of it; returns what it reached, such as rows a second, or what it took.</param>
internal sealed record Contestant(string Name, Func<double> Run);

/// <summary>What several runs reached.</summary>
internal sealed class Samples(double[] values)
{
    private readonly double[] _values = values;
    private readonly double[] _sorted = [.. values.Order()];

    /// <summary>The median.</summary>
    public double Median => Quantile(0.5);

    /// <summary>The middle half of the runs lies within so much of one another, as a part of the median.</summary>
    public double Spread => (Quantile(0.75) - Quantile(0.25)) / Median;

    /// <summary>
    /// How many times as much as others, run by run: both were measured in turns, so what slows the machine down for a while slows both.
    /// </summary>
    public Samples Over(Samples others) => new([.. _values.Zip(others._values, (mine, other) => mine / other)]);

    /// <summary>How much more than others, run by run.</summary>
    public Samples Minus(Samples others) => new([.. _values.Zip(others._values, (mine, other) => mine - other)]);

    /// <summary>What becomes of each run.</summary>
    public Samples Select(Func<double, double> map) => new([.. _values.Select(map)]);

    /// <summary>The median and the spread.</summary>
    public override string ToString() => $"{Format.Number(Median)} ({Format.Percent(Spread)})";

    private double Quantile(double part)
    {
        var place = part * (_sorted.Length - 1);
        var below = (int)place;
        return below + 1 < _sorted.Length ? _sorted[below] + (place - below) * (_sorted[below + 1] - _sorted[below]) : _sorted[below];
    }
}

/// <summary>How often and for how long contestants run.</summary>
/// <param name="Rounds">The runs of each.</param>
/// <param name="RunTime">How long a run takes at least.</param>
internal sealed record Measurement(int Rounds, TimeSpan RunTime)
{
    // Until then the runtime may still be compiling, and data may not be where it stays.
    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(200);

    /// <summary>Has contestants run in turns, after some that are not counted.</summary>
    /// <returns>The runs of each.</returns>
    public Samples[] Interleave(params Contestant[] contestants)
    {
        var runs = contestants.Select(_ => new double[Rounds]).ToArray();
        // What was measured before is not to be collected now.
        GC.Collect();
        var started = Stopwatch.GetTimestamp();
        do
        {
            foreach (var contestant in contestants) contestant.Run();
        }
        while (Stopwatch.GetElapsedTime(started) < WarmUp * contestants.Length);
        for (var round = 0; round < Rounds; round++)
            for (var i = 0; i < contestants.Length; i++)
                runs[i][round] = contestants[i].Run();
        return [.. runs.Select(values => new Samples(values))];
    }

    /// <summary>Does something as often as fills a run.</summary>
    /// <returns>How often a second.</returns>
    public double Rate(Action once)
    {
        var times = 0L;
        var started = Stopwatch.GetTimestamp();
        TimeSpan elapsed;
        do
        {
            once();
            times++;
            elapsed = Stopwatch.GetElapsedTime(started);
        }
        while (elapsed < RunTime);
        return times / elapsed.TotalSeconds;
    }

    /// <summary>Does something once.</summary>
    /// <returns>The seconds it took.</returns>
    public static double Seconds(Action once)
    {
        var started = Stopwatch.GetTimestamp();
        once();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
