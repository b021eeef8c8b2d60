using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Tests.Schedules;

/// <summary>Every rate is finite and not negative, every momentum in [0, 1), however long a schedule runs.</summary>
[TestClass]
public sealed class TotalityTests
{
    [TestMethod]
    public void Rates_and_momenta_stay_in_range_for_thousands_of_steps() =>
        ScheduleDraw.Check(RandomSchedules.Nested, 300, draw => AssertTotal(draw, draw.Step, 3000));

    [TestMethod]
    public void Rates_and_momenta_stay_in_range_for_thousands_of_minibatches_and_epochs() =>
        ScheduleDraw.Check(RandomSchedules.Nested, 300, draw => AssertTotal(draw, draw.Train, 3000));

    [TestMethod]
    public void Rates_and_momenta_of_each_kind_stay_in_range() =>
        ScheduleDraw.Check(RandomSchedules.Simple, 2000, draw => AssertTotal(draw, draw.Step, 200));

    [TestMethod]
    [Timeout(300_000)]
    public void A_state_from_the_end_of_time_goes_on_or_is_refused() => ScheduleDraw.Check(RandomSchedules.Simple, 1000, draw =>
    {
        foreach (var step in new[] { int.MaxValue, 1L << 53, long.MaxValue - 1, long.MaxValue })
        {
            var saved = draw.Start().Save();
            LrScheduler scheduler;
            try
            {
                scheduler = draw.Schedule.Resume(saved with { StepCount = step, Schedule = saved.Schedule with { Step = step } });
            }
            catch (ArgumentException)
            {
                continue;
            }

            for (var time = 0; time < 5; time++)
            {
                draw.Step(scheduler, time);
                AssertInRange(scheduler, time);
            }
        }
    });

    [TestMethod]
    public void A_step_of_a_schedule_that_is_not_made_of_others_allocates_nothing()
    {
        foreach (var schedule in SampleSchedules.All.Where(schedule => !schedule.Parts.Any()))
        {
            var scheduler = schedule.ForRun(100, 10).Start(0.1, 0.2);
            scheduler.Step(1);
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var step = 0; step < 500; step++) scheduler.Step(step % 7);
            Assert.AreEqual(before, GC.GetAllocatedBytesForCurrentThread(), $"{schedule}");
        }
    }

    private static void AssertTotal(ScheduleDraw draw, Action<LrScheduler, int> step, int steps)
    {
        var scheduler = draw.Start();
        for (var time = 0; time < steps; step(scheduler, time++)) AssertInRange(scheduler, time);
    }

    private static void AssertInRange(LrScheduler scheduler, int time)
    {
        foreach (var rate in scheduler.LearningRates)
            if (!(rate >= 0 && double.IsFinite(rate))) Assert.Fail($"rate {rate} after step {time}");
        foreach (var momentum in scheduler.Momenta)
            if (!(momentum is >= 0 and < 1)) Assert.Fail($"momentum {momentum} after step {time}");
    }

    [TestMethod]
    [DataRow(1 << 30, 1 << 17)]
    [DataRow(int.MaxValue, 1 << 21)]
    [DataRow(1, int.MaxValue)]
    public void Restarts_of_periods_beyond_all_numbers_come_to_an_end(int t0, int tMult)
    {
        var schedule = LrSchedule.CosineAnnealingWarmRestarts(t0, tMult);
        var state = schedule.Start(1).Save();
        var late = schedule.Resume(state with { StepCount = 1L << 53, Schedule = state.Schedule with { Step = 1L << 53 } });
        late.Step();
        Assert.IsTrue(late.LearningRates[0] is >= 0 and <= 1);
    }
}
