using FsCheck;
using FsCheck.Fluent;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Tests.Schedules;

[TestClass]
public sealed class ScheduleTests
{
    [TestMethod]
    public void A_lambda_of_all_groups_is_called_once_a_step()
    {
        var called = new List<int>();
        var scheduler = LrSchedule.LambdaLR(epoch =>
        {
            called.Add(epoch);
            return 1;
        }).Start(0.1, 0.2, 0.3);
        scheduler.Step();
        scheduler.Step();
        CollectionAssert.AreEqual((int[])[0, 1, 2], called);
    }

    [TestMethod]
    public void ReduceLROnPlateau_cools_down_and_stops_at_the_minimum()
    {
        var scheduler = LrSchedule.ReduceLROnPlateau(factor: 0.5, patience: 0, cooldown: 2, minLr: [0.3, 0.0]).Start(1.0, 1.0);
        scheduler.Step(1.0);
        // Worse from here on: a cut, two epochs in which nothing counts, a cut …
        var rates = Enumerable.Range(0, 9).Select(_ =>
        {
            scheduler.Step(2.0);
            return (scheduler.LearningRates[0], scheduler.LearningRates[1]);
        }).ToArray();
        CollectionAssert.AreEqual(
            new[] { (0.5, 0.5), (0.5, 0.5), (0.5, 0.5), (0.3, 0.25), (0.3, 0.25), (0.3, 0.25), (0.3, 0.125), (0.3, 0.125), (0.3, 0.125) },
            rates);
    }

    [TestMethod]
    public void ReduceLROnPlateau_puts_a_relative_bar_on_the_right_side_of_a_negative_best()
    {
        // Of −1 with a threshold of 10 %, −1.05 is no improvement and −1.2 is one. (PyTorch's bar is at −0.9.)
        var schedule = LrSchedule.ReduceLROnPlateau(patience: 0, threshold: 0.1);
        var (same, better) = (schedule.Start(1.0), schedule.Start(1.0));
        same.Step(-1.0);
        better.Step(-1.0);
        same.Step(-1.05);
        better.Step(-1.2);
        Assert.AreEqual(0.1, same.LearningRates[0], 1e-15);
        Assert.AreEqual(1.0, better.LearningRates[0]);

        var max = LrSchedule.ReduceLROnPlateau(PlateauMode.Max, patience: 0, threshold: 0.1).Start(1.0);
        max.Step(-1.0);
        max.Step(-0.85);
        Assert.AreEqual(1.0, max.LearningRates[0]);
        max.Step(-0.8);
        Assert.AreEqual(0.1, max.LearningRates[0], 1e-15);
    }

    [TestMethod]
    public void A_schedule_that_watches_a_metric_asks_for_it()
    {
        var scheduler = LrSchedule.ReduceLROnPlateau().Start(1.0);
        var error = Assert.ThrowsExactly<InvalidOperationException>(scheduler.Step);
        StringAssert.Contains(error.Message, "Call Step(metric)");
        Assert.AreEqual(0, scheduler.StepCount);
    }

    [TestMethod]
    public void Only_what_concerns_the_interval_is_a_step()
    {
        var byEpoch = LrSchedule.StepLR(1, 0.5).Start(1.0);
        var byBatch = (LrSchedule.StepLR(1, 0.5) with { Interval = ScheduleInterval.Batch }).Start(1.0);
        foreach (var scheduler in new[] { byEpoch, byBatch })
        {
            for (var batch = 0; batch < 3; batch++) scheduler.Advance(ScheduleInterval.Batch);
            scheduler.Advance(ScheduleInterval.Epoch);
        }

        Assert.AreEqual((0.5, 1L), (byEpoch.LearningRates[0], byEpoch.StepCount));
        Assert.AreEqual((0.125, 3L), (byBatch.LearningRates[0], byBatch.StepCount));
    }

