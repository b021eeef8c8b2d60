using System.Collections.Immutable;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Training;

/// <summary>The rates of a run: which are asked for, and with which a longer run goes on.</summary>
[TestClass]
public sealed class ModelRunTests
{
    private const int StepsPerEpoch = 4;

    private static readonly LinearWeights Weights = new([1], [0]);

    public static IEnumerable<object[]> Schedules =>
    [
        [LrSchedule.StepLR(stepSize: 1, gamma: 0.5)],
        [LrSchedule.ExponentialLR(0.9) with { Interval = ScheduleInterval.Batch }],
        [LrSchedule.ReduceLROnPlateau(factor: 0.5, patience: 0, metric: Metric.TrainingLoss)],
        [LrSchedule.ChainedScheduler(
        [
            LrSchedule.LambdaLR("1 / (1 + epoch)") with { Interval = ScheduleInterval.Batch },
            LrSchedule.ReduceLROnPlateau(factor: 0.5, patience: 0, metric: Metric.TrainingLoss).WithWarmup(2),
        ])],
    ];

    [TestMethod]
    [DynamicData(nameof(Schedules))]
    public void A_longer_run_goes_on_from_the_end_of_a_shorter_one_with_the_rates_of_one_that_was_never_interrupted(LrSchedule schedule)
    {
        var whole = new ModelRun(Plan(schedule, epochs: 6), StepsPerEpoch);
        var expected = RatesOf(whole, 0, 0, 6);
        // Ended, and saved between the last minibatch and the end of the last epoch.
        foreach (var (epochs, hasEnded) in new[] { (1, true), (2, true), (3, true), (2, false), (3, false) })
        {
            var shorter = new ModelRun(Plan(schedule, epochs), StepsPerEpoch);
            var rates = RatesOf(shorter, 0, 0, epochs, endsLast: hasEnded);
            CollectionAssert.AreEqual(expected[..rates.Length], rates);
            var state = shorter.Save(
                Identity(epochs), hasEnded ? epochs : epochs - 1, hasEnded ? 0 : StepsPerEpoch, shorter.Ended, engine: []);
            Assert.AreEqual(hasEnded ? StopReason.Completed : null, state.Ended);

            var longer = new ModelRun(Plan(schedule, epochs: 6), StepsPerEpoch);
            longer.Restore(state, Weights);
            Assert.IsNull(longer.Ended);
            CollectionAssert.AreEqual(
                expected[(epochs * StepsPerEpoch)..], RatesOf(longer, state.Epoch, state.Step, 6), $"{epochs} {hasEnded}");
        }
    }

    [TestMethod]
    public void A_history_has_the_rates_of_each_minibatch_or_those_of_the_last()
    {
        foreach (var recordsAll in new[] { true, false })
        {
            var run = new ModelRun(Plan(Schedule("batch"), epochs: 3) with { RecordsBatchRates = recordsAll }, StepsPerEpoch);
            RatesOf(run, 0, 0, 3);
            for (var epoch = 0; epoch < 3; epoch++)
            {
                // 0.1 and 0.2 times 0.9 to the power of the steps before.
                double[] rates = [.. Enumerable.Range(4 * epoch, 4)
                    .SelectMany(step => new[] { 0.1 * Math.Pow(0.9, step), 0.2 * Math.Pow(0.9, step) })];
                AreNear(rates[6..], run.Epochs[epoch].LearningRates);
                AreNear(recordsAll ? rates : [], run.Epochs[epoch].BatchLearningRates);
            }
        }

        var byEpoch = new ModelRun(Plan(LrSchedule.ExponentialLR(0.9), epochs: 3), StepsPerEpoch);
        RatesOf(byEpoch, 0, 0, 3);
        AreNear([0.1 * 0.9, 0.2 * 0.9], byEpoch.Epochs[1].LearningRates);
        // Losses of 3, 1, 2 and 2.5: the first two are better than all before, each of the others halves the rate of the next epoch.
        var plateau = new ModelRun(Plan(Schedule("plateau"), epochs: 5), StepsPerEpoch);
        RatesOf(plateau, 0, 0, 5);
        AreNear([0.1, 0.1, 0.1, 0.05, 0.025], [.. plateau.Epochs.Select(epoch => epoch.LearningRates[0])]);
        Assert.IsTrue(byEpoch.Epochs.All(epoch => epoch.BatchLearningRates is []));

        static void AreNear(double[] expected, IReadOnlyList<double> rates)
        {
            Assert.HasCount(expected.Length, rates);
            for (var i = 0; i < rates.Count; i++) Assert.AreEqual(expected[i], rates[i], 1e-12);
        }
    }

