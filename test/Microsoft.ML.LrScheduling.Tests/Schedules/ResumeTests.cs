using System.Text.Json;
using System.Text.Json.Serialization;
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
    public void A_state_goes_through_JSON_that_leaves_out_defaults()
    {
        var schedule = LrSchedule.SequentialLR([LrSchedule.StepLR(3), LrSchedule.ReduceLROnPlateau()], [4]);
        var options = new JsonSerializerOptions { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault };
        var state = schedule.Start(0.1).Save();
        Assert.AreEqual(state, JsonSerializer.Deserialize<LrSchedulerState>(JsonSerializer.Serialize(state, options), options));
    }

    [TestMethod]
    public void A_state_of_another_kind_or_a_damaged_one_is_refused()
    {
        var plateau = LrSchedule.ReduceLROnPlateau(patience: 2).Start(0.1);
        plateau.Step(1.0);
        var state = plateau.Save();
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => LrSchedule.StepLR(3).Resume(state with { ScheduleText = null })).Message,
            "state is not the saved state of a StepLR");
        Assert.ThrowsExactly<ArgumentException>(() => plateau.Schedule.Resume(LrSchedule.StepLR(3).Start(0.1).Save()));
        Assert.ThrowsExactly<ArgumentException>(() => plateau.Schedule.Resume(state with { LearningRates = [] }));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => plateau.Schedule.Resume(state with { LearningRates = [double.NaN] }));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => plateau.Schedule.Resume(state with { StepCount = -1 }));
        Assert.ThrowsExactly<ArgumentException>(() =>
            plateau.Schedule.Resume(state with { Schedule = state.Schedule with { Values = [1.0, 99, 0] } }),
            "more than patience forgives");
    }

    [TestMethod]
    public void A_state_of_a_GreedyLR_is_whole_and_within_its_settings()
    {
        var schedule = LrSchedule.GreedyLR(patience: 2, cooldown: 3, warmup: 4, resetStart: 5, smooth: true, windowSize: 2);
        var scheduler = schedule.Start(0.1, 0.2);
        scheduler.Step(1.0);
        scheduler.Step(1.5);
        var state = scheduler.Save();
        // The best, good and bad epochs, those left of the cooldown and the warmup, decreases left, the sum, two rates, and two metrics.
        var values = state.Schedule.Values.ToArray();
        CollectionAssert.AreEqual(new[] { 1, 0, 1, 0, 0, 5, 2.5, 0.1, 0.2, 1, 1.5 }, values);
        double[] most = [2, 2, 3, 4, 5];
        for (var i = 1; i <= 5; i++)
        {
            IsKept(With(i, most[i - 1]));
            IsKept(With(i, 1));
            foreach (var wrong in new[] { -1, 0.5, most[i - 1] + 1, double.NaN }) IsRefused(With(i, wrong));
        }

        foreach (var i in new[] { 7, 8 })
        {
            IsKept(With(i, 0));
            foreach (var wrong in new[] { -1, double.NaN, double.PositiveInfinity }) IsRefused(With(i, wrong));
        }

        IsRefused(With(0, double.NaN));
        IsKept(state with { Schedule = state.Schedule with { Values = [.. values[..9]] } });
        IsRefused(state with { Schedule = state.Schedule with { Values = [.. values[..8]] } });
        IsRefused(state with { Schedule = state.Schedule with { Values = [.. values, 1] } });
        IsRefused(state with { Schedule = state.Schedule with { Parts = [LrSchedule.StepLR(1).Start(0.1).Save().Schedule] } });
        // Only one that smooths has metrics.
        schedule = schedule with { Smooth = false };
        state = state with { ScheduleText = null };
        IsRefused(state);
        IsKept(state with { Schedule = state.Schedule with { Values = [.. values[..9]] } });

        LrSchedulerState With(int i, double value) =>
            state with { Schedule = state.Schedule with { Values = [.. values[..i], value, .. values[(i + 1)..]] } };
        void IsRefused(LrSchedulerState bad) => Assert.ThrowsExactly<ArgumentException>(() => schedule.Resume(bad));
        void IsKept(LrSchedulerState good) => Assert.AreEqual(good.Schedule, schedule.Resume(good).Save().Schedule);
    }

    [TestMethod]
    public void A_state_of_other_settings_is_refused_and_the_difference_named()
    {
        var state = LrSchedule.StepLR(3, 0.1).Start(0.1).Save();
        var error = Assert.ThrowsExactly<ArgumentException>(() => LrSchedule.StepLR(1, 0.1).Resume(state));
        StringAssert.StartsWith(error.Message, "state belongs to another schedule: stepSize of StepLR was 3 and is 1. Resume the ");
        AssertNames("it was StepLR(stepSize: 3) and is ExponentialLR(gamma: 0.5)", LrSchedule.StepLR(3), LrSchedule.ExponentialLR(0.5));
        AssertNames("interval of StepLR was epoch and is batch", LrSchedule.StepLR(3),
            LrSchedule.StepLR(3) with { Interval = ScheduleInterval.Batch });
        AssertNames("metric of ReduceLROnPlateau was null and is rSquared", LrSchedule.ReduceLROnPlateau(),
            LrSchedule.ReduceLROnPlateau(metric: Metric.RSquared));
        AssertNames("within schedule 2 of SequentialLR, within FloorLR, tMax of CosineAnnealingLR was 9 and is 8",
            LrSchedule.CosineAnnealingLR(9).WithFloor(0.1).WithWarmup(2), LrSchedule.CosineAnnealingLR(8).WithFloor(0.1).WithWarmup(2));
        AssertNames("milestones of MultiStepLR was [1, 2] and is [1, 3]", LrSchedule.MultiStepLR([1, 2]), LrSchedule.MultiStepLR([1, 3]));
        AssertNames(
            "it was LambdaLR(lrLambda: delegate) and is LambdaLR(lrLambda: \"1\")", LrSchedule.LambdaLR(_ => 1), LrSchedule.LambdaLR("1"));

        static void AssertNames(string difference, LrSchedule was, LrSchedule now) => StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentException>(() => now.Resume(was.Start(0.1).Save())).Message,
            $"state belongs to another schedule: {difference}. ");
    }

    [TestMethod]
    public void A_state_without_the_text_of_its_schedule_goes_on_as_do_equal_schedules_and_delegates()
    {
        var scheduler = LrSchedule.StepLR(3, 0.1).Start(0.1);
        scheduler.Step();
        var state = scheduler.Save();
        Assert.AreEqual("StepLR(stepSize: 3)", state.ScheduleText);
        Assert.AreEqual(1, LrSchedule.StepLR(1).Resume(state with { ScheduleText = null }).StepCount);
        Assert.AreEqual(1, LrSchedule.StepLR(3).Resume(state with { ScheduleText = "StepLR(gamma: 0.10, stepSize: 3)" }).StepCount);
        Assert.AreEqual(0, LrSchedule.LambdaLR(_ => 1).Resume(LrSchedule.LambdaLR(_ => 2).Start(0.1).Save()).StepCount);

        // A long schedule does not make a long state.
        var steps = Enumerable.Range(0, 5000).ToArray();
        var longState = LrSchedule.MultiStepLR([.. steps]).Start(0.1).Save();
        Assert.IsLessThan(500, longState.ScheduleText!.Length);
        Assert.AreEqual(longState, LrSchedule.MultiStepLR([.. steps]).Resume(longState).Save());
        Assert.ThrowsExactly<ArgumentException>(() => LrSchedule.MultiStepLR([.. steps[..^1], 5000]).Resume(longState));

        // As it was written before it had the text, and was nested.
        const string Old = """
            {"StepCount":1,"InitialLearningRates":[0.1],"LearningRates":[0.1],"Momenta":[],"Schedule":{"Kind":"ChainedScheduler","Step":0,
            "Values":[0.1,0.1],"Parts":[{"Kind":"StepLR","Step":1,"Values":[],"Parts":[]},
            {"Kind":"ReduceLROnPlateau","Step":1,"Values":["Infinity",0,0],"Parts":[]}]}}
            """;
        var chain = LrSchedule.ChainedScheduler([LrSchedule.StepLR(2), LrSchedule.ReduceLROnPlateau()]);
        var resumed = chain.Resume(JsonSerializer.Deserialize<LrSchedulerState>(Old)!);
        resumed.Step(1);
        Assert.AreEqual(0.01, resumed.LearningRates[0], 1e-16);
    }

    [TestMethod]
    [DataRow("[]")]
    [DataRow("[null]")]
    [DataRow("[{\"Kind\":\"StepLR\",\"Step\":1,\"Parts\":1}]")]
    [DataRow("[{\"Kind\":\"StepLR\",\"Step\":1,\"Parts\":-1}]")]
    [DataRow("[{\"Kind\":\"StepLR\",\"Step\":1,\"Parts\":0},{\"Kind\":\"StepLR\",\"Step\":1,\"Parts\":0}]")]
    [DataRow("[{\"Kind\":\"StepLR\"}]")]
    [DataRow("[{\"Kind\":\"StepLR\",\"Step\":1,\"Values\":null}]")]
    [DataRow("{\"Kind\":\"StepLR\",\"Step\":1,\"Parts\":[null]}")]
    [DataRow("{\"Kind\":\"StepLR\",\"Step\":1,\"Parts\":null}")]
    [DataRow("3")]
    public void A_list_of_states_that_is_none_is_refused(string json) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<ScheduleState>(json));

    [TestMethod]
    public void A_list_of_states_that_is_nested_too_deep_is_refused()
    {
        var json = $"[{string.Join(',', Enumerable.Repeat("{\"Kind\":\"ChainedScheduler\",\"Step\":0,\"Parts\":1}", 1000))}]";
        StringAssert.Contains(Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<ScheduleState>(json)).Message, "32 deep");
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
