using Microsoft.ML.LrScheduling.Schedules;
using static Microsoft.ML.LrScheduling.Schedules.LrSchedule;

namespace Microsoft.ML.LrScheduling.Tests.Schedules;

/// <summary>Lengths that are fractions of the training run.</summary>
[TestClass]
public sealed class RunPartTests
{
    [TestMethod]
    public void A_fraction_of_the_run_becomes_steps_of_the_interval()
    {
        AssertFilled(CosineAnnealingLR(10), CosineAnnealingLR(0.5));
        AssertFilled(
            CosineAnnealingLR(80) with { Interval = ScheduleInterval.Batch },
            CosineAnnealingLR(0.5) with { Interval = ScheduleInterval.Batch });
        AssertFilled(PolynomialLR(20), PolynomialLR(1.0));
        AssertFilled(LinearLR(totalIters: 5), LinearLR(totalIters: 0.25));
        AssertFilled(MultiStepLR([6, 18]), MultiStepLR([0.3, 0.9]));
        AssertFilled(MultiStepLR([3, 18]), MultiStepLR([3, 0.9]));
        AssertFilled(PiecewiseLR([0, 10, 20], [0, 1, 0]), PiecewiseLR([0, 0.5, 1.0], [0, 1, 0]));
        AssertFilled(StepLR(6), StepLR(0.34));
        AssertFilled(WarmupStableDecayLR(2, 4, 14), WarmupStableDecayLR(0.1, 0.2));
        AssertFilled(CyclicLR(0, 1, 40, 80), CyclicLR(0, 1, 0.25, 0.5));
        AssertFilled(CosineAnnealingWarmRestarts(5), CosineAnnealingWarmRestarts(0.25));
        // A step at least, and what is left over of one does not count: 0.29 · 100 is 28.999999999999996 as computed.
        AssertFilled(CosineDecayLR(1), CosineDecayLR(0.01));
        Assert.AreEqual<LrSchedule>(CosineDecayLR(29), CosineDecayLR(0.29).ForRun(100, 1));
    }

    [TestMethod]
    public void A_milestone_that_is_a_fraction_of_a_short_run_is_at_least_1_step()
    {
        // 0.1 of 9 epochs is 0.9 of one.
        var warm = ConstantLR(1).WithWarmup(0.1, startFactor: 0.01).ForRun(9, 1);
        Assert.AreEqual(ConstantLR(1).WithWarmup(1, startFactor: 0.01), warm);
        CollectionAssert.AreEqual(
            new[] { 0.01, 1, 1, 1, 1, 1, 1, 1, 1 }, warm.Preview(epochs: 9, stepsPerEpoch: 1, 1.0).Rates().ToArray());
        Assert.AreEqual<LrSchedule>(MultiStepLR([1, 4], 0.1), MultiStepLR([0.1, 0.5], 0.1).ForRun(9, 1));
        Assert.AreEqual<LrSchedule>(MultiStepLR([1, 1, 2], 0.1), MultiStepLR([0.01, 0.1, 2], 0.1).ForRun(9, 1));
        // A whole number stays what it is.
        Assert.AreEqual<LrSchedule>(PiecewiseLR([0, 1, 9], [0, 1, 0]), PiecewiseLR([0, 0.1, 1.0], [0, 1, 0]).ForRun(9, 1));
        Assert.AreEqual<LrSchedule>(MultiStepLR([0, 4], 0.1), MultiStepLR([0, 0.5], 0.1).ForRun(9, 1));
    }

    [TestMethod]
    public void Within_a_sequence_the_run_is_that_between_its_milestones()
    {
        AssertFilled(
            SequentialLR([LinearLR(0, totalIters: 4), CosineDecayLR(16)], [4]),
            SequentialLR([LinearLR(0, totalIters: 1.0), CosineDecayLR(1.0)], [0.2]));
        AssertFilled(CosineDecayLR(16).WithWarmup(4), CosineDecayLR(1.0).WithWarmup(0.2));
        AssertFilled(CosineDecayLR(20) with { StartStep = 5 }, CosineDecayLR(0.8) with { StartStep = 5 });
    }