    [TestMethod]
    [DataRow("epoch")]
    [DataRow("batch")]
    [DataRow("plateau")]
    [DataRow("delegate")]
    // In the last minibatch it has a rate; afterwards it has none.
    [DataRow("1 + 0 / (12 - epoch)")]
    public void A_run_goes_on_from_each_minibatch_as_if_it_had_never_been_interrupted(string name)
    {
        foreach (var recordsAll in new[] { true, false })
            foreach (var watches in new[] { true, false })
            {
                ModelRun New() => new(
                    Plan(Schedule(name), epochs: 3, watches) with { RecordsBatchRates = recordsAll }, StepsPerEpoch);
                var whole = New();
                var rates = RatesOf(whole, 0, 0, 3);
                for (var (epoch, step) = (0, 0); epoch < 3; (epoch, step) = step == StepsPerEpoch ? (epoch + 1, 0) : (epoch, step + 1))
                {
                    var before = New();
                    RatesOf(before, 0, 0, epoch + 1, until: (epoch, step));
                    var state = before.Save(Identity(3), epoch, step, ended: null, engine: []);
                    // What is not recorded is not kept either.
                    var kept = before.StepsByBatch && step > 0 ? recordsAll ? step : 1 : 0;
                    Assert.HasCount(2 * kept, state.BatchRates);
                    var after = New();
                    after.Restore(state, Weights);
                    CollectionAssert.AreEqual(rates[(epoch * StepsPerEpoch + step)..], RatesOf(after, epoch, step, 3));
                    Assert.IsTrue(whole.Epochs.SequenceEqual(after.Epochs), $"{epoch} {step}");
                    Assert.AreEqual(whole.Ended, after.Ended);
                    Assert.AreEqual(watches ? 2 : null, after.History(StopReason.Completed).BestEpoch);
                    // The weights of an epoch are its number; the second has the lowest loss.
                    CollectionAssert.AreEqual(new float[] { watches ? 2 : 3 }, after.Weights.Weights);
                    Assert.AreEqual(watches ? 2 : 1, after.KeptWeights);
                }
            }
    }

    [TestMethod]
    public void A_step_that_fails_is_told_by_its_place_in_the_whole_run()
    {
        // The seventh rate, which is that of the third minibatch in the second epoch.
        var schedule = Schedule("1 + 0 / (6 - epoch)");
        var state = StateAt(Plan(schedule, epochs: 3), 0, 2);
        var resumed = new ModelRun(Plan(schedule, epochs: 3), StepsPerEpoch);
        resumed.Restore(state, Weights);
        foreach (var (run, step) in new[] { (new ModelRun(Plan(schedule, epochs: 3), StepsPerEpoch), 0), (resumed, 2) })
        {
            var failure = Assert.ThrowsExactly<ScheduleException>(() => RatesOf(run, 0, step, 3));
            Assert.AreEqual((2, 3), (failure.Epoch, failure.Minibatch));
        }

        // Of a schedule that steps after an epoch, the second rate.
        var byEpoch = new ModelRun(Plan(LrSchedule.LambdaLR("1 + 0 / (1 - epoch)"), epochs: 3), StepsPerEpoch);
        var told = Assert.ThrowsExactly<ScheduleException>(() => RatesOf(byEpoch, 0, 0, 3));
        Assert.AreEqual((2, null), (told.Epoch, told.Minibatch));
        // So it is where a state cannot be of the schedule since a rate on its way fails.
        var foreign = StateAt(Plan(Schedule("1 + 0 / (99 - epoch)"), epochs: 3), 2, 1);
        StringAssert.Contains(Refused(Plan(schedule, epochs: 3), foreign), "LearningRateSchedule failed in epoch 2, minibatch 3:");
        // A function of the user's is not asked for rates that it has given.
        var asked = new List<int>();
        double Ask(int step)
        {
            asked.Add(step);
            return 1;
        }

        var plan = Plan(LrSchedule.LambdaLR(Ask) with { Interval = ScheduleInterval.Batch }, epochs: 3);
        var restored = new ModelRun(plan, StepsPerEpoch);
        var own = StateAt(plan, 2, 1);
        asked.Clear();
        restored.Restore(own, Weights);
        Assert.IsEmpty(asked.Where(epoch => epoch is > 0 and < 9));
    }

