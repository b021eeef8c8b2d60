using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Tests.Schedules;

/// <summary>What schedules made of others give, against closed forms.</summary>
[TestClass]
public sealed class CompositeTests
{
    [TestMethod]
    public void Until_a_part_cycles_the_momentum_it_is_where_that_begins_and_after_it_where_that_ended()
    {
        var cycle = LrSchedule.CyclicLR(0.1, 0.2, stepSizeUp: 2, baseMomentum: 0.5, maxMomentum: 0.75);
        var other = cycle with { MaxMomentum = 0.625 };
        var constant = LrSchedule.ConstantLR(1);
        Assert.AreEqual(0.75, LrSchedule.SequentialLR([constant, cycle, other], [2, 4]).Start(1).Momenta[0]);
        // Of a chain the last part that cycles it has its say.
        Assert.AreEqual(
            0.625, LrSchedule.SequentialLR([constant, LrSchedule.ChainedScheduler([cycle, other, constant])], [2]).Start(1).Momenta[0]);

        var scheduler = LrSchedule.SequentialLR([cycle, other with { CycleMomentum = false }], [2]).Start(1);
        scheduler.Step();
        for (var step = 2; step < 6; step++)
        {
            scheduler.Step();
            Assert.AreEqual(0.625, scheduler.Momenta[0], $"step {step}");
        }
    }

    [TestMethod]
    public void A_milestone_of_zero_leaves_the_first_schedule_out() => Curve.AssertIs(
        step => Math.Pow(0.9, step),
        Curve.Of(LrSchedule.SequentialLR([LrSchedule.ConstantLR(0.5, 100), LrSchedule.ExponentialLR(0.9)], [0]), 1, 20));

    [TestMethod]
    public void A_milestone_given_twice_leaves_the_schedule_between_out() => Curve.AssertIs(
        step => step < 3 ? 0.5 : Math.Pow(0.9, step - 3),
        Curve.Of(
            LrSchedule.SequentialLR(
                [LrSchedule.ConstantLR(0.5, 100), LrSchedule.ConstantLR(0.25, 100), LrSchedule.ExponentialLR(0.9)], milestones: [3, 3]),
            1, 20));

    [TestMethod]
    public void Milestones_of_MultiStepLR_count_as_often_as_they_are_given() => Curve.AssertIs(
        step => step < 2 ? 0.5 : step < 5 ? 0.125 : 0.0625, Curve.Of(LrSchedule.MultiStepLR([0, 2, 2, 5], gamma: 0.5), 1, 20));

    [TestMethod]
    public void Every_schedule_of_a_sequence_begins_at_its_own_step_zero_from_the_initial_rate() => Curve.AssertIs(
        step => step < 4 ? Math.Pow(0.5, step) : step < 9 ? Math.Pow(0.8, (step - 4) / 2) : 1 - Math.Min(step - 9, 5) / 5.0,
        Curve.Of(
            LrSchedule.SequentialLR(
                [LrSchedule.ExponentialLR(0.5), LrSchedule.StepLR(2, 0.8), LrSchedule.PolynomialLR(5)], milestones: [4, 9]),
            1, 30));

    [TestMethod]
    public void MultiplicativeLR_in_a_sequence_goes_on_from_the_rate_it_finds() => Curve.AssertIs(
        step => step <= 3 ? Math.Pow(0.5, step) : Math.Pow(0.5, 3 - 1) * Math.Pow(0.9, step - 3),
        // At step 3 the second begins, which changes nothing: the rate is that of step 2 still.
        Curve.Of(LrSchedule.SequentialLR([LrSchedule.ExponentialLR(0.5), LrSchedule.MultiplicativeLR("0.9")], [3]), 1, 20)
            .Select((rate, step) => step == 3 ? rate * 0.5 : rate).ToArray());