    [TestMethod]
    public void Schedules_are_equal_by_content()
    {
        Func<int, double> lambda = epoch => 1.0 / (1 + epoch);
        Assert.AreEqual<LrSchedule>(LrSchedule.StepLR(30, 0.1), LrSchedule.StepLR(30));
        Assert.AreNotEqual<LrSchedule>(LrSchedule.StepLR(30, 0.1), LrSchedule.StepLR(30, 0.2));
        Assert.AreNotEqual<LrSchedule>(LrSchedule.StepLR(30), LrSchedule.StepLR(30) with { Interval = ScheduleInterval.Batch });
        Assert.AreEqual<LrSchedule>(LrSchedule.LambdaLR(lambda, lambda), LrSchedule.LambdaLR(lambda, lambda));
        Assert.AreEqual<LrSchedule>(LrSchedule.ReduceLROnPlateau(minLr: [0.1, 0.2]), LrSchedule.ReduceLROnPlateau(minLr: [0.1, 0.2]));
        Assert.AreEqual(
            LrSchedule.ReduceLROnPlateau(minLr: [0.1, 0.2]).GetHashCode(), LrSchedule.ReduceLROnPlateau(minLr: [0.1, 0.2]).GetHashCode());
        Assert.AreNotEqual<LrSchedule>(LrSchedule.ReduceLROnPlateau(minLr: [0.1, 0.2]), LrSchedule.ReduceLROnPlateau(minLr: 0.1));
    }

    [TestMethod]
    public void Growth_without_end_stays_finite()
    {
        var scheduler = LrSchedule.StepLR(stepSize: 1, gamma: 1e100).Start(1.0);
        for (var i = 0; i < 10; i++) scheduler.Step();
        Assert.AreEqual(double.MaxValue, scheduler.LearningRates[0]);
    }

    [TestMethod]
    public void A_factor_that_is_no_rate_is_refused()
    {
        var error = Assert.ThrowsExactly<ScheduleException>(() => LrSchedule.LambdaLR(epoch => double.NaN).Start(0.1));
        Assert.AreEqual("lrLambda of LambdaLR returned NaN for 0. A factor must be in [0, ∞).", error.Message);
        var schedule = LrSchedule.MultiplicativeLR("1 - epoch");
        var scheduler = schedule.Start(0.1);
        scheduler.Step();
        error = Assert.ThrowsExactly<ScheduleException>(scheduler.Step);
        Assert.AreEqual("lrLambda \"1 - epoch\" of MultiplicativeLR returned -1 for 2. A factor must be in [0, ∞).", error.Message);
        Assert.AreEqual<(LrSchedule, int?, int?, double)>(
            (schedule, null, null, -1), (error.Schedule, error.Epoch, error.Minibatch, error.Value));
        scheduler = LrSchedule.ChainedScheduler([LrSchedule.StepLR(1), LrSchedule.LambdaLR("1 / (1 - epoch)")]).Start(0.1);
        Assert.AreEqual(double.PositiveInfinity, Assert.ThrowsExactly<ScheduleException>(scheduler.Step).Value);
        // A finite factor of a large rate is one: growth stops at the largest number.
        Assert.AreEqual(double.MaxValue, LrSchedule.LambdaLR("1e308").Start(1e308).LearningRates[0]);
        // At the foot of a cycle its height does not matter.
        var cycle = LrSchedule.CyclicLR(0.1, 0.2, stepSizeUp: 2, scaleFn: "1 / x", scaleMode: ScaleMode.Iterations).Start(1);
        cycle.Step();
        Assert.AreEqual(0.1 + 0.1 * 0.5, cycle.LearningRates[0], 1e-15);
    }

