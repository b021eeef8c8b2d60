using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Tests.Schedules;

/// <summary><see cref="LrSchedule.ForRun"/>: lengths taken from a training run, and schedules that are too short for one.</summary>
[TestClass]
public sealed class RunLengthTests
{
    [TestMethod]
    public void OneCycleLR_takes_the_steps_of_its_interval()
    {
        Assert.AreEqual<LrSchedule>(LrSchedule.OneCycleLR(1, 40), LrSchedule.OneCycleLR(1).ForRun(5, 8));
        var byEpoch = LrSchedule.OneCycleLR(1) with { Interval = ScheduleInterval.Epoch };
        Assert.AreEqual(byEpoch with { TotalSteps = 5 }, byEpoch.ForRun(5, 8));
        Assert.AreEqual<LrSchedule>(
            LrSchedule.OneCycleLR(1, (long)int.MaxValue * int.MaxValue), LrSchedule.OneCycleLR(1).ForRun(int.MaxValue, int.MaxValue));
    }

    [TestMethod]
    public void OneCycleLR_refuses_a_longer_run()
    {
        var schedule = LrSchedule.OneCycleLR(1, totalSteps: 40);
        Assert.AreEqual(schedule, schedule.ForRun(5, 8));
        Assert.AreEqual(schedule, schedule.ForRun(3, 8));
        var within = LrSchedule.ChainedScheduler([LrSchedule.StepLR(1), LrSchedule.SequentialLR([schedule], [])]);
        foreach (var tooShort in new LrSchedule[] { schedule, within })
        {
            var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => tooShort.ForRun(6, 7));
            StringAssert.StartsWith(
                error.Message, "totalSteps must be at least 42, the steps of OneCycleLR in the training run (one a minibatch), "
                + "or left out. Received: 40");
        }
    }

    [TestMethod]
    public void WarmupStableDecayLR_is_stable_for_what_is_left()
    {
        var schedule = LrSchedule.WarmupStableDecayLR(warmupSteps: 10, decaySteps: 20);
        Assert.AreEqual(schedule with { StableSteps = 2 }, schedule.ForRun(32, 8));
        Assert.AreEqual(schedule with { StableSteps = 0 }, schedule.ForRun(5, 8));
        var byBatch = schedule with { Interval = ScheduleInterval.Batch };
        Assert.AreEqual(byBatch with { StableSteps = 10 }, byBatch.ForRun(5, 8));
    }

    [TestMethod]
    public void Within_a_sequence_the_length_is_that_between_milestones()
    {
        var cycle = LrSchedule.OneCycleLR(1);
        var byEpoch = cycle with { Interval = ScheduleInterval.Epoch };
        var constant = LrSchedule.ConstantLR();
        AssertFilled([16, 24], LrSchedule.SequentialLR([cycle, cycle, constant], [2, 5]));
        AssertFilled([24, 16], LrSchedule.SequentialLR([constant, cycle, cycle], [1, 4]));
        AssertFilled([2, 3], LrSchedule.SequentialLR([byEpoch, byEpoch, constant], [2, 5]));
        AssertFilled([10, 38], LrSchedule.SequentialLR([cycle, cycle], [10]) with { Interval = ScheduleInterval.Batch });
        // A milestone within an epoch leaves a part of one, after which a schedule by epoch steps too.
        AssertFilled([2, 5], LrSchedule.SequentialLR([byEpoch, byEpoch], [10]) with { Interval = ScheduleInterval.Batch });
        AssertFilled([38], cycle.WithWarmup(10));
        AssertFilled([48, 40, 6], LrSchedule.ChainedScheduler([cycle, LrSchedule.SequentialLR([constant, cycle], [1]), byEpoch]));
        AssertFilled([32, 16], LrSchedule.SequentialLR([LrSchedule.SequentialLR([constant, cycle, cycle], [0, 4])], []));

        // Where the run ends before the milestone: what there is of the run, and at least one step.
        AssertFilled([48, 1], LrSchedule.SequentialLR([cycle, cycle], [100]));

        static void AssertFilled(long[] lengths, LrSchedule schedule) =>
            CollectionAssert.AreEqual(lengths, Lengths(schedule.ForRun(epochs: 6, stepsPerEpoch: 8)).ToArray(), $"{schedule}");

        static IEnumerable<long> Lengths(LrSchedule schedule) =>
            schedule is OneCycleLR { TotalSteps: { } steps } ? [steps] : schedule.Parts.SelectMany(Lengths);
    }

    [TestMethod]
    public void Within_a_sequence_a_schedule_has_to_last_until_the_next_milestone()
    {
        var schedule = LrSchedule.SequentialLR([LrSchedule.OneCycleLR(1, totalSteps: 16), LrSchedule.ConstantLR()], [2]);
        Assert.AreEqual(schedule, schedule.ForRun(100, 8));
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => schedule.ForRun(100, 9));
        StringAssert.StartsWith(error.Message, "totalSteps must be at least");
    }

    [TestMethod]
    public void A_length_that_is_missing_is_asked_for_at_the_start()
    {
        AssertAsked(LrSchedule.OneCycleLR(1), "totalSteps");
        AssertAsked(LrSchedule.WarmupStableDecayLR(1, 1), "stableSteps");

        static void AssertAsked(LrSchedule schedule, string name)
        {
            foreach (var whole in new[] { schedule, schedule.WithWarmup(3), LrSchedule.ChainedScheduler([LrSchedule.StepLR(1), schedule]) })
            {
                var error = Assert.ThrowsExactly<InvalidOperationException>(() => whole.Start(1));
                StringAssert.Contains(error.Message, name);
                StringAssert.Contains(error.Message, "ForRun(epochs, stepsPerEpoch)");
            }
        }
    }

    [TestMethod]
    [DataRow(0, 1, "epochs")]
    [DataRow(-1, 1, "epochs")]
    [DataRow(1, 0, "stepsPerEpoch")]
    [DataRow(1, int.MinValue, "stepsPerEpoch")]
    public void A_run_has_an_epoch_and_a_minibatch(int epochs, int stepsPerEpoch, string name) => StringAssert.StartsWith(
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => LrSchedule.StepLR(1).ForRun(epochs, stepsPerEpoch)).Message,
        $"{name} must be at least 1. Received: {Math.Min(epochs, stepsPerEpoch)}");

    [TestMethod]
    public void Any_schedule_is_filled_in_once_and_runs_or_refuses() => ScheduleDraw.Check(RandomSchedules.Open, 1000, draw =>
    {
        var random = new Random(draw.Seed);
        var (epochs, batches) = (random.Next(1, 20), random.Next(1, 10));
        LrSchedule filled;
        try
        {
            filled = draw.Schedule.ForRun(epochs, batches);
        }
        catch (ArgumentOutOfRangeException error)
        {
            StringAssert.StartsWith(error.Message, "totalSteps must be at least ");
            return;
        }

        Assert.AreEqual(filled, filled.ForRun(epochs, batches));
        Assert.AreEqual(draw.Schedule.Size, filled.Size);
        var run = draw with { Schedule = filled };
        var scheduler = run.Start();
        for (var time = 0; time < 50; time++) run.Train(scheduler, time);
    });

    [TestMethod]
    public void A_part_that_begins_and_ends_within_epochs_counts_each_of_them()
    {
        // Three minibatches an epoch; the cycle is active in minibatch 5 (epoch 1), 6 to 8 (epoch 2) and 9 (epoch 3): three rates.
        var cycle = LrSchedule.OneCycleLR(1) with { Interval = ScheduleInterval.Epoch };
        var sequence = LrSchedule.SequentialLR([LrSchedule.ConstantLR(), cycle, LrSchedule.ConstantLR()], [5, 10]);
        var schedule = sequence with { Interval = ScheduleInterval.Batch };
        Assert.AreEqual(3, ((OneCycleLR)((SequentialLR)schedule.ForRun(4, 3)).Schedules[1]).TotalSteps);
    }
}