    [TestMethod]
    public void Warmup_goes_in_a_straight_line_to_the_schedule_behind_it() => Curve.AssertIs(
        step => step < 10 ? 0.2 * (0.1 + 0.09 * step) : 0.1 * (1 + Math.Cos(Math.PI * (step - 10) / 20)),
        Curve.Of(LrSchedule.CosineAnnealingLR(20).WithWarmup(10, startFactor: 0.1), 0.2, 31));

    [TestMethod]
    public void Warmup_in_minibatches_is_that_in_epochs_where_it_ends_with_one()
    {
        foreach (var schedule in new LrSchedule[]
            { LrSchedule.ExponentialLR(0.5), LrSchedule.CosineAnnealingLR(9), LrSchedule.StepLR(2, 0.5),
                LrSchedule.ReduceLROnPlateau(factor: 0.5, patience: 1) })
        {
            var byEpoch = Curve.OfRun(schedule.WithWarmup(2, 0.1), 1, epochs: 12, batches: 3, _ => 1).Rates;
            var byBatch = Curve.OfRun(schedule.WithWarmup(6, 0.1, ScheduleInterval.Batch), 1, epochs: 12, batches: 3, _ => 1).Rates;
            CollectionAssert.AreEqual(byEpoch[6..], byBatch[6..], schedule.ToString());
        }
    }

    [TestMethod]
    public void Momentum_before_its_part_begins_is_the_first_of_the_parts_to_come()
    {
        var scheduler = LrSchedule.SequentialLR(
            [LrSchedule.CyclicLR(0.1, 1, maxMomentum: 0.8, baseMomentum: 0.7), LrSchedule.StepLR(5), LrSchedule.OneCycleLR(1, 10)],
            [0, 2]).Start(1);
        for (var step = 0; step < 3; step++, scheduler.Step()) Assert.AreEqual(0.95, scheduler.Momenta[0], 1e-12, $"step {step}");
    }

    [TestMethod]
    public void Momenta_stay_what_they_were_when_a_step_fails()
    {
        var scheduler = LrSchedule.CyclicLR(
            0.1, 1, stepSizeUp: 5, scaleMode: ScaleMode.Iterations, scaleFn: ScheduleFunction.Of(t => t < 2 ? 1 : double.NaN)).Start(1);
        scheduler.Step();
        var (rate, momentum) = (scheduler.LearningRates[0], scheduler.Momenta[0]);
        Assert.ThrowsExactly<ScheduleException>(scheduler.Step);
        Assert.AreEqual((rate, momentum), (scheduler.LearningRates[0], scheduler.Momenta[0]));
        StringAssert.Contains(Assert.ThrowsExactly<InvalidOperationException>(scheduler.Step).Message, "has failed at step 2");
        Assert.ThrowsExactly<InvalidOperationException>(scheduler.Save);
    }

    [TestMethod]
    public void Plateau_after_a_warmup_hears_no_metric_before_it_begins() => Curve.AssertIs(
        // The metrics of the warmup would have been cuts; then 5 is the best, 6 a cut, 4 better, 4 a cut.
        [0.1, 0.4, 0.7, 1, 1, 0.5, 0.5, 0.25],
        Curve.OfMetrics(LrSchedule.ReduceLROnPlateau(factor: 0.5, patience: 0).WithWarmup(3, startFactor: 0.1), 1, 1, 2, 3, 5, 6, 4, 4));

    [TestMethod]
    public void Plateau_by_epoch_after_a_warmup_by_minibatch_hears_of_the_epochs_after_the_warmup() => Curve.AssertIs(
        // Epochs 0 and 1 are the warmup's: had the plateau heard of the second, epoch 2 would end with a cut.
        [0.2, 0.4, 0.6, 0.8, 1, 1, /* best 3 */ 1, 1, /* 3: a cut */ 0.5, 0.5],
        Curve.OfRun(
            LrSchedule.ReduceLROnPlateau(factor: 0.5, patience: 0).WithWarmup(4, startFactor: 0.2, ScheduleInterval.Batch),
            1, epochs: 5, batches: 2, epoch => 3).Rates);

