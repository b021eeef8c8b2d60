using Microsoft.ML.LrScheduling.Reports;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;

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
        var curve = RateCurve.Of(history with { Epochs = [.. epochs] }, group: 0, mostPoints: 100);
        Assert.IsFalse(curve.IsStepped);
        CollectionAssert.AreEqual(new[] { 0.0, 1, 2, 3, 4, 5, 6 }, curve.X.ToArray());
        Assert.AreEqual(0.1 * 6.5 / 6, curve.Y[0], 1e-12);
    }

    [TestMethod]
    public void A_thinned_curve_keeps_its_peaks_and_ends()
    {
        double[] losses = [.. Enumerable.Repeat(1.0, 500)];
        var options = new TorchLinearRegressionTrainer.Options
        {
            LearningRateSchedule = LrSchedule.CyclicLR(0.001, 0.1, stepSizeUp: 7, stepSizeDown: 90, cycleMomentum: false),
        };
        var curve = RateCurve.Of(ReportSamples.History(losses, options), group: 0, mostPoints: 60);
        Assert.IsLessThanOrEqualTo(60, curve.X.Count);
        Assert.AreEqual(0.1, curve.Y.Max(), 1e-9);
        Assert.AreEqual(0.001, curve.Y.Min(), 1e-9);
        Assert.AreEqual(0, curve.X[0]);
        CollectionAssert.AreEqual(curve.X.Order().ToArray(), curve.X.ToArray());
        Assert.IsFalse(curve.IsStepped);
    }

    private static RateCurve Of(LrSchedule schedule) => RateCurve.Of(
        ReportSamples.History(Six, new TorchLinearRegressionTrainer.Options { LearningRateSchedule = schedule }), group: 0,
        mostPoints: 100);
}