    [TestMethod]
    public void Of_a_run_that_watches_only_since_it_goes_on_the_best_epoch_is_one_since()
    {
        var plan = Plan(Schedule("epoch"), epochs: 3);
        var state = StateAt(plan, 2, 0);
        var run = new ModelRun(plan with { Cancellation = plan.Cancellation with { BestBy = Metric.TrainingLoss } }, StepsPerEpoch);
        run.Restore(state, Weights);
        RatesOf(run, 2, 0, 3);
        Assert.AreEqual(2, run.History(StopReason.Completed).BestEpoch);
        CollectionAssert.AreEqual(new float[] { 2 }, run.BestSoFar!.Weights);
        CollectionAssert.AreEqual(new float[] { 3 }, run.Weights.Weights);
        // It is the last of those before, until one is better; within the first there is none yet.
        var second = new ModelRun(run.Plan, StepsPerEpoch);
        second.Restore(StateAt(plan, 1, 0), Weights);
        Assert.AreEqual(1, second.History(StopReason.Completed).BestEpoch);
        var first = new ModelRun(run.Plan, StepsPerEpoch);
        first.Restore(StateAt(plan, 0, 3), Weights);
        Assert.IsNull(first.BestSoFar);
    }

    [TestMethod]
    public void Training_that_was_stopped_early_stays_so_and_a_shorter_run_is_complete()
    {
        var plan = Plan(Schedule("epoch"), epochs: 9, watches: true);
        var stopped = new ModelRun(plan, StepsPerEpoch);
        RatesOf(stopped, 0, 0, 7);
        Assert.AreEqual(StopReason.EarlyStopped, stopped.Ended);
        var state = stopped.Save(Identity(9), 7, 0, stopped.Ended, engine: []);
        var again = new ModelRun(plan, StepsPerEpoch);
        again.Restore(state, Weights);
        Assert.AreEqual(StopReason.EarlyStopped, again.Ended);
        var shorter = new ModelRun(plan with { NumberOfEpochs = 4 }, StepsPerEpoch);
        shorter.Restore(StateAt(plan, 4, 0), Weights);
        Assert.AreEqual(StopReason.Completed, shorter.Ended);
    }

    [TestMethod]
    public void A_state_that_cannot_be_is_refused()
    {
        var plan = Plan(Schedule("batch"), epochs: 3);
        var state = StateAt(plan, 2, 1);
        var start = StateAt(plan, 0, 1);
        var epoch = state.Epochs[1];
        void IsRefused(TrainingState bad, string message) => Assert.AreEqual(message, Refused(plan, bad));

        foreach (var (at, step) in new[] { (4, 0), (2, 5), (3, 1) })
            IsRefused(
                state with { Epoch = at, Step = step }, $"it is at step {step} of epoch {at + 1}, of 3 with 4 steps each.");
        IsRefused(state with { Ended = StopReason.EarlyStopped }, "it has ended within an epoch.");
        IsRefused(start with { Ended = StopReason.EarlyStopped, Step = 0 }, "it has ended within an epoch.");
        IsRefused(state with { Epochs = [state.Epochs[0]] }, "its history must have the epochs 1 to 2.");
        IsRefused(state with { Epochs = [epoch, state.Epochs[0]] }, "its history must have the epochs 1 to 2.");
        const string Groups = "its history must have a rate for each of 2 groups of parameters.";
        IsRefused(state with { Epochs = [state.Epochs[0], epoch with { LearningRates = [0.1] }] }, Groups);
        IsRefused(state with { Epochs = [state.Epochs[0], epoch with { BatchLearningRates = [0.1, 0.2, 0.1] }] }, Groups);
        IsRefused(state with { BatchRates = [0.1] }, Groups);
        IsRefused(state with { LastGood = [] }, "it must have weights after an epoch, and only then.");
        IsRefused(start with { LastGood = state.LastGood }, "it must have weights after an epoch, and only then.");
        Assert.AreEqual("it must have a best epoch where one is watched.", Refused(Plan(Schedule("batch"), 3, watches: true), state));
        IsRefused(
            state with { Epochs = [state.Epochs[0], epoch with { LearningRates = [0.1, 0.2] }] },
            "its history has other rates in epoch 2.");
        IsRefused(state with { Step = 2 }, "its schedules have taken 9 steps, and training 10 steps.");
        // Where rates change with epochs only, these alone are walked along, however many minibatches they have.
        const int ManyRows = 2_000_000_000;
        var byEpoch = Plan(Schedule("epoch"), epochs: 3);
        var far = StateAt(byEpoch, 2, 0);
        Assert.AreEqual("its history has other rates in epoch 2.", Refused(
            byEpoch, far with { Epochs = [far.Epochs[0], far.Epochs[1] with { LearningRates = [0.1, 0.3] }] }, ManyRows));
        // A best epoch has weights, also where the run that goes on watches none.
        var best = TrainingState.Bytes(writer => new BestEpoch(Metric.TrainingLoss, rule: null).Save(writer)).ToArray();
        best[12] = 1;
        Assert.ThrowsExactly<InvalidDataException>(
            () => new ModelRun(plan, StepsPerEpoch).Restore(state with { Best = [.. best] }, Weights));
    }