    [TestMethod]
    public void Plateau_within_a_sequence_within_a_chain_hears_its_metric_while_it_is_active() => Curve.AssertIs(
        // Steps 0 and 1 are the constant's; the plateau goes on from its half: 5 is the best, 5 a cut, 4 better, 5 and 5 cuts.
        step => new[] { 0.5, 0.5, 0.5, 0.5, 0.05, 0.05, 0.005, 0.0005 }[step] * Math.Pow(0.9, step),
        Curve.OfMetrics(
            LrSchedule.ChainedScheduler(
            [
                LrSchedule.ExponentialLR(0.9),
                LrSchedule.SequentialLR([LrSchedule.ConstantLR(0.5, 100), LrSchedule.ReduceLROnPlateau(factor: 0.1, patience: 0)], [2]),
            ]),
            1, 1, 2, 5, 5, 4, 5, 5));

    [TestMethod]
    public void A_chain_multiplies_what_its_parts_make_of_the_initial_rate() => Curve.AssertIs(
        step => 0.3 * Math.Pow(0.9, step) * (1 + Math.Cos(Math.PI * step / 20)) / 2 * Math.Pow(0.5, step / 7),
        Curve.Of(
            LrSchedule.ChainedScheduler([LrSchedule.ExponentialLR(0.9), LrSchedule.CosineAnnealingLR(20), LrSchedule.StepLR(7, 0.5)]),
            0.3, 21));

    [TestMethod]
    public void A_chain_of_chains_is_the_product_of_all()
    {
        LrSchedule[] parts =
            [LrSchedule.ExponentialLR(0.99), LrSchedule.LinearLR(0.1, 0.9, 17), LrSchedule.MultiplicativeLR("1.01"),
                LrSchedule.StepLR(4, 0.8)];
        var curves = parts.Select(part => Curve.Of(part, 2, 40)).ToArray();
        var nested = LrSchedule.ChainedScheduler(
        [
            LrSchedule.ChainedScheduler([parts[0], LrSchedule.ChainedScheduler([parts[1]])]),
            LrSchedule.ChainedScheduler([parts[2], parts[3]]),
        ]);
        Curve.AssertIs(step => curves.Aggregate(2.0, (rate, curve) => rate * curve[step] / 2), Curve.Of(nested, 2, 40));
    }

    [TestMethod]
    public void Warmup_by_minibatch_goes_over_to_a_cosine_by_epoch()
    {
        var batches = 4;
        // The warmup ends within the second epoch; the cosine counts the ends of epochs from there.
        Curve.AssertIs(
            batch => batch < 6 ? 0.1 + 0.15 * batch : (1 + Math.Cos(Math.PI * (batch / batches - 1) / 5)) / 2,
            Curve.OfRun(LrSchedule.CosineAnnealingLR(5).WithWarmup(6, 0.1, ScheduleInterval.Batch), 1, epochs: 6, batches).Rates);
    }

    [TestMethod]
    public void A_chain_of_intervals_steps_each_part_at_its_own() => Curve.AssertIs(
        batch => 0.7 * Math.Pow(0.5, batch / 4) * Math.Pow(0.9, batch),
        Curve.OfRun(
            LrSchedule.ChainedScheduler([LrSchedule.ExponentialLR(0.5), ByBatch(LrSchedule.ExponentialLR(0.9))]),
            0.7, epochs: 5, batches: 4).Rates);

    [TestMethod]
    public void A_sequence_by_epoch_of_parts_by_minibatch_changes_over_between_epochs() => Curve.AssertIs(
        batch => batch < 6 ? Math.Pow(0.9, batch) : Math.Pow(0.8, batch - 6),
        Curve.OfRun(
            LrSchedule.SequentialLR([ByBatch(LrSchedule.ExponentialLR(0.9)), ByBatch(LrSchedule.ExponentialLR(0.8))], milestones: [2]),
            1, epochs: 4, batches: 3).Rates);

