using System.Text.Json;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Tests.Schedules;

/// <summary>The least rate that a floor or a plateau's minLr leaves, alone and within compositions, against closed forms.</summary>
[TestClass]
public sealed class FloorTests
{
    [TestMethod]
    public void Any_schedule_with_a_floor_has_the_larger_one_of_its_rate_and_the_floor() =>
        ScheduleDraw.Check(RandomSchedules.Nested, 400, draw =>
        {
            double[] floors = [.. draw.Rates.Select((rate, group) => rate * Math.Pow(0.3, draw.Seed % 4 + group))];
            var (bare, floored) = (draw.Start(), draw.Schedule.WithFloor(floors).Start(draw.Rates));
            for (var time = 0; time < 60; time++)
            {
                for (var group = 0; group < floors.Length; group++)
                    Assert.AreEqual(Math.Max(floors[group], bare.LearningRates[group]), floored.LearningRates[group], $"after step {time}");
                CollectionAssert.AreEqual(bare.Momenta.ToArray(), floored.Momenta.ToArray(), $"after step {time}");
                draw.Train(bare, time);
                draw.Train(floored, time);
            }
        });

    [TestMethod]
    public void A_chain_of_one_is_that_one_whatever_its_floor() => ScheduleDraw.Check(RandomSchedules.Nested, 400, draw =>
    {
        double[] ones = [.. draw.Rates.Select(_ => 1.0)];
        var (alone, chained) = (draw.Schedule.Start(ones), LrSchedule.ChainedScheduler([draw.Schedule]).Start(ones));
        for (var time = 0; time < 60; time++)
        {
            CollectionAssert.AreEqual(alone.LearningRates.ToArray(), chained.LearningRates.ToArray(), $"after step {time}");
            draw.Train(alone, time);
            draw.Train(chained, time);
        }
    });

    [TestMethod]
    public void What_falls_step_by_step_falls_on_below_the_floor_unseen() => Curve.AssertIs(
        // Up again at step 8, by as much as it would have been without the floor.
        step => Math.Max(0.3, step < 8 ? Math.Pow(0.5, step) : Math.Pow(0.5, 7) * Math.Pow(4, step - 7)),
        Curve.Of(LrSchedule.MultiplicativeLR("0.5 + 3.5 * (epoch // 8)").WithFloor(0.3), 1, 13));

    [TestMethod]
    public void A_floor_before_a_warmup_bounds_the_warmup_too_and_one_behind_it_does_not()
    {
        var decay = LrSchedule.ExponentialLR(0.5);
        Curve.AssertIs([0.25, 0.5, 0.75, 1, 0.5, 0.4, 0.4], Curve.Of(decay.WithFloor(0.4).WithWarmup(3, startFactor: 0.25), 1, 7));
        Curve.AssertIs([0.4, 0.5, 0.75, 1, 0.5, 0.4, 0.4], Curve.Of(decay.WithWarmup(3, startFactor: 0.25).WithFloor(0.4), 1, 7));
    }

    [TestMethod]
    public void A_floor_above_the_initial_rate_raises_it() =>
        Curve.AssertIs(_ => 0.3, Curve.Of(LrSchedule.StepLR(3).WithFloor(0.3), 0.1, 10));

    [TestMethod]
    public void A_plateau_with_a_floor_goes_on_from_what_it_finds() => Curve.AssertIs(
        // 0.5 is the constant's; 1 is the best, then three cuts to 0.25, 0.125 and, unseen, 0.0625.
        [0.5, 0.5, 0.5, 0.25, 0.2, 0.2],
        Curve.OfMetrics(
            LrSchedule.SequentialLR(
                [LrSchedule.ConstantLR(0.5, 9), LrSchedule.ReduceLROnPlateau(factor: 0.5, patience: 0).WithFloor(0.2)], [1]),
            1, 1, 1, 1, 1, 1));

    [TestMethod]
    public void The_interval_of_a_floor_is_that_of_its_schedule()
    {
        var floored = LrSchedule.StepLR(1, 0.5).WithFloor(0.2);
        Assert.AreEqual(ScheduleInterval.Epoch, floored.Interval);
        var byBatch = floored with { Interval = ScheduleInterval.Batch };
        Assert.AreEqual((LrSchedule.StepLR(1, 0.5) with { Interval = ScheduleInterval.Batch }).WithFloor(0.2), byBatch);
        CollectionAssert.AreEqual(new[] { 1, 0.5, 0.25, 0.2 }, byBatch.Preview(2, 2, 1.0).Rates().ToArray());
    }

