using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Tests.Trainers;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Sweeps;

/// <summary>Trials that compete come to the same bits in whatever company, and alone.</summary>
[TestClass]
public sealed class CompanyTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void Of_dense_rows() => Compare(TaskCase.Rows(_mlContext, 300), batchSize: 32);

    [TestMethod]
    // Minibatches that are cut into parts for several threads.
    public void Of_large_minibatches() => Compare(Rows(5000, width: 120), batchSize: 2048);

    [TestMethod]
    public void Of_sparse_rows() => Compare(SparseRows(), batchSize: 20);

    private void Compare(IDataView rows, int batchSize)
    {
        var space = SweepSpace.Of(draw => Options(draw, rows, batchSize));
        // One that goes on at each rung, so that the company changes; then each of some alone.
        var all = Sweep(space, rows, trials: 40);
        Assert.IsTrue(all.Trials.Count(trial => trial.History.StopReason == StopReason.Completed) >= 2);
        foreach (var trial in all.Trials.Where(trial => trial.Failure is null).Take(8).Append(all.Best))
        {
            var alone = Sweep(SweepSpace.Trials([trial.Options]), rows, trials: 1).Trials[0];
            foreach (var (own, other) in trial.History.Epochs.Zip(alone.History.Epochs))
                Assert.AreEqual(own with { Duration = TimeSpan.Zero }, other with { Duration = TimeSpan.Zero }, $"{trial}");
            if (trial.History.StopReason != StopReason.Completed) continue;
            CollectionAssert.AreEqual(trial.Weights!.Weights, alone.Weights!.Weights, $"{trial}");
            CollectionAssert.AreEqual(trial.Weights.Biases, alone.Weights.Biases, $"{trial}");
        }
    }

    private Study<TorchLinearRegressionTrainer.Options> Sweep(
        SweepSpace<TorchLinearRegressionTrainer.Options> space, IDataView rows, int trials) =>
        _mlContext.Regression.Trainers.Sweep(
            space, rows, new SweepOptions { Strategy = SweepStrategy.SuccessiveHalving(trials, reduction: 3), Seed = 5 });

    private static TorchLinearRegressionTrainer.Options Options(Draw draw, IDataView rows, int batchSize)
    {
        var options = new TorchLinearRegressionTrainer.Options
        {
            LabelColumnName = rows.Schema.GetColumnOrNull("Number") is null ? "Label" : "Number",
            LearningRate = draw.LogRange("rate", 1e-3, 0.1),
            NumberOfEpochs = 6,
            BatchSize = batchSize,
            ValidationFraction = 0.25,
            Seed = 3,
            LearningRateSchedule = LrSchedule.ExponentialLR(0.9),
        };
        // More than a vector of models have the same terms; the others some of all.
        if (draw.Range("kind", 0, 1) < 0.6) return options;
        options.L1Regularization = draw.Choice("l1", 0, 1e-4);
        options.L2Regularization = draw.Choice("l2", 0, 1e-3);
        if (draw.Choice("clips", false, true)) options.GradientClipping = new GradientClipping { MaximumNorm = 0.5 };
        if (draw.Choice("moves", false, true)) options.Optimizer = Optimizer.Sgd(momentum: 0.9);
        return options;
    }

    private IDataView Rows(int count, int width)
    {
        var random = new Random(2);
        return Load(Enumerable.Range(0, count).Select(_ =>
        {
            var x = Enumerable.Range(0, width).Select(_ => random.NextSingle()).ToArray();
            return (new VBuffer<float>(width, x), x.Take(9).Sum());
        }), width);
    }

    private IDataView SparseRows()
    {
        const int Width = 4000;
        var random = new Random(3);
        return Load(Enumerable.Range(0, 300).Select(_ =>
        {
            int[] places = [.. Enumerable.Range(0, 12).Select(_ => random.Next(Width)).Distinct().Order()];
            float[] values = [.. places.Select(_ => random.NextSingle())];
            return (new VBuffer<float>(Width, places.Length, values, places), values.Sum());
        }), Width);
    }

    private IDataView Load(IEnumerable<(VBuffer<float> X, float Y)> rows, int width)
    {
        var schema = SchemaDefinition.Create(typeof(Row));
        schema["Features"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, width);
        return _mlContext.Data.LoadFromEnumerable(rows.Select(row => new Row { Features = row.X, Label = row.Y }).ToArray(), schema);
    }

    private sealed class Row
    {
        public VBuffer<float> Features { get; set; }

        public float Label { get; set; }
    }
}