    private static LrSchedule Schedule(string name) => name switch
    {
        "epoch" => LrSchedule.StepLR(stepSize: 1, gamma: 0.5),
        "batch" => LrSchedule.ExponentialLR(0.9) with { Interval = ScheduleInterval.Batch },
        "plateau" => LrSchedule.ReduceLROnPlateau(factor: 0.5, patience: 0, metric: Metric.TrainingLoss),
        "delegate" => LrSchedule.LambdaLR(step => 1 / (1.0 + step)) with { Interval = ScheduleInterval.Batch },
        _ => LrSchedule.LambdaLR(name) with { Interval = ScheduleInterval.Batch },
    };

    private static TrainingIdentity Identity(int epochs) =>
        new(ImmutableSortedDictionary<string, string>.Empty, "rows", "hash", NumberOfEpochs: epochs);

    private static TrainingState StateAt(TrainingPlan plan, int epoch, int step)
    {
        var run = new ModelRun(plan, StepsPerEpoch);
        RatesOf(run, 0, 0, epoch + 1, until: (epoch, step));
        return run.Save(Identity(plan.NumberOfEpochs), epoch, step, run.Ended, engine: []);
    }

    private static string Refused(TrainingPlan plan, TrainingState state, int rows = StepsPerEpoch) =>
        Assert.ThrowsExactly<UnusableCheckpointException>(() => new ModelRun(plan, rows).Restore(state, Weights)).Message;

    private static TrainingPlan Plan(LrSchedule schedule, int epochs, bool watches = false) => new(
        epochs, BatchSize: 1, [schedule.ForRun(epochs, StepsPerEpoch)], [0.1, 0.2], Momentum: 0,
        watches ? new EarlyStopping { Metric = Metric.TrainingLoss, Patience = 5 } : null, Checkpoints: null, Progress: null, LossLimit: 1,
        new Cancellation(() => false, BestBy: null, CancellationToken.None));

    /// <summary>Ends an epoch, whose weights are its number. The second has the lowest loss for long.</summary>
    private static void EndEpoch(ModelRun run, int epoch) => run.EndEpoch(
        epoch, new LinearWeights([epoch + 1], [0]), new[] { 3, 1, 2, 2.5, 2, 1.5, 1.2, 1, 1 }[epoch],
        ImmutableSortedDictionary<Metric, double>.Empty, TimeSpan.Zero);

    /// <summary>The rates of the weights in each minibatch.</summary>
    private static double[] RatesOf(
        ModelRun run, int epoch, int step, int epochs, bool endsLast = true, (int Epoch, int Step)? until = null)
    {
        var rates = new List<double>();
        for (; epoch < epochs; (epoch, step) = (epoch + 1, 0))
        {
            for (; step < StepsPerEpoch; step++)
            {
                if ((epoch, step) == until) return [.. rates];
                rates.Add(run.Rates[0]);
                run.EndStep();
            }

            if ((epoch, step) == until) break;

            if (epoch + 1 == epochs && !endsLast) break;
            EndEpoch(run, epoch);
        }

        return [.. rates];
    }
}
