using System.Diagnostics;
using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;
using TorchSharp;

namespace Microsoft.ML.LrScheduling.Tests.Engines;

/// <summary>
/// The Torch engine where other things go on: a busy garbage collector, other trainings, a number of threads of the user's own.
/// </summary>
[TestClass]
[DoNotParallelize]
public sealed class TorchUnderPressureTests
{
    // From so many rows on libtorch shares a product among threads.
    private const int LargeBatch = 2048;
    private const int Fits = 200;

    public static IEnumerable<object[]> Optimizers =>
    [
        [Optimizer.Sgd()],
        [Optimizer.Sgd(momentum: 0.9, nesterov: true)],
        [Optimizer.Adam()],
        [Optimizer.AdamW()],
        [Optimizer.RmsProp()],
        [Optimizer.Adagrad()],
    ];

    [TestMethod]
    [DynamicData(nameof(Optimizers))]
    public void Fits_beside_a_busy_garbage_collector_do_not_throw_and_are_alike(Optimizer optimizer)
    {
        var data = Data(rows: 200);
        var expected = Fit(data, optimizer);
        using var stop = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            while (!stop.Token.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(1))) GC.Collect(0);
        });
        collector.Start();
        try
        {
            for (var fit = 0; fit < Fits; fit++) CollectionAssert.AreEqual(expected, Fit(data, optimizer), $"fit {fit}");
        }
        finally
        {
            stop.Cancel();
            collector.Join();
        }
    }

    [TestMethod]
    public void Thirty_two_fits_at_once_are_those_of_one()
    {
        var data = Data(rows: 2 * LargeBatch, features: 40);
        var expected = Fit(data, Optimizer.Adam(), LargeBatch);
        var results = new float[32][];
        var threads = results.Select((_, i) => new Thread(() => results[i] = Fit(data, Optimizer.Adam(), LargeBatch))).ToArray();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        foreach (var result in results) CollectionAssert.AreEqual(expected, result);
    }

    [TestMethod]
    public void A_fit_within_a_callback_changes_nothing_of_the_outer_one()
    {
        var data = Data(rows: 2 * LargeBatch, features: 40);
        var expected = Fit(data, Optimizer.Adam(), LargeBatch);
        var inner = new List<float[]>();
        var outer = Fit(data, Optimizer.Adam(), LargeBatch, new Callback(() => inner.Add(Fit(data, Optimizer.Adam(), LargeBatch))));
        CollectionAssert.AreEqual(expected, outer);
        Assert.HasCount(3, inner);
        foreach (var weights in inner) CollectionAssert.AreEqual(expected, weights);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    public void The_users_number_of_threads_is_back_when_training_ends(int number)
    {
        var data = Data(rows: 200);
        var before = torch.get_num_threads();
        try
        {
            torch.set_num_threads(number);
            var during = 0;
            Fit(data, Optimizer.Sgd(), progress: new Callback(() =>
            {
                Fit(data, Optimizer.Sgd());
                during = torch.get_num_threads();
            }));
            Assert.AreEqual(1, during);
            Assert.AreEqual(number, torch.get_num_threads());
            Assert.ThrowsExactly<DivideByZeroException>(
                () => Fit(data, Optimizer.Sgd(), progress: new Callback(() => throw new DivideByZeroException())));
            Assert.AreEqual(number, torch.get_num_threads());
        }
        finally
        {
            torch.set_num_threads(before);
        }
    }

    [TestMethod]
    public void Threads_that_train_at_the_same_time_have_their_own_numbers_back()
    {
        var data = Data(rows: 200);
        var before = torch.get_num_threads();
        var after = new int[2];
        using var both = new Barrier(2);
        var threads = after.Select((_, i) => new Thread(() =>
        {
            // A thread takes the number of the process when it first asks, also after it has set one of its own.
            torch.get_num_threads();
            torch.set_num_threads(2 + i);
            var hasMet = false;
            Fit(data, Optimizer.Sgd(), progress: new Callback(() =>
            {
                if (!hasMet) both.SignalAndWait();
                hasMet = true;
            }));
            after[i] = torch.get_num_threads();
        })).ToArray();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        torch.set_num_threads(before);
        CollectionAssert.AreEqual(new[] { 2, 3 }, after);
    }

    [TestMethod]
    public void A_thousand_fits_leave_no_memory_behind()
    {
        // A fit has about 3 MB of tensors: were the smallest of them kept, 0.4 MB, a thousand fits would leave 400 MB.
        const int AllowedMB = 100;
        var data = Data(rows: 20, features: 50_000);
        for (var fit = 0; fit < 50; fit++) Fit(data, Optimizer.Sgd(0.9), epochs: 1);
        var (before, tensors) = (ResidentMB(), torch.Tensor.TotalCount);
        for (var fit = 0; fit < 1000; fit++) Fit(data, Optimizer.Sgd(0.9), epochs: 1);
        Assert.IsLessThan(before + AllowedMB, ResidentMB());
        Assert.AreEqual(tensors, torch.Tensor.TotalCount);
    }

    private static long ResidentMB()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64 >> 20;
    }

    private static float[] Fit(
        IDataView data, Optimizer optimizer, int batchSize = 32, IProgress<TrainingProgress>? progress = null, int epochs = 3)
    {
        var mlContext = new MLContext(seed: 1);
        var model = mlContext.Regression.Trainers.TorchLinearRegression(new TorchLinearRegressionTrainer.Options
        {
            Engine = TrainingEngine.Torch,
            Optimizer = optimizer,
            LearningRate = 0.01,
            LearningRateSchedule = LrSchedule.ExponentialLR(0.9),
            L2Regularization = 0.01,
            NumberOfEpochs = epochs,
            BatchSize = batchSize,
            Progress = progress,
        }).Fit(data);
        return [.. model.Model.Weights, model.Model.Bias];
    }

    private static IDataView Data(int rows, int features = 10)
    {
        var random = new Random(2);
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, features);
        var made = Enumerable.Range(0, rows).Select(_ =>
        {
            float[] x = [.. Enumerable.Range(0, features).Select(_ => (float)random.NextDouble() - 0.5f)];
            return new Row { Features = x, Label = x[0] - 2 * x[1] + 1 };
        }).ToArray();
        return new MLContext().Data.LoadFromEnumerable(made, schema);
    }

    private sealed class Row
    {
        public float Label { get; set; }

        public float[] Features { get; set; } = [];
    }

    private sealed class Callback(Action action) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => action();
    }
}
