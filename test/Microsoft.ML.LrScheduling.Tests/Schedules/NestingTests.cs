using System.Diagnostics;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Tests.Schedules;

/// <summary>How deep and how large compositions may be, and that those within the limits take no time to speak of.</summary>
[TestClass]
public sealed class NestingTests
{
    private const int MaximumDepth = 32;

    private const int MaximumSize = 1000;

    private static readonly Func<LrSchedule, LrSchedule>[] Wrappings =
    [
        schedule => LrSchedule.SequentialLR([schedule], []),
        schedule => LrSchedule.SequentialLR([LrSchedule.ConstantLR(), schedule], [1]),
        schedule => LrSchedule.SequentialLR([schedule, LrSchedule.ConstantLR()], [1]),
        schedule => LrSchedule.ChainedScheduler([schedule]),
        schedule => LrSchedule.ChainedScheduler([schedule, LrSchedule.ExponentialLR(0.9)]),
        schedule => schedule.WithWarmup(1),
        schedule => schedule.WithFloor(0.01),
        schedule => LrSchedule.ChainedScheduler([LrSchedule.SequentialLR([schedule], [])]),
    ];

    [TestMethod]
    [Timeout(300_000)]
    public void Schedules_nested_too_deep_are_refused()
    {
        foreach (var wrap in Wrappings)
        {
            LrSchedule schedule = LrSchedule.StepLR(3);
            var error = Assert.ThrowsExactly<ArgumentException>(() =>
            {
                for (var depth = 0; depth < 100_000; depth++) schedule = wrap(schedule);
            });
            StringAssert.StartsWith(error.Message, $"schedules must be nested at most {MaximumDepth} deep. Received: {MaximumDepth + 1}");
            Assert.IsTrue(schedule.Depth is MaximumDepth or MaximumDepth - 1, $"{schedule.Depth}");
        }
    }

    [TestMethod]
    [Timeout(300_000)]
    public void Too_many_schedules_are_refused()
    {
        // A schedule may be part of another twice: sizes double with each level, while memory does not.
        LrSchedule schedule = LrSchedule.StepLR(3);
        var error = Assert.ThrowsExactly<ArgumentException>(() =>
        {
            for (var depth = 0; depth < 100_000; depth++) schedule = LrSchedule.ChainedScheduler([schedule, schedule]);
        });
        StringAssert.StartsWith(error.Message, $"schedules must be at most {MaximumSize}, all levels together. Received: 1023");

        LrSchedule[] many = [.. Enumerable.Repeat(LrSchedule.StepLR(1), MaximumSize)];
        error = Assert.ThrowsExactly<ArgumentException>(() => LrSchedule.SequentialLR(many, []));
        StringAssert.StartsWith(error.Message, $"schedules must be at most {MaximumSize}");
        Assert.ThrowsExactly<ArgumentException>(() => LrSchedule.ChainedScheduler(Enumerable.Repeat(many[0], 1_000_000).ToArray()));
    }

    [TestMethod]
    [Timeout(300_000)]
    public void The_deepest_schedules_do_everything_at_once()
    {
        foreach (var wrap in Wrappings)
        {
            LrSchedule schedule = LrSchedule.StepLR(3);
            while (wrap(LrSchedule.StepLR(3)).Depth - 1 + schedule.Depth <= MaximumDepth) schedule = wrap(schedule);
            AssertQuick(schedule);
        }
    }

    [TestMethod]
    [Timeout(300_000)]
    public void The_largest_schedules_do_everything_at_once()
    {
        LrSchedule[] parts = [.. Enumerable.Repeat(LrSchedule.CosineAnnealingLR(7), MaximumSize - 1)];
        AssertQuick(LrSchedule.SequentialLR(parts, [.. Enumerable.Range(1, parts.Length - 1)]));
        AssertQuick(LrSchedule.SequentialLR(parts, [.. Enumerable.Repeat(3, parts.Length - 1)]));
        AssertQuick(LrSchedule.ChainedScheduler(parts));
        LrSchedule tree = LrSchedule.StepLR(1);
        for (var depth = 0; depth < 8; depth++) tree = LrSchedule.SequentialLR([tree, tree], [1 + depth]);
        AssertQuick(tree);
    }

    [TestMethod]
    [Timeout(300_000)]
    public void Long_lists_and_long_runs_take_no_time()
    {
        int[] milestones = [.. Enumerable.Range(0, 1_000_000)];
        AssertQuick(LrSchedule.MultiStepLR([.. milestones], 0.999));
        AssertQuick(LrSchedule.PiecewiseLR([.. milestones], new double[milestones.Length], Interpolation.Linear));
        AssertQuick(LrSchedule.CosineAnnealingWarmRestarts(1, 2));
        AssertQuick(LrSchedule.OneCycleLR(0.1).ForRun(int.MaxValue, int.MaxValue));
        AssertQuick(LrSchedule.WarmupStableDecayLR(int.MaxValue, int.MaxValue).ForRun(int.MaxValue, int.MaxValue));
        AssertQuick(LrSchedule.LambdaLR($"{string.Concat(Enumerable.Repeat("(", 64))}epoch{string.Concat(Enumerable.Repeat(")", 64))}"));
    }

    private static void AssertQuick(LrSchedule schedule)
    {
        var clock = Stopwatch.StartNew();
        var scheduler = schedule.Start(0.1, 0.2);
        for (var step = 0; step < 100; step++) scheduler.Step();
        Assert.AreEqual(scheduler.Save(), schedule.Resume(scheduler.Save()).Save());
        Assert.AreEqual(schedule, schedule.ForRun(1, 1));
        Assert.AreEqual(schedule.GetHashCode(), (schedule with { }).GetHashCode());
        Assert.IsFalse(schedule.NeedsMetric || schedule.CyclesMomentum && scheduler.Momenta.Count == 0);
        Assert.AreNotEqual("", schedule.ToString());
        // Milliseconds, but for a machine that is busy; what doubles with each of thirty levels would take hours.
        Assert.IsTrue(clock.Elapsed < TimeSpan.FromMinutes(1), $"{clock.Elapsed} for {schedule.Size} schedules, {schedule.Depth} deep");
    }
}