    [TestMethod]
    public void In_a_sequence_the_momentum_waits_where_its_cycle_begins()
    {
        var cycle = LrSchedule.OneCycleLR(1, totalSteps: 11, pctStart: 0.5, AnnealStrategy.Linear, baseMomentum: 0.5, maxMomentum: 0.9);
        var schedule = LrSchedule.SequentialLR([LrSchedule.LinearLR(0.1, totalIters: 5), cycle], milestones: [5]);
        Curve.AssertIs(
            // The cycle's top is at half of 11 steps less one: 4.5; its end at 10.
            step => step < 5 ? 0.9 : 0.5 + 0.4 * Math.Abs(step - 9.5) / (step < 9.5 ? 4.5 : 5.5),
            Curve.OfRun(schedule with { Interval = ScheduleInterval.Batch }, 1, epochs: 1, batches: 16).Momenta);
    }

    [TestMethod]
    public void In_a_chain_the_last_schedule_that_cycles_the_momentum_counts()
    {
        var cyclic = LrSchedule.CyclicLR(0.1, 1, stepSizeUp: 4, baseMomentum: 0.6, maxMomentum: 0.8);
        var oneCycle = LrSchedule.OneCycleLR(1, totalSteps: 30);
        var plain = LrSchedule.ExponentialLR(0.9);
        foreach (var (chain, counts) in new (LrSchedule, LrSchedule)[]
        {
            (LrSchedule.ChainedScheduler([plain, cyclic]), cyclic),
            (LrSchedule.ChainedScheduler([cyclic, plain]), cyclic),
            (LrSchedule.ChainedScheduler([oneCycle, cyclic, plain]), cyclic),
            (LrSchedule.ChainedScheduler([cyclic, LrSchedule.ChainedScheduler([plain, oneCycle])]), oneCycle),
        })
            CollectionAssert.AreEqual(Curve.OfRun(counts, 1, 1, 40).Momenta, Curve.OfRun(chain, 1, 1, 40).Momenta, $"{chain}");
    }

    [TestMethod]
    public void Where_nothing_cycles_there_are_no_momenta() => Assert.IsEmpty(
        LrSchedule.ChainedScheduler([LrSchedule.CyclicLR(0.1, 1, cycleMomentum: false), LrSchedule.StepLR(1)]).WithWarmup(3).Start(1)
            .Momenta);

    [TestMethod]
    public void A_sequence_or_chain_of_one_is_that_one() => ScheduleDraw.Check(RandomSchedules.Simple, 500, draw =>
    {
        foreach (var one in new LrSchedule[] { LrSchedule.SequentialLR([draw.Schedule], []), LrSchedule.ChainedScheduler([draw.Schedule]) })
        {
            var (alone, within) = (draw.Start(), (draw with { Schedule = one }).Start());
            for (var time = 0; time < 50; draw.Train(alone, time), draw.Train(within, time), time++)
            {
                for (var group = 0; group < draw.Rates.Length; group++)
                {
                    var (expected, actual) = (alone.LearningRates[group], within.LearningRates[group]);
                    // A chain divides by the initial rate and multiplies again, which costs the digits of what has hardly any.
                    var (initial, isChain) = (draw.Rates[group], one is ChainedScheduler);
                    if (isChain && !(double.IsNormal(initial) && double.IsNormal(expected) && double.IsNormal(expected / initial)))
                        continue;
                    Assert.AreEqual(expected, actual, 1e-15 * expected, $"{one} after step {time}");
                }

                CollectionAssert.AreEqual(alone.Momenta.ToArray(), within.Momenta.ToArray());
            }
        }
    });

    private static LrSchedule ByBatch(LrSchedule schedule) => schedule with { Interval = ScheduleInterval.Batch };
}
