using Microsoft.ML.LrScheduling.Reports;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Reports;

/// <summary>Rates as curves over epochs.</summary>
[TestClass]
public sealed class RateCurveTests
{
    private static readonly double[] Six = [1, 1, 1, 1, 1, 1];

    [TestMethod]
    public void A_rate_of_epochs_holds_from_their_beginning_and_is_told_where_it_changes()
    {
        var curve = Of(LrSchedule.StepLR(2, gamma: 0.5));
        CollectionAssert.AreEqual(new[] { 0.0, 2, 4 }, curve.X.ToArray());
        CollectionAssert.AreEqual(new[] { 0.1, 0.05, 0.025 }, curve.Y.ToArray());
        Assert.IsTrue(curve is { End: 6, IsStepped: true });
    }

    [TestMethod]
    public void A_rate_of_minibatches_begins_at_zero_as_all_do()
    {
        // Four minibatches an epoch: 0.1, 0.05, 0.025 …
        var curve = Of(LrSchedule.ExponentialLR(0.5) with { Interval = ScheduleInterval.Batch });
        CollectionAssert.AreEqual(Enumerable.Range(0, 24).Select(i => i / 4.0).ToArray(), curve.X.ToArray());
        Assert.AreEqual(0.05, curve.Y[1]);
        Assert.IsTrue(curve is { End: 6, IsStepped: true });
    }

    [TestMethod]
    public void The_line_by_default_of_which_epochs_tell_the_last_rate_begins_where_it_began()
    {
        var history = ReportSamples.History(Six);
        // One minibatch an epoch of six, as a trainer records it: 1, 5/6 … 1/6 of 0.1, each at the end of its epoch but for one step.
        var epochs = history.Epochs.Select((epoch, i) => epoch with
        {
            LearningRates = [0.1 * (5.5 - i) / 6, 0.1],
            BatchLearningRates = [],
        });
        var curve = RateCurve.Of(history with { Epochs = [.. epochs] }, options: null, group: 0, mostPoints: 100);
        Assert.IsFalse(curve.IsStepped);
        CollectionAssert.AreEqual(new[] { 0.0, 1, 2, 3, 4, 5, 6 }, curve.X.ToArray());
        Assert.AreEqual(0.1 * 6.5 / 6, curve.Y[0], 1e-12);
    }

    // A rate of 0.1 that falls by a hundredth of it each epoch: 0.1 (1 − epoch / 100).
    [TestMethod]
    [DataRow(1, 1, 1, DisplayName = "each epoch")]
    [DataRow(1, 10, 1, DisplayName = "every tenth epoch")]
    [DataRow(21, 1, 1, DisplayName = "from a later epoch on")]
    [DataRow(1, 1, 4, DisplayName = "four rates an epoch")]
    public void The_line_by_default_begins_at_the_start_of_the_first_epoch_however_far_apart_its_rates_are(int first, int every, int parts)
    {
        static double Rate(double epoch) => 0.1 * (1 - epoch / 100);
        var history = ReportSamples.History(Six);
        var epochs = history.Epochs.Select((epoch, i) => epoch with
        {
            Epoch = first + i * every,
            LearningRates = [Rate(first + i * every)],
            BatchLearningRates =
            [
                .. Enumerable.Range(1, parts).Select(part => Rate(first + i * every - 1 + (double)part / parts)).Where(_ => parts > 1),
            ],
        });
        // The rates of four parts of an epoch are not those of all its minibatches, of which there are twelve.
        var options = new TorchLinearRegressionTrainer.Options { BatchSize = 1029, NumberOfEpochs = 6 };
        var curve = RateCurve.Of(history with { Epochs = [.. epochs] }, options, group: 0, mostPoints: 100);
        Assert.IsTrue(curve.IsSampled);
        Assert.AreEqual(first - 1, curve.X[0]);
        Assert.AreEqual(Rate(first - 1), curve.Y[0], 1e-12);
        CollectionAssert.AreEqual(curve.X.Order().ToArray(), curve.X.ToArray());
    }

    [TestMethod]
    public void A_thinned_curve_keeps_its_peaks_and_ends()
    {
        double[] losses = [.. Enumerable.Repeat(1.0, 500)];
        var options = new TorchLinearRegressionTrainer.Options
        {
            LearningRateSchedule = LrSchedule.CyclicLR(0.001, 0.1, stepSizeUp: 7, stepSizeDown: 90, cycleMomentum: false),
        };
        var curve = RateCurve.Of(ReportSamples.History(losses, options), options, group: 0, mostPoints: 60);
        Assert.IsLessThanOrEqualTo(60, curve.X.Count);
        Assert.AreEqual(0.1, curve.Y.Max(), 1e-9);
        Assert.AreEqual(0.001, curve.Y.Min(), 1e-9);
        Assert.AreEqual(0, curve.X[0]);
        CollectionAssert.AreEqual(curve.X.Order().ToArray(), curve.X.ToArray());
        Assert.IsFalse(curve.IsStepped);
    }