    [TestMethod]
    public void A_floor_takes_its_length_and_its_metric_from_the_run_as_its_schedule_does()
    {
        var floored = LrSchedule.ChainedScheduler([LrSchedule.OneCycleLR(0.1), LrSchedule.ReduceLROnPlateau()]).WithFloor(0.01);
        Assert.AreEqual(
            LrSchedule.ChainedScheduler([LrSchedule.OneCycleLR(0.1, 20), LrSchedule.ReduceLROnPlateau(metric: Metric.RSquared)])
                .WithFloor(0.01),
            floored.Watching(Metric.RSquared).ForRun(5, 4));
        Assert.IsTrue(floored is { NeedsMetric: true, CyclesMomentum: true });
    }

    [TestMethod]
    public void It_is_written_as_it_would_be_called()
    {
        var floored = LrSchedule.CosineAnnealingLR(95).WithFloor([0.01, 0.02]);
        Assert.AreEqual("FloorLR(CosineAnnealingLR(tMax: 95), minLr: [0.01, 0.02])", $"{floored}");
        Assert.AreEqual(floored, LrSchedule.Parse("FloorLR(CosineAnnealingLR(95), [0.01, 0.02])"));
        Assert.AreEqual(floored, LrSchedule.Parse("FloorLR(minLr: [0.01, 0.02], schedule: CosineAnnealingLR(tMax: 95))"));
        Assert.AreEqual(
            """{"type":"FloorLR","schedule":{"type":"CosineAnnealingLR","tMax":95},"minLr":[0.01,0.02]}""", floored.ToJson());
        StringAssert.StartsWith(
            Assert.ThrowsExactly<FormatException>(() => LrSchedule.Parse("FloorLR(StepLR(0), 0.1)")).Message,
            "column 16: stepSize must be at least 1. Received: 0");
        StringAssert.StartsWith(
            Assert.ThrowsExactly<JsonException>(() => LrSchedule.FromJson("""{"type":"FloorLR","schedule":3,"minLr":0}""")).Message,
            "$.schedule: expected a schedule. Received: 3");
    }

    [TestMethod]
    public void A_plateaus_least_rate_bounds_that_of_the_chain_it_is_in() => Curve.AssertIs(
        // A cut a step after the first metric, down to 0.04, and a tenth every other step: the product of both would come to 0.0004.
        [0.1, 0.1, 0.04, 0.04, 0.04, 0.04],
        Curve.OfMetrics(
            LrSchedule.ChainedScheduler(
                [LrSchedule.StepLR(2, gamma: 0.1), LrSchedule.ReduceLROnPlateau(factor: 0.5, patience: 0, minLr: 0.04)]),
            0.1, 1, 1, 1, 1, 1));

    [TestMethod]
    public void A_floor_within_a_chain_bounds_that_of_the_chain_however_deep_it_stands()
    {
        var part = LrSchedule.StepLR(2, gamma: 0.5).WithFloor(0.3);
        double[] expected = [1, 0.8, 0.32, 0.3, 0.3, 0.3];
        Curve.AssertIs(expected, Curve.Of(LrSchedule.ChainedScheduler([part, LrSchedule.ExponentialLR(0.8)]), 1, 6));
        Curve.AssertIs(expected, Curve.Of(
            LrSchedule.ChainedScheduler(
                [LrSchedule.ExponentialLR(0.8), LrSchedule.ChainedScheduler([LrSchedule.SequentialLR([part], [])])]), 1, 6));
    }

    [TestMethod]
    public void A_least_rate_bounds_a_chain_while_its_part_is_active_and_not_before() => Curve.AssertIs(
        // The warmup of the plateau, 0.2, 0.6, 1, is not bounded; then 0.8³ … come down to the least rate.
        [0.2, 0.48, 0.64, 0.512, 0.5, 0.5],
        Curve.OfMetrics(
            LrSchedule.ChainedScheduler(
            [
                LrSchedule.ExponentialLR(0.8),
                LrSchedule.ReduceLROnPlateau(factor: 0.1, patience: 100, minLr: 0.5).WithWarmup(2, startFactor: 0.2),
            ]),
            1, 1, 1, 1, 1, 1));

    [TestMethod]
    public void A_plateau_that_begins_below_its_least_rate_bounds_nothing() => Curve.AssertIs(
        step => 0.1 * Math.Pow(0.8, step),
        Curve.OfMetrics(
            LrSchedule.ChainedScheduler([LrSchedule.ExponentialLR(0.8), LrSchedule.ReduceLROnPlateau(patience: 100, minLr: 0.5)]),
            0.1, 1, 1, 1, 1, 1));
}
