using FsCheck.Fluent;
using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Tests.Data;

[TestClass]
public sealed class RowOrderTests
{
    [TestMethod]
    public void Each_epoch_visits_each_row_once_whatever_the_sizes() => Draws.Hold(
        Prop.ForAll(ArbMap.Default.ArbFor<(ushort Rows, ushort Features, ushort Batch, int Seed)>(), draw =>
        {
            var (rows, features, batch) = (1 + draw.Rows * 3, 1 + draw.Features % 5000, 1 + draw.Batch % 3000);
            var order = new RowOrder(rows, features, batch, draw.Seed);
            return Enumerable.Range(0, 2).All(epoch => order.Visit(epoch).Order().SequenceEqual(Enumerable.Range(0, rows)));
        }));

    [TestMethod]
    public void A_window_is_a_whole_number_of_minibatches()
    {
        foreach (var (features, batch) in new[] { (10, 32), (10, 1000), (784, 32), (5000, 333), (1, 1) })
        {
            var order = new RowOrder(10_000_000, features, batch, seed: 1);
            Assert.AreEqual(0, order.WindowRows % batch, $"{features} features, batches of {batch}");
        }
    }

    [TestMethod]
    public void Seed_and_epoch_decide_the_order()
    {
        var (order, again) = (new RowOrder(100_000, 10, 32, seed: 7), new RowOrder(100_000, 10, 32, seed: 7));
        CollectionAssert.AreEqual(order.Visit(3), again.Visit(3), "the same seed and epoch");
        order.Visit(4);
        CollectionAssert.AreEqual(again.Visit(3), order.Visit(3), "whatever was asked before");
        CollectionAssert.AreNotEqual(order.Visit(3), order.Visit(4), "another epoch");
        CollectionAssert.AreNotEqual(order.Visit(3), new RowOrder(100_000, 10, 32, seed: 8).Visit(3), "another seed");
        // Rows that one window holds.
        var few = new RowOrder(1000, 10, 32, seed: 7);
        CollectionAssert.AreNotEqual(few.Visit(3), few.Visit(4), "another epoch of few rows");
        CollectionAssert.AreNotEqual(few.Visit(3), new RowOrder(1000, 10, 32, seed: 8).Visit(3), "another seed of few rows");
    }

    [TestMethod]
    public void Without_a_seed_the_order_is_that_of_the_data() =>
        CollectionAssert.AreEqual(Enumerable.Range(0, 100_000).ToArray(), new RowOrder(100_000, 10, 32, seed: null).Visit(5));

    [TestMethod]
    public void The_rows_of_a_minibatch_that_is_a_window_stay_as_they_come()
    {
        // Ten windows of one minibatch each: blocks are shuffled, rows are not.
        var order = new RowOrder(1_000_000, 10, 100_000, seed: 7);
        Assert.IsFalse(order.IsShuffledWithinWindows);
        Assert.AreEqual(10, order.WindowCount);
        var visited = order.Visit(0);
        Assert.IsGreaterThan(990_000, visited.Zip(visited.Skip(1)).Count(pair => pair.Second == pair.First + 1));
        CollectionAssert.AreNotEqual(visited, order.Visit(1));
    }

    [TestMethod]
    public void Rows_that_come_sorted_are_mixed_in_every_window()
    {
        // Rows in the order of their label: each window should hold about as much of each tenth of the rows.
        var rows = 1_000_000;
        var order = new RowOrder(rows, 10, 32, seed: 1);
        for (var i = 0; i < order.WindowCount - 1; i++)
        {
            var visited = order.Visit(0, i);
            // The mean of 32 blocks drawn from a uniform spread has a standard deviation of rows · 0.289 / √32.
            Assert.AreEqual(rows / 2.0, visited.Average(), 5 * rows * 0.289 / Math.Sqrt(32), $"window {i}");
            // Of 33 blocks, one of them cut, a minibatch meets most.
            Assert.IsGreaterThan(12, visited[..32].Select(row => row / (order.WindowRows / 32)).Distinct().Count(), $"window {i}");
        }
    }
}
