using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Benchmarks.Performance;

/// <summary>What a step of a schedule takes, for every kind that is not made of others.</summary>
internal static class SteppingRuns
{
    private const double Goal = 20;

    public static void Measure(PerformanceRun run)
    {
        var table = new Table("stepping", "a step of a schedule of one parameter group", "ns (spread)");
        Contestant[] kinds =
            [.. SteppingBenchmarks.Schedules.Select(kind => new Contestant(kind.Key, () => Nanoseconds(kind.Value, run.IsQuick)))];
        var times = kinds.Zip(run.Measurement.Interleave(kinds)).ToArray();
        foreach (var (kind, time) in times) table.Add(kind.Name, $"{time}");
        run.Add(table);
        var (slowest, most) = times.MaxBy(pair => pair.Second.Median);
        run.Targets.Add(Target.AtMost($"a step of a schedule, the slowest kind ({slowest.Name})", Goal, most, " ns"));
    }

    /// <summary>Whole runs from their start, with a metric that improves now and then, and is ignored by all kinds but one.</summary>
    private static double Nanoseconds(LrSchedule schedule, bool isQuick)
    {
        var scheduler = schedule.Start(0.1);
        var steps = isQuick ? SteppingBenchmarks.Steps / 5 : SteppingBenchmarks.Steps;
        return Measurement.Seconds(() =>
        {
            for (var step = 0; step < steps; step++) scheduler.Step(step % 7);
        }) / steps * 1e9;
    }
}
