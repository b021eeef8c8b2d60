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
        foreach (var hasEnded in new[] { true, false })
        {
            var shorter = new ModelRun(Plan(schedule, epochs: 3), StepsPerEpoch);
            var rates = RatesOf(shorter, 0, 0, 3, endsLast: hasEnded);
            CollectionAssert.AreEqual(expected[..rates.Length], rates);
            var state = shorter.Save(
                new TrainingIdentity(ImmutableSortedDictionary<string, string>.Empty, "rows", "hash", NumberOfEpochs: 3),
                hasEnded ? 3 : 2, hasEnded ? 0 : StepsPerEpoch, shorter.Ended, engine: []);
            Assert.AreEqual(hasEnded ? StopReason.Completed : null, state.Ended);

            var longer = new ModelRun(Plan(schedule, epochs: 6), StepsPerEpoch);
            longer.Restore(state, Weights);
            Assert.IsNull(longer.Ended);
            CollectionAssert.AreEqual(expected[(3 * StepsPerEpoch)..], RatesOf(longer, state.Epoch, state.Step, 6), $"ended: {hasEnded}");
        }
    }

    private static TrainingPlan Plan(LrSchedule schedule, int epochs) => new(
        epochs, BatchSize: 1, [schedule.ForRun(epochs, StepsPerEpoch)], [0.1, 0.2], Momentum: 0, EarlyStopping: null, Checkpoints: null,
        Progress: null, LossLimit: 1, new Cancellation(() => false, BestBy: null, CancellationToken.None));

    /// <summary>The rates of the weights in each minibatch.</summary>
    private static double[] RatesOf(ModelRun run, int epoch, int step, int epochs, bool endsLast = true)
    {
        var rates = new List<double>();
        for (; epoch < epochs; (epoch, step) = (epoch + 1, 0))
        {
            for (; step < StepsPerEpoch; step++)
            {
                rates.Add(run.Rates[0]);
                run.EndStep();
            }

            if (epoch + 1 == epochs && !endsLast) break;
            // It never gets better.
            run.EndEpoch(epoch, Weights, trainingLoss: 1, ImmutableSortedDictionary<Metric, double>.Empty, TimeSpan.Zero);
        }

        return [.. rates];
    }
}
