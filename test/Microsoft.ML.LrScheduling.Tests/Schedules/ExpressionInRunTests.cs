using Microsoft.ML.LrScheduling.Schedules;
using static Microsoft.ML.LrScheduling.Schedules.LrSchedule;

namespace Microsoft.ML.LrScheduling.Tests.Schedules;

/// <summary>Expressions in the length of the run and in the initial rate of the group.</summary>
[TestClass]
public sealed class ExpressionInRunTests
{
    [TestMethod]
    public void The_length_of_the_run_takes_the_place_of_its_names()
    {
        var line = LambdaLR("1 - epoch / steps");
        Assert.AreEqual<LrSchedule>(LambdaLR("1 - epoch / 20"), line.ForRun(20, 5));
        var byBatch = LambdaLR("1 - epoch / steps + 0 * epochs") with { Interval = ScheduleInterval.Batch };
        Assert.AreEqual(
            LambdaLR("1 - epoch / 100 + 0 * 20") with { Interval = ScheduleInterval.Batch }, byBatch.ForRun(20, 5));
        Assert.AreEqual<LrSchedule>(MultiplicativeLR("1 - 1 / 20"), MultiplicativeLR("1 - 1 / epochs").ForRun(20, 5));
        Assert.AreEqual<LrSchedule>(CyclicLR(0, 1, scaleFn: "x / 100"), CyclicLR(0, 1, scaleFn: "x / steps").ForRun(20, 5));
        // After a warmup it is what is left of the run.
        Assert.AreEqual<LrSchedule>(LambdaLR("1 - epoch / 15"), ((SequentialLR)line.WithWarmup(5).ForRun(20, 5)).Schedules[1]);
        Curve.AssertIs(step => 0.1 * (1 - step / 20.0), [.. line.Preview(20, 1, 0.1).Rates()]);
    }

    [TestMethod]
    public void Without_a_run_its_length_is_asked_for()
    {
        foreach (var schedule in new LrSchedule[]
            { LambdaLR("1 / epochs"), MultiplicativeLR("1", "steps"), CyclicLR(0, 1, scaleFn: "steps") })
        {
            var message = Assert.ThrowsExactly<InvalidOperationException>(() => schedule.WithWarmup(3).Start(1, 1)).Message;
            StringAssert.Contains(message, "takes its length from a training run: call ForRun(epochs, stepsPerEpoch).");
        }
    }

    [TestMethod]
    public void The_initial_rate_is_that_of_the_group()
    {
        // A floor of 0.05 for each group, whose rates begin at 0.1 and 0.2.
        var scheduler = LambdaLR("max(0.05, initial * 0.5 ** epoch) / initial").Start(0.1, 0.2);
        scheduler.StepTo(1);
        Assert.AreEqual((0.05, 0.1), (scheduler.LearningRates[0], scheduler.LearningRates[1]));
        scheduler.StepTo(9);
        Assert.AreEqual((0.05, 0.05), (scheduler.LearningRates[0], scheduler.LearningRates[1]));
        scheduler = MultiplicativeLR("initial > 0.15 ? 0.5 : 1").Start(0.1, 0.2);
        scheduler.Step();
        Assert.AreEqual((0.1, 0.1), (scheduler.LearningRates[0], scheduler.LearningRates[1]));
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentException>(() => CyclicLR(0, 1, scaleFn: "initial")).Message,
            "scaleFn must not name initial, since the initial rate plays no part in a cycle. Received: initial");
    }

    [TestMethod]
    public void What_is_read_still_fits_when_numbers_take_the_place_of_names()
    {
        var longest = string.Join(" + ", Enumerable.Repeat("steps", 45));
        Assert.IsTrue(LambdaLR(longest).ForRun(int.MaxValue, int.MaxValue).Start(1).LearningRates[0] > 9e10);
        Assert.ThrowsExactly<FormatException>(() => LambdaLR(string.Join(" + ", Enumerable.Repeat("steps", 46))));
    }
}