    [TestMethod]
    public void It_is_written_with_its_point()
    {
        foreach (var (schedule, text, json) in new[]
        {
            ((LrSchedule)CosineAnnealingLR(0.5), "CosineAnnealingLR(tMax: 0.5)", """{"type":"CosineAnnealingLR","tMax":0.5}"""),
            (CosineAnnealingLR(1.0), "CosineAnnealingLR(tMax: 1.0)", """{"type":"CosineAnnealingLR","tMax":1.0}"""),
            (CosineAnnealingLR(1), "CosineAnnealingLR(tMax: 1)", """{"type":"CosineAnnealingLR","tMax":1}"""),
            (MultiStepLR([0.3, 1.0]), "MultiStepLR(milestones: [0.3, 1.0])",
                """{"type":"MultiStepLR","milestones":[0.3,1.0]}"""),
        })
        {
            Assert.AreEqual((text, json), (schedule.ToString(), schedule.ToJson()));
            Assert.AreEqual((schedule, schedule), (Parse(text), FromJson(json)));
        }
    }

    [TestMethod]
    public void What_is_no_length_is_refused()
    {
        StringAssert.StartsWith(
            Assert.ThrowsExactly<FormatException>(() => Parse("CosineAnnealingLR(1.5)")).Message,
            "column 19: tMax must be a whole number, or a fraction of the run in (0, 1]. Received: 1.5");
        foreach (var (message, act) in new (string, Action)[]
        {
            ("tMax must be a whole number (0, not 0.0), or a fraction of the run in (0, 1]. Received: 0.0", () => CosineAnnealingLR(0.0)),
            ("tMax must be a whole number (2, not 2.0), or a fraction of the run in (0, 1]. Received: 2.0", () => CosineAnnealingLR(2.0)),
            ("stepSize must be a whole number, or a fraction of the run in (0, 1]. Received: 1.5", () => StepLR(1.5)),
            ("steps must be a whole number, or a fraction of the run in (0, 1]. Received: -0.1", () => StepLR(1).WithWarmup(-0.1)),
            ("milestones must be a whole number (30, not 30.0), or a fraction of the run in (0, 1]. Received: 30.0",
                () => MultiStepLR([10, 30.0])),
            ("noiseEnd must be at least noiseStart (0.5). Received: 0.2", () => StepLR(1).WithNoise(0.5, 0.2)),
            ("noiseEnd must be at least noiseStart (5). Received: 4", () => StepLR(1).WithNoise(5, 4)),
            // Which is known once the run is.
            ("noiseEnd must be at least noiseStart (5). Received: 4", () => StepLR(1).WithNoise(5, 0.4).ForRun(10, 1)),
        })
            StringAssert.StartsWith(Assert.ThrowsExactly<ArgumentOutOfRangeException>(act).Message, message);
        Assert.AreEqual<LrSchedule>(StepLR(1).WithNoise(5, 5), StepLR(1).WithNoise(5, 0.5).ForRun(10, 1));
        foreach (var (text, message) in new[]
        {
            ("StepLR(2147483648)", "column 8: stepSize must be in [0, 2147483647]. Received: 2147483648"),
            ("MultiStepLR([1e10, 2])", "column 13: milestones must be in [0, 2147483647]. Received: [1"),
            ("ReduceLROnPlateau(patience: 3e9)", "column 19: patience must be in [0, 2147483647]. Received: 3000000000"),
        })
            StringAssert.StartsWith(Assert.ThrowsExactly<FormatException>(() => Parse(text)).Message, message);
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => MultiStepLR([0.5, 0.3])).Message,
            "milestones must be in ascending order. Received: 0.3 after 0.5");
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => MultiStepLR([0.5, 30]).ForRun(100, 1)).Message,
            "milestones must be in ascending order. Received: 30 after 50");
        StringAssert.StartsWith(
            Assert.ThrowsExactly<InvalidOperationException>(() => CosineAnnealingLR(0.5).WithWarmup(3).Start(1)).Message,
            "tMax of CosineAnnealingLR is a fraction of a training run: give steps, or call ForRun(epochs, stepsPerEpoch).");
    }

    private static void AssertFilled(LrSchedule expected, LrSchedule schedule) =>
        Assert.AreEqual(expected, schedule.ForRun(epochs: 20, stepsPerEpoch: 8), $"{schedule}");
}
