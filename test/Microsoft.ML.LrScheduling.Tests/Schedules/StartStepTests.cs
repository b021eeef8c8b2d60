using Microsoft.ML.LrScheduling.Schedules;
using static Microsoft.ML.LrScheduling.Schedules.LrSchedule;

namespace Microsoft.ML.LrScheduling.Tests.Schedules;

/// <summary>Schedules that begin at a later step, and schedulers that go to any.</summary>
[TestClass]
public sealed class StartStepTests
{
    [TestMethod]
    public void A_schedule_begins_where_so_many_steps_lead() => ScheduleDraw.Check(RandomSchedules.Nested, 500, draw =>
    {
        if (draw.Schedule.NeedsMetric) return;
        var steps = draw.Seed % 200;
        var walked = draw.Start();
        for (var step = 0; step < steps; step++) walked.Step();
        var begun = (draw.Schedule with { StartStep = draw.Schedule.StartStep is 0 ? steps : 0 }).Start(draw.Rates);
        if (draw.Schedule.StartStep > 0) begun = draw.Start();
        var jumped = draw.Start();
        jumped.StepTo(draw.Seed % 7 * 50);
        jumped.StepTo(steps);
        if (draw.Schedule.StartStep > 0) begun.StepTo(steps);
        for (var step = 0; step < 30; step++)
        {
            foreach (var other in new[] { begun, jumped })
            {
                Curve.AssertIs([.. walked.LearningRates], [.. other.LearningRates]);
                Curve.AssertIs([.. walked.Momenta], [.. other.Momenta]);
                other.Step();
            }

            walked.Step();
        }
    });

    [TestMethod]
    public void Growth_without_end_stops_at_the_largest_number_however_it_is_come_to()
    {
        var schedule = ExponentialLR(double.MaxValue) with { StartStep = int.MaxValue };
        CollectionAssert.AreEqual((double[])[double.MaxValue, double.MaxValue, 0], schedule.Start(1, 0.08, 0).LearningRates.ToArray());
        var walked = (schedule with { StartStep = 0 }).Start(1, 0.08, 0);
        walked.Step();
        walked.Step();
        CollectionAssert.AreEqual((double[])[double.MaxValue, double.MaxValue, 0], walked.LearningRates.ToArray());
    }

    [TestMethod]
    public void StepTo_gives_the_same_bits_whatever_came_before()
    {
        var scheduler = CosineAnnealingLR(95).WithWarmup(5).Start(0.1);
        scheduler.StepTo(50);
        var there = scheduler.Save();
        foreach (var step in new[] { 80, 3, 0, 49 })
        {
            scheduler.StepTo(step);
            scheduler.StepTo(50);
            Assert.AreEqual(there, scheduler.Save());
        }
    }

    [TestMethod]
    public void A_later_part_begins_in_its_middle() =>
        // The end of a warmup–stable–decay is 0.1; the constant factor that follows has 3 of its 5 steps left.
        Curve.AssertIs(
            [0.5, 1, 0.55, 0.2, 0.2, 0.2, 1],
            Curve.Of(
                SequentialLR(
                    [WarmupStableDecayLR(1, 2, 0, 0.5, 0.1, RampType.Linear), ConstantLR(0.2, 5) with { StartStep = 2 }], [3]), 1, 7));

    [TestMethod]
    public void A_length_from_the_run_counts_the_steps_before_the_start()
    {
        var cycle = OneCycleLR(1) with { StartStep = 10 };
        Assert.AreEqual(40 + 10, ((OneCycleLR)cycle.ForRun(5, 8)).TotalSteps);
        var sequence = SequentialLR([ConstantLR(), OneCycleLR(1)], [2]) with { StartStep = 1 };
        Assert.AreEqual(32, ((OneCycleLR)((SequentialLR)sequence.ForRun(5, 8)).Schedules[1]).TotalSteps);
        sequence = sequence with { StartStep = 5 };
        Assert.AreEqual(43, ((OneCycleLR)((SequentialLR)sequence.ForRun(5, 8)).Schedules[1]).TotalSteps);
    }

    [TestMethod]
    public void What_cannot_begin_later_says_so()
    {
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => (ReduceLROnPlateau() with { StartStep = 3 }).Start(1)).Message,
            "startStep must be 0 for a schedule that needs a metric at each step. Received: 3");
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(
                () => (MultiplicativeLR("0.9") with { StartStep = 100_001 }).WithWarmup(3).Start(1)).Message,
            "startStep must be at most 100000 if each rate follows from the previous one. Received: 100001");
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ReduceLROnPlateau().Start(1).StepTo(1)).Message,
            "steps must be 0 for a schedule that needs a metric at each step. Received: 1");
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => StepLR(1).Start(1).StepTo(-1)).Message, "steps must be in [0, ");
    }

    [TestMethod]
    public void A_group_that_begins_at_zero_stays_there()
    {
        foreach (var schedule in new LrSchedule[]
            { StepLR(3), ExponentialLR(2), LambdaLR("1 + epoch"), ChainedScheduler([StepLR(3), CosineAnnealingLR(5)]) })
        {
            var scheduler = schedule.Start(0.1, 0);
            for (var step = 0; step < 9; step++, scheduler.Step()) Assert.AreEqual(0, scheduler.LearningRates[1]);
            Assert.IsTrue(scheduler.LearningRates[0] > 0);
        }

        Assert.AreEqual(0.01, StepLR(3).WithFloor(0.01).Start(0).LearningRates[0]);
    }
}
