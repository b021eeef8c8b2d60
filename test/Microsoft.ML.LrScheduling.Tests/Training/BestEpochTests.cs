using System.Collections.Immutable;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Training;

/// <summary>Which epoch is the best, and when early stopping ends training.</summary>
[TestClass]
public sealed class BestEpochTests
{
    // Quarters are exact in floating point, and so is the least change.
    [TestMethod]
    [DataRow(Metric.RSquared, new[] { 0.5, 0.75, 0.25 }, 1)]
    [DataRow(Metric.RSquared, new[] { 0.5, 0.75, 1 }, 3)]
    [DataRow(Metric.RSquared, new[] { 1, 0.875, 0 }, 1)]
    [DataRow(Metric.ValidationLoss, new[] { 1, 0.75, 2 }, 1)]
    [DataRow(Metric.ValidationLoss, new[] { 1, 0.75, 0.5 }, 3)]
    [DataRow(Metric.ValidationLoss, new[] { 0.5, 0.625, 2 }, 1)]
    public void A_change_of_the_least_one_is_none_and_a_larger_one_is(Metric metric, double[] values, int expected)
    {
        var best = new BestEpoch(metric, new EarlyStopping { Metric = metric, Patience = 9, MinimumChange = 0.25 });
        See(best, metric, values);
        Assert.AreEqual(expected, best.Epoch);
        Assert.AreEqual(expected, best.Weights!.Weights[0]);
    }

    [TestMethod]
    [DataRow(Metric.RSquared)]
    [DataRow(Metric.ValidationLoss)]
    public void The_first_of_equal_epochs_is_the_best(Metric metric)
    {
        var best = new BestEpoch(metric, rule: null);
        See(best, metric, 0.5, 0.5, 0.5);
        Assert.AreEqual(1, best.Epoch);
    }

    [TestMethod]
    public void Training_is_over_after_as_many_epochs_without_a_better_one_as_its_patience()
    {
        var best = new BestEpoch(Metric.ValidationLoss, new EarlyStopping { Metric = Metric.ValidationLoss, Patience = 3 });
        See(best, Metric.ValidationLoss, 1, 2, double.NaN);
        Assert.IsFalse(best.IsOver);
        See(best, Metric.ValidationLoss, 0.5);
        Assert.IsFalse(best.IsOver);
        See(best, Metric.ValidationLoss, double.NegativeInfinity, 1);
        Assert.IsFalse(best.IsOver);
        // A metric that was not measured is no better one either.
        See(best, Metric.RSquared, 1);
        Assert.IsTrue(best.IsOver);

        var forever = new BestEpoch(Metric.ValidationLoss, rule: null);
        See(forever, Metric.ValidationLoss, [.. Enumerable.Range(0, 100)]);
        Assert.IsFalse(forever.IsOver);
    }

    [TestMethod]
    public void It_goes_on_from_where_it_was_saved()
    {
        foreach (var values in new double[][] { [], [double.NaN, double.NaN], [2, 1, 3] })
        {
            var best = New();
            See(best, Metric.ValidationLoss, values);
            var copy = Copy(best);
            Assert.AreEqual(best.Epoch, copy.Epoch);
            CollectionAssert.AreEqual(best.Weights?.Weights, copy.Weights?.Weights);
            foreach (var value in new[] { 1.5, 1.5, 0.5 })
            {
                See(best, Metric.ValidationLoss, value);
                See(copy, Metric.ValidationLoss, value);
                Assert.AreEqual((best.Epoch, best.IsOver), (copy.Epoch, copy.IsOver));
            }
        }

        static BestEpoch New() => new(Metric.ValidationLoss, new EarlyStopping { Metric = Metric.ValidationLoss, Patience = 3 });

        static BestEpoch Copy(BestEpoch best)
        {
            using var stream = new MemoryStream();
            using (var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true)) best.Save(writer);
            stream.Position = 0;
            var copy = New();
            copy.Load(new BinaryReader(stream), new LinearWeights([0], [0]));
            Assert.AreEqual(stream.Length, stream.Position);
            return copy;
        }
    }

    private static void See(BestEpoch best, Metric metric, params double[] values)
    {
        for (var epoch = 1; epoch <= values.Length; epoch++)
            best.See(
                new EpochRecord
                {
                    Epoch = epoch,
                    LearningRates = [0.1, 0.1],
                    BatchLearningRates = [],
                    TrainingLoss = 1,
                    ValidationMetrics = ImmutableSortedDictionary<Metric, double>.Empty.Add(metric, values[epoch - 1]),
                    Duration = TimeSpan.Zero,
                },
                new LinearWeights([epoch], [0]));
    }
}