    [TestMethod]
    public void A_rate_that_a_history_has_once_an_epoch_is_walked_along_where_the_schedule_and_the_rows_are_known()
    {
        // 12,345 rows in minibatches of 4,000 are the four an epoch of the sample.
        var options = new TorchLinearRegressionTrainer.Options
        {
            BatchSize = 4000,
            NumberOfEpochs = 6,
            LearningRateSchedule = LrSchedule.SequentialLR(
                [LrSchedule.LinearLR(startFactor: 0.1, totalIters: 8) with { Interval = ScheduleInterval.Batch }, LrSchedule.StepLR(2)],
                milestones: [8]) with
            { Interval = ScheduleInterval.Batch },
        };
        var whole = ReportSamples.History(Six, options);
        var sampled = whole with { Epochs = [.. whole.Epochs.Select(LastOfEpoch)] };
        var (expected, walked) = (Of(whole, options), Of(sampled, options));
        CollectionAssert.AreEqual(expected.X.ToArray(), walked.X.ToArray());
        CollectionAssert.AreEqual(expected.Y.ToArray(), walked.Y.ToArray());
        Assert.IsTrue(walked is { IsStepped: true, IsSampled: false, HasHighest: true, IsByBatch: true });

        // A journal has some of the minibatches of each epoch, of which the last one ends it.
        var some = whole with
        {
            Epochs = [.. whole.Epochs.Select(epoch => epoch with
            {
                LearningRates = LastOfEpoch(epoch).LearningRates,
                BatchLearningRates = [.. new[] { 1, 3 }.Select(i => epoch.BatchLearningRates[i])],
            })],
        };
        CollectionAssert.AreEqual(expected.Y.ToArray(), Of(some, options).Y.ToArray());

        // Rates that the schedule does not lead to are those that were.
        var other = sampled with { Epochs = [.. sampled.Epochs.Select(epoch => epoch with { LearningRates = [0.3 / epoch.Epoch] })] };
        Assert.IsTrue(Of(other, options) is { IsSampled: true, IsStepped: false, X: [1, 2, 3, 4, 5, 6], Y: [0.3, ..] });
        // Nor is anything known without options.
        Assert.IsTrue(Of(some, options: null) is { IsSampled: false, X: [0, 0.5, ..] });

        static EpochRecord LastOfEpoch(EpochRecord epoch) =>
            epoch with { LearningRates = [epoch.BatchLearningRates[^1]], BatchLearningRates = [] };
    }

    [TestMethod]
    public void A_training_of_more_steps_than_are_walked_is_sampled_along_its_schedule()
    {
        // The line by default, of six epochs of 1,235 minibatches of ten rows.
        var options = new TorchLinearRegressionTrainer.Options { BatchSize = 10, NumberOfEpochs = 6, LearningRate = 0.1 };
        var history = ReportSamples.History(Six, options);
        history = history with
        {
            Epochs = [.. history.Epochs.Select(epoch => epoch with
            {
                LearningRates = [0.1 * (1 - (epoch.Epoch * 1235 - 1) / 7410.0)],
                BatchLearningRates = [],
            })],
        };
        var curve = RateCurve.Of(history, options, group: 0, mostPoints: 100, mostSteps: 1000);
        Assert.IsTrue(curve is { IsSampled: false, IsStepped: false, HasHighest: false });
        Assert.HasCount(100, curve.X);
        foreach (var (x, y) in curve.X.Zip(curve.Y)) Assert.AreEqual(0.1 * (1 - x / 6), y, 1e-12);
        Assert.AreEqual(7409 / 1235.0, curve.X[^1], 1e-12);
        // Those that are walked are there with all that is to be seen.
        curve = RateCurve.Of(history, options, group: 0, mostPoints: 10_000);
        Assert.HasCount(7410, curve.X);
        Assert.IsTrue(curve is { IsStepped: true, HasHighest: true });
    }

    private static RateCurve Of(LrSchedule schedule)
    {
        var options = new TorchLinearRegressionTrainer.Options { LearningRateSchedule = schedule };
        return Of(ReportSamples.History(Six, options), options);
    }

    private static RateCurve Of(TrainingHistory history, LinearTrainerOptions? options) =>
        RateCurve.Of(history, options, group: 0, mostPoints: 100);
}
