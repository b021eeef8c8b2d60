using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Data;

/// <summary>Rows beyond the memory limit: in a file they are the same rows, and the file is gone whatever happens.</summary>
[TestClass]
public sealed class RowStoreTests
{
    [TestMethod]
    [DataRow(false, false)]
    [DataRow(true, false)]
    [DataRow(false, true)]
    [DataRow(true, true)]
    public void Rows_in_a_file_are_those_in_memory(bool isSparse, bool hasWeights)
    {
        // Dense rows in seven blocks, sparse ones in three.
        var rows = 10_000;
        foreach (var limit in new[] { 0L, 2_500_000, long.MaxValue })
        {
            using var store = new RowStore(limit);
            var set = Build(store, rows, isSparse, hasWeights);
            using var inMemory = RowStore.Unlimited();
            Assert.AreEqual(RowsHash.Of(Build(inMemory, rows, isSparse, hasWeights)), RowsHash.Of(set), $"limit {limit}");
            Assert.AreEqual((limit < long.MaxValue && (limit == 0 || !isSparse), isSparse), (set.IsInFile, set.IsSparse));
            Assert.AreEqual(set.IsInFile, store.FileBytes > 0);
            Assert.IsLessThanOrEqualTo(limit, store.MemoryBytes);
            Assert.AreEqual(limit is > 0 and < long.MaxValue && !isSparse, set.IsInFile && store.MemoryBytes > 1_000_000,
                "some blocks here, some there");
            AssertNoFile();
        }
    }

    [TestMethod]
    public void Blocks_take_little_more_memory_than_their_rows()
    {
        foreach (var rows in new[] { 1, 100, 100_000 })
        {
            using var store = RowStore.Unlimited();
            var builder = new TrainingSetBuilder(100, hasWeights: false, store);
            var x = new float[100];
            for (var row = 0; row < rows; row++) builder.Add(x, [], 0, 1);
            builder.Build("rows");
            Assert.IsLessThan(rows * 404 * 1.02 + 400, store.MemoryBytes);
        }
    }

    [TestMethod]
    public void A_file_is_visited_in_its_order_and_shuffled_within_windows()
    {
        var order = new RowOrder(100_000, 10, 32, seed: 1, keepsWindows: true);
        Assert.IsGreaterThan(3, order.WindowCount);
        for (var window = 0; window < order.WindowCount; window++)
        {
            var visited = order.Visit(0, window);
            CollectionAssert.AreEqual(Enumerable.Range(window * order.WindowRows, visited.Length).ToArray(), visited.Order().ToArray());
            CollectionAssert.AreNotEqual(visited.Order().ToArray(), visited);
        }
    }

    [TestMethod]
    public void Training_beyond_the_limit_gives_a_model_and_leaves_no_file()
    {
        var messages = new List<string>();
        var (here, there) = (Fit(null, messages), Fit(1, messages));
        Assert.AreEqual(1, messages.Count(message => message.Contains(
            "2 MB of rows are beyond the memory limit. They are in a file in the temp folder", StringComparison.Ordinal)),
            string.Join("\n", messages));
        AssertNoFile();
        // Another order of the same rows: the same but for the noise of the gradients.
        Assert.AreEqual(here[^1], there[^1], 0.02 * here[^1]);
        CollectionAssert.AreNotEqual(here, there);
        CollectionAssert.AreEqual(there, Fit(1, messages));
    }

    [TestMethod]
    public void Training_that_fails_leaves_no_file()
    {
        Assert.ThrowsExactly<TrainingDivergedException>(() => Fit(1, [], rate: 1e6));
        AssertNoFile();
        Assert.ThrowsExactly<InvalidOperationException>(() => Fit(1, [], lastLabel: float.NaN));
        AssertNoFile();
    }

    [TestMethod]
    public void A_temp_folder_without_room_is_named_with_what_to_do()
    {
        var name = OperatingSystem.IsWindows() ? "TEMP" : "TMPDIR";
        var before = Environment.GetEnvironmentVariable(name);
        try
        {
            Environment.SetEnvironmentVariable(name, Path.Combine(Path.GetTempPath(), "not there"));
            using var store = new RowStore(0);
            var message = Assert.ThrowsExactly<IOException>(() => store.Keep(new AlignedArray(16))).Message;
            StringAssert.StartsWith(
                message, "MemoryLimitMB must be greater, since the temp folder has no space for the other rows. Received: 0");
            StringAssert.Contains(message, "not there");
        }
        finally
        {
            Environment.SetEnvironmentVariable(name, before);
        }
    }

    [TestMethod]
    public void A_limit_below_one_is_refused() => StringAssert.StartsWith(
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Fit(0, [])).Message, "MemoryLimitMB must be at least 1. Received: 0");

    private static TrainingSet Build(RowStore store, int rows, bool isSparse, bool hasWeights)
    {
        var random = new Random(3);
        var builder = new TrainingSetBuilder(isSparse ? 5000 : 150, hasWeights, store);
        for (var row = 0; row < rows; row++)
        {
            float[] values = [.. Enumerable.Range(0, isSparse ? random.Next(20) : 150).Select(_ => (float)random.NextDouble())];
            int[] indices = isSparse ? [.. values.Select(_ => random.Next(5000)).Distinct().Order()] : [];
            builder.Add(isSparse ? values.AsSpan(0, indices.Length) : values, indices, row, (float)random.NextDouble());
        }

        return builder.Build("rows");
    }

    private static double[] Fit(int? limit, List<string> messages, double rate = 0.01, float lastLabel = 1)
    {
        var mlContext = new MLContext(seed: 1);
        mlContext.Log += (_, e) =>
        {
            lock (messages) messages.Add(e.Message);
        };
        var random = new Random(2);
        var rows = Enumerable.Range(0, 20_000).Select(row =>
        {
            float[] x = [.. Enumerable.Range(0, 40).Select(_ => (float)random.NextDouble() - 0.5f)];
            return new Row { Features = x, Label = row == 19_999 ? lastLabel : x[0] - 2 * x[1] + (float)random.NextDouble() };
        }).ToArray();
        var options = new TorchLinearRegressionTrainer.Options
        {
            NumberOfEpochs = 4,
            Seed = 3,
            ValidationFraction = 0.2,
            MemoryLimitMB = limit,
            LearningRate = rate,
            InvalidRows = InvalidRowPolicy.Refuse,
        };
        return [.. mlContext.Regression.Trainers.TorchLinearRegression(options).Fit(mlContext.Data.LoadFromEnumerable(rows))
            .History.Epochs.Select(epoch => epoch.ValidationMetrics[Metric.ValidationLoss])];
    }

    private static void AssertNoFile() => Assert.IsEmpty(Directory.GetFiles(Path.GetTempPath(), "lrscheduling-*.rows"));

    private sealed class Row
    {
        public float Label { get; set; }

        [VectorType(40)]
        public float[] Features { get; set; } = [];
    }
}
