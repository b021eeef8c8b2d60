using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Tests.Schedules;

/// <summary>A random schedule with what a walk along it needs. It prints as text that <see cref="LrSchedule.Parse"/> reads.</summary>
/// <param name="Schedule">The schedule.</param>
/// <param name="Rates">The rates to start it with, one a parameter group.</param>
/// <param name="Seed">Of the metrics.</param>
internal sealed record ScheduleDraw(LrSchedule Schedule, double[] Rates, int Seed)
{
    private const int BatchesPerEpoch = 3;

    private readonly double[] _metrics = Metrics(Seed, finite: Throws(Schedule));

    /// <summary>Holds a property against random draws; a failure names the draw, and the seed for a replay.</summary>
    public static void Check(Arbitrary<ScheduleDraw> draws, int count, Action<ScheduleDraw> property) =>
        Draws.Hold(Prop.ForAll(draws, property), count);

    public LrScheduler Start() => Schedule.Start(Rates);

    /// <summary>Takes step <paramref name="time"/> of a walk in which every schedule and part takes every step.</summary>
    public void Step(LrScheduler scheduler, int time)
    {
        if (Schedule.NeedsMetric) scheduler.Step(MetricAt(time));
        else scheduler.Step();
    }

    /// <summary>Takes step <paramref name="time"/> of a walk as training does: some minibatches, the end of an epoch, and again.</summary>
    public void Train(LrScheduler scheduler, int time)
    {
        if (time % (BatchesPerEpoch + 1) < BatchesPerEpoch) scheduler.Advance(ScheduleInterval.Batch);
        else scheduler.Advance(ScheduleInterval.Epoch, metric => MetricAt(time) + (int)metric);
    }

    public override string ToString() =>
        $"{Schedule} from [{string.Join(", ", Rates.Select(rate => rate.ToString("R", CultureInfo.InvariantCulture)))}], metrics of seed "
        + $"{Seed}";

    private double MetricAt(int time) => _metrics[time % _metrics.Length];

    private static bool Throws(LrSchedule schedule) =>
        schedule is MetricSchedule { NanPolicy: NanPolicy.Throw } || schedule.Parts.Any(Throws);

    /// <summary>A metric that wanders, falls, crosses zero, and at times is none.</summary>
    private static double[] Metrics(int seed, bool finite)
    {
        var random = new Random(seed);
        var level = 1.0;
        return [.. Enumerable.Range(0, 997).Select(_ => random.Next(finite ? 2 : 0, 20) switch
        {
            0 => double.NaN,
            1 => random.Next(2) == 0 ? double.PositiveInfinity : double.NegativeInfinity,
            < 8 => level,
            _ => level += random.NextDouble() - 0.6,
        })];
    }
}