    [TestMethod]
    [DataRow("stepSize must be at least 1. Received: 0", "StepSize")]
    [DataRow("gamma must be in [0, ∞). Received: -0.1", "Gamma")]
    [DataRow("gamma must be in [0, ∞). Received: NaN", "GammaNaN")]
    [DataRow("factor must be in (0, 1). Received: 1", "Factor")]
    [DataRow("patience must be at least 0. Received: -1", "Patience")]
    [DataRow("threshold must be in [0, ∞). Received: -1", "Threshold")]
    [DataRow("cooldown must be at least 0. Received: -1", "Cooldown")]
    [DataRow("minLr must be in [0, ∞). Received: -0.5", "MinLr")]
    [DataRow("eps must be in [0, ∞). Received: Infinity", "Eps")]
    [DataRow("mode must be one of Min, Max. Received: 7", "Mode")]
    [DataRow("learningRates must be in [0, ∞). Received: -1", "Rate")]
    [DataRow(
        "interval must be Epoch, since ReduceLROnPlateau watches a metric that is measured once an epoch. Received: Batch", "Interval")]
    [DataRow("stepSize must be at least 1. Received: -3", "With")]
    [DataRow("milestones must be in ascending order. Received: 30 after 80", "Order")]
    [DataRow("milestones must be in ascending order. Received: 4 after 5", "OrderOfSequence")]
    [DataRow("milestones must be in ascending order. Received: 1 after 2", "OrderOfPieces")]
    [DataRow("milestones must be at least 0. Received: -1", "Milestone")]
    [DataRow("steps must be at least 1. Received: 0", "Warmup")]
    public void An_argument_outside_its_range_is_named(string message, string argument)
    {
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => _ = argument switch
        {
            "StepSize" => LrSchedule.StepLR(0),
            "Gamma" => LrSchedule.StepLR(1, -0.1),
            "GammaNaN" => LrSchedule.StepLR(1, double.NaN),
            "Factor" => LrSchedule.ReduceLROnPlateau(factor: 1),
            "Patience" => LrSchedule.ReduceLROnPlateau(patience: -1),
            "Threshold" => LrSchedule.ReduceLROnPlateau(threshold: -1),
            "Cooldown" => LrSchedule.ReduceLROnPlateau(cooldown: -1),
            "MinLr" => LrSchedule.ReduceLROnPlateau(minLr: [0.1, -0.5]),
            "Eps" => LrSchedule.ReduceLROnPlateau(eps: double.PositiveInfinity),
            "Mode" => LrSchedule.ReduceLROnPlateau((PlateauMode)7),
            "Rate" => LrSchedule.StepLR(1).Start(0.1, -1).Schedule,
            "Interval" => LrSchedule.ReduceLROnPlateau() with { Interval = ScheduleInterval.Batch },
            "With" => (LrSchedule)(LrSchedule.StepLR(1) with { StepSize = -3 }),
            "Order" => LrSchedule.MultiStepLR([80, 30]),
            "OrderOfSequence" => LrSchedule.SequentialLR([LrSchedule.StepLR(1), LrSchedule.StepLR(1), LrSchedule.StepLR(1)], [5, 4]),
            "OrderOfPieces" => LrSchedule.PiecewiseLR([2, 1], [1, 1]),
            "Milestone" => LrSchedule.MultiStepLR([-1, 30]),
            "Warmup" => LrSchedule.StepLR(1).WithWarmup(0),
            _ => throw new ArgumentException(argument),
        });
        StringAssert.StartsWith(error.Message, message);
    }

    [TestMethod]
    public void CyclicLR_takes_momenta_and_no_peak_below_its_foot()
    {
        var cycle = LrSchedule.CyclicLR(0.1, 0.2, stepSizeUp: 2, baseMomentum: 0.5, maxMomentum: 0.75);
        Curve.AssertIs([0.75, 0.625, 0.5, 0.625, 0.75, 0.625], Curve.OfRun(cycle, 1, epochs: 1, batches: 6).Momenta);
        StringAssert.StartsWith(Assert.Throws<ArgumentException>(() => LrSchedule.CyclicLR(0.2, 0.1)).Message, "maxLr must be");
    }

    [TestMethod]
    public void SWALR_steps_once_an_epoch_whatever_its_minibatches() =>
        Curve.AssertIs(
            [0.1, 0.1, 0.3, 0.3, 0.5, 0.5],
            Curve.OfRun(LrSchedule.SWALR(0.5, annealEpochs: 2, AnnealStrategy.Linear), 0.1, epochs: 3, batches: 2).Rates);

    [TestMethod]
    public void What_JSON_leaves_out_is_what_a_call_leaves_out()
    {
        foreach (var (json, schedule) in new (string, LrSchedule)[]
            {
                ("""{"type":"TanhLR","totalIters":9}""", LrSchedule.TanhLR(9)),
                ("""{"type":"PolynomialLR"}""", LrSchedule.PolynomialLR()),
                ("""{"type":"CosineDecayLR","totalIters":9}""", LrSchedule.CosineDecayLR(9)),
                ("""{"type":"CyclicLR","baseLr":0.1,"maxLr":0.2}""", LrSchedule.CyclicLR(0.1, 0.2)),
                ("""{"type":"OneCycleLR","maxLr":0.1,"totalSteps":9}""", LrSchedule.OneCycleLR(0.1, totalSteps: 9)),
                ("""{"type":"ReduceLROnPlateau"}""", LrSchedule.ReduceLROnPlateau()),
            })
            Assert.AreEqual(schedule, LrSchedule.FromJson(json), json);
    }

    [TestMethod]
    public void Settings_by_group_have_to_fit_the_groups()
    {
        Assert.ThrowsExactly<ArgumentException>(() => LrSchedule.StepLR(1).Start());
        Assert.ThrowsExactly<ArgumentException>(() => LrSchedule.LambdaLR(Array.Empty<string>()));
        var error = Assert.ThrowsExactly<ArgumentException>(() => LrSchedule.ReduceLROnPlateau(minLr: [0.1, 0.2, 0.3]).Start(1.0, 1.0));
        StringAssert.StartsWith(error.Message, "minLr must hold one value, or one per parameter group (2). Received: 3 values");
        error = Assert.ThrowsExactly<ArgumentException>(() => LrSchedule.LambdaLR(_ => 1, _ => 1).Start(1.0));
        StringAssert.StartsWith(error.Message, "lrLambda must hold one value, or one per parameter group (1). Received: 2 values");
        PerGroup<double> three = [0.5, 0.5, 0.5];
        foreach (var (name, schedule) in new (string, LrSchedule)[]
            {
                ("baseLr", LrSchedule.CyclicLR(three, 0.5)), ("maxLr", LrSchedule.CyclicLR(0.5, three)),
                ("baseMomentum", LrSchedule.CyclicLR(0.1, 0.5, baseMomentum: three)),
                ("maxMomentum", LrSchedule.CyclicLR(0.1, 0.5, baseMomentum: 0.5, maxMomentum: three)),
            })
        {
            error = Assert.ThrowsExactly<ArgumentException>(() => schedule.Start(1.0, 1.0));
            StringAssert.StartsWith(error.Message, $"{name} must hold one value, or one per parameter group (2). Received: 3 values");
        }
    }

    [TestMethod]
    public void StepLR_is_the_initial_rate_times_gamma_for_each_full_stretch() => Draws.Hold(
        Prop.ForAll(
            ArbMap.Default.ArbFor<(byte StepSize, NormalFloat Gamma, NormalFloat Rate, byte Steps)>(), draw =>
            {
                var (stepSize, gamma, rate) = (1 + draw.StepSize, 1e-3 + Math.Abs(draw.Gamma.Get % 2), 1e-6 + Math.Abs(draw.Rate.Get % 10));
                var scheduler = LrSchedule.StepLR(stepSize, gamma).Start(rate);
                // An independent form: multiplied at each boundary, as the recursion in PyTorch's documentation has it.
                var expected = rate;
                for (var step = 0; step <= draw.Steps; step++, scheduler.Step())
                {
                    if (step > 0 && step % stepSize == 0) expected *= gamma;
                    if (Math.Abs(scheduler.LearningRates[0] - expected) > 1e-12 * expected) return false;
                }

                return true;
            }));
}
