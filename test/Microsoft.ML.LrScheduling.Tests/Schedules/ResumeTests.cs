using System.Text.Json;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Tests.Schedules;

[TestClass]
public sealed class ResumeTests
{
    private const int Steps = 40;

    [TestMethod]
    public void Any_schedule_resumes_after_every_step_bit_for_bit() =>
        ScheduleDraw.Check(RandomSchedules.Nested, 400, draw => AssertResumes(draw, draw.Step));

    [TestMethod]
    public void Any_schedule_resumes_after_every_minibatch_and_epoch_bit_for_bit() =>
        ScheduleDraw.Check(RandomSchedules.Nested, 400, draw => AssertResumes(draw, draw.Train));

    [TestMethod]
    public void Any_schedule_that_is_not_made_of_others_resumes_bit_for_bit() =>
        ScheduleDraw.Check(RandomSchedules.Simple, 400, draw => AssertResumes(draw, draw.Train));

    [TestMethod]
    public void A_state_of_another_kind_or_a_damaged_one_is_refused()
    {
        var plateau = LrSchedule.ReduceLROnPlateau(patience: 2).Start(0.1);
        plateau.Step(1.0);
        var state = plateau.Save();
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => LrSchedule.StepLR(3).Resume(state)).Message,
            "state is not one that a running StepLR saved");
        Assert.ThrowsExactly<ArgumentException>(() => plateau.Schedule.Resume(LrSchedule.StepLR(3).Start(0.1).Save()));
        Assert.ThrowsExactly<ArgumentException>(() => plateau.Schedule.Resume(state with { LearningRates = [] }));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => plateau.Schedule.Resume(state with { LearningRates = [double.NaN] }));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => plateau.Schedule.Resume(state with { StepCount = -1 }));
        Assert.ThrowsExactly<ArgumentException>(() =>
            plateau.Schedule.Resume(state with { Schedule = state.Schedule with { Values = [1.0, 99, 0] } }),
            "more than patience forgives");
    }

    /// <summary>
    /// Saves after every step, through JSON; a scheduler of a copy of the schedule, that knows nothing but the state, has to go the rest of
    /// the way as the one that never stopped.
    /// </summary>
    private static void AssertResumes(ScheduleDraw draw, Action<LrScheduler, int> step)
    {
        var copy = LrSchedule.FromJson(draw.Schedule.ToJson());
        var (whole, states) = (new List<long[]>(), new List<string>());
        var scheduler = draw.Start();
        for (var time = 0; time <= Steps; step(scheduler, time++))
        {
            states.Add(JsonSerializer.Serialize(scheduler.Save()));
            whole.Add(Bits(scheduler));
        }

        for (var stop = 0; stop <= Steps; stop++)
        {
            var resumed = copy.Resume(JsonSerializer.Deserialize<LrSchedulerState>(states[stop])!);
            Assert.AreEqual(states[stop], JsonSerializer.Serialize(resumed.Save()));
            for (var time = stop; time <= Steps; step(resumed, time++))
                CollectionAssert.AreEqual(whole[time], Bits(resumed), $"stopped after {stop} steps, differs after {time}");
        }
    }

    private static long[] Bits(LrScheduler scheduler) =>
        [.. scheduler.LearningRates.Concat(scheduler.Momenta).Select(BitConverter.DoubleToInt64Bits), scheduler.StepCount];
}
