using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Trainers;

[TestClass]
public sealed class TorchLinearRegressionTests
{
    private static readonly float[] TrueWeights = [2, -1, 0.5f];
    private const float TrueBias = 3;

    [TestMethod]
    public void A_pipeline_trains_evaluates_saves_loads_and_predicts()
    {
        var mlContext = new MLContext(seed: 1);
        var data = mlContext.Data.LoadFromEnumerable(Points(2000, noise: 0.1));
        var split = mlContext.Data.TrainTestSplit(data, testFraction: 0.25);
        var pipeline = mlContext.Transforms.Concatenate("Features", "A", "B", "C")
            .Append(mlContext.Transforms.NormalizeMeanVariance("Features"))
            .Append(mlContext.Regression.Trainers.TorchLinearRegression(
                labelColumnName: "Target", learningRateSchedule: LrSchedule.StepLR(stepSize: 5, gamma: 0.3), learningRate: 0.05,
                numberOfEpochs: 20));

        var model = pipeline.Fit(split.TrainSet);
        var metrics = mlContext.Regression.Evaluate(model.Transform(split.TestSet), labelColumnName: "Target");
        Assert.IsTrue(metrics.RSquared > 0.99, $"R² {metrics.RSquared}");
        Assert.AreEqual(20, model.LastTransformer.History.Epochs.Count);
        Assert.AreEqual(StopReason.Completed, model.LastTransformer.History.StopReason);

        using var file = new MemoryStream();
        mlContext.Model.Save(model, data.Schema, file);
        file.Position = 0;
        var loaded = new MLContext(seed: 2).Model.Load(file, out var schema);
        CollectionAssert.AreEqual(data.Schema.Select(c => c.Name).ToArray(), schema.Select(c => c.Name).ToArray());
        CollectionAssert.AreEqual(
            model.Transform(split.TestSet).GetColumn<float>("Score").ToArray(),
            loaded.Transform(split.TestSet).GetColumn<float>("Score").ToArray());

        var engine = mlContext.Model.CreatePredictionEngine<Point, Prediction>(loaded);
        var predicted = engine.Predict(new Point { A = 1, B = 2, C = 3 });
        Assert.AreEqual(TrueBias + 2 * 1 - 1 * 2 + 0.5 * 3, predicted.Score, 0.1);
    }

    [TestMethod]
    public void The_bare_transformer_saves_itself_and_names_its_columns()
    {
        var mlContext = new MLContext(seed: 1);
        var data = Vectors(mlContext, 200);
        var transformer = mlContext.Regression.Trainers.TorchLinearRegression().Fit(data);
        Assert.AreEqual("Features", transformer.FeatureColumnName);
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, 3), transformer.FeatureColumnType);
        Assert.AreEqual(3, transformer.Model.Weights.Count);
        Assert.IsTrue(transformer.IsRowToRowMapper);
        CollectionAssert.Contains(transformer.GetOutputSchema(data.Schema).Select(c => c.Name).ToArray(), "Score");

        using var file = new MemoryStream();
        mlContext.Model.Save(transformer, data.Schema, file);
        file.Position = 0;
        Assert.IsInstanceOfType<RegressionPredictionTransformer<Microsoft.ML.Trainers.LinearRegressionModelParameters>>(
            mlContext.Model.Load(file, out _) is IEnumerable<ITransformer> chain
                ? chain.Last()
                : mlContext.Model.Load(Rewind(file), out _));
    }

    [TestMethod]
    public void A_decaying_rate_finds_the_least_squares_solution_and_a_constant_one_does_not()
    {
        // Least squares of noisy points, solved exactly by the normal equations in double precision. At a constant rate the gradient's
        // noise keeps the weights moving; as the rate decays they settle.
        var mlContext = new MLContext(seed: 1);
        var points = VectorPoints(4000, noise: 2).ToArray();
        var solution = SolveNormalEquations(points);
        var data = mlContext.Data.LoadFromEnumerable(points);
        double Distance(LrSchedule schedule)
        {
            var model = mlContext.Regression.Trainers.TorchLinearRegression(new TorchLinearRegressionTrainer.Options
            {
                LearningRate = 0.1,
                NumberOfEpochs = 60,
                BatchSize = 32,
                Seed = 5,
                LearningRateSchedule = schedule,
                L2Regularization = 0,
            }).Fit(data).Model;
            return model.Weights.Append(model.Bias).Zip(solution, (w, exact) => Math.Abs(w - exact)).Max();
        }

        var constant = Distance(LrSchedule.ConstantLR(factor: 1));
        var decaying = Distance(LrSchedule.LambdaLR(epoch => Math.Pow(0.85, epoch)));
        Assert.IsTrue(decaying < 2e-3, $"decaying: {decaying}");
        Assert.IsTrue(constant > 1e-2, $"constant: {constant}");
    }

    [TestMethod]
    public void History_has_rates_losses_metrics_and_times()
    {
        var mlContext = new MLContext(seed: 1);
        var reported = new List<TrainingProgress>();
        var options = new TorchLinearRegressionTrainer.Options
        {
            NumberOfEpochs = 6,
            LearningRate = 0.05,
            BiasLearningRate = 0.1,
            ValidationFraction = 0.2,
            LearningRateSchedule = LrSchedule.StepLR(2, 0.5),
            Progress = new Reporter(reported.Add),
        };
        var history = mlContext.Regression.Trainers.TorchLinearRegression(options).Fit(Vectors(mlContext, 500)).History;

        for (var i = 0; i < 6; i++)
        {
            var epoch = history.Epochs[i];
            Assert.AreEqual(i + 1, epoch.Epoch);
            Assert.AreEqual(0.05 * Math.Pow(0.5, i / 2), epoch.LearningRates[0], 1e-15);
            Assert.AreEqual(0.1 * Math.Pow(0.5, i / 2), epoch.LearningRates[1], 1e-15);
            Assert.IsTrue(epoch.Duration > TimeSpan.Zero);
            Assert.AreEqual(epoch[Metric.RootMeanSquaredError]!.Value, Math.Sqrt(epoch[Metric.ValidationLoss]!.Value), 1e-9);
            Assert.AreEqual(epoch.TrainingLoss, epoch[Metric.TrainingLoss]);
            Assert.AreEqual((epoch, 6), (reported[i].Epoch, reported[i].NumberOfEpochs));
        }

        Assert.IsTrue(history.Epochs[^1].TrainingLoss < history.Epochs[0].TrainingLoss / 5);
        Assert.IsTrue(history.Epochs[^1][Metric.RSquared] > 0.9);
    }

    [TestMethod]
    public void Validation_metrics_are_those_of_MLNET_on_the_same_rows()
    {
        var mlContext = new MLContext(seed: 1);
        var (train, validation) = (Vectors(mlContext, 500), Vectors(mlContext, 301));
        var model = mlContext.Regression.Trainers.TorchLinearRegression().Fit(train, validation);
        var expected = mlContext.Regression.Evaluate(model.Transform(validation));
        var last = model.History.Epochs[^1];
        Assert.AreEqual(expected.RootMeanSquaredError, last[Metric.RootMeanSquaredError]!.Value, 1e-5);
        Assert.AreEqual(expected.MeanAbsoluteError, last[Metric.MeanAbsoluteError]!.Value, 1e-5);
        Assert.AreEqual(expected.RSquared, last[Metric.RSquared]!.Value, 1e-5);
        Assert.AreEqual(expected.MeanSquaredError, last[Metric.ValidationLoss]!.Value, 1e-4);
    }

    [TestMethod]
    public void A_plateau_cuts_the_rate_when_its_metric_stops_improving()
    {
        var mlContext = new MLContext(seed: 1);
        foreach (var (metric, mode) in new[]
            { (Metric.ValidationLoss, PlateauMode.Min), (Metric.RSquared, PlateauMode.Max), (Metric.TrainingLoss, PlateauMode.Min) })
        {
            var options = new TorchLinearRegressionTrainer.Options
            {
                NumberOfEpochs = 40,
                LearningRate = 0.1,
                ValidationFraction = 0.2,
                MonitoredMetric = metric,
                LearningRateSchedule = LrSchedule.ReduceLROnPlateau(mode, factor: 0.5, patience: 2),
            };
            var history = mlContext.Regression.Trainers.TorchLinearRegression(options)
                .Fit(mlContext.Data.LoadFromEnumerable(VectorPoints(500, noise: 1))).History;
            // Walking along the recorded metric gives the recorded rates: the metric of an epoch decides the rate of the next.
            var scheduler = options.LearningRateSchedule.Start(0.1, 0.1);
            foreach (var epoch in history.Epochs)
            {
                Assert.AreEqual(scheduler.LearningRates[0], epoch.LearningRates[0]);
                scheduler.Step(epoch[metric]!.Value);
            }

            Assert.IsTrue(history.Epochs[^1].LearningRates[0] < 0.1, $"{metric} never cut the rate.");
        }
    }

    [TestMethod]
    public void A_schedule_by_minibatch_steps_after_each_one()
    {
        var mlContext = new MLContext(seed: 1);
        var schedule = LrSchedule.StepLR(1, 0.99) with { Interval = ScheduleInterval.Batch };
        var options = new TorchLinearRegressionTrainer.Options
        {
            NumberOfEpochs = 3,
            BatchSize = 32,
            LearningRate = 0.1,
            LearningRateSchedule = schedule,
        };
        var history = mlContext.Regression.Trainers.TorchLinearRegression(options).Fit(Vectors(mlContext, 100)).History;
        // 100 rows are four minibatches; the last one of epoch e is step 4e + 3.
        for (var epoch = 0; epoch < 3; epoch++)
            Assert.AreEqual(0.1 * Math.Pow(0.99, 4 * epoch + 3), history.Epochs[epoch].LearningRates[0], 1e-15);
    }

    [TestMethod]
    public void The_same_seed_gives_the_same_model_and_another_one_another()
    {
        float[] Train(int contextSeed, int? seed, bool shuffle = true)
        {
            var mlContext = new MLContext(contextSeed);
            var options = new TorchLinearRegressionTrainer.Options
            {
                NumberOfEpochs = 2,
                Seed = seed,
                ValidationFraction = 0.1,
                Shuffle = shuffle,
            };
            var model = mlContext.Regression.Trainers.TorchLinearRegression(options).Fit(Vectors(mlContext, 300)).Model;
            return [.. model.Weights, model.Bias];
        }

        CollectionAssert.AreEqual(Train(1, 5), Train(2, 5), "Options.Seed decides where it is set");
        CollectionAssert.AreEqual(Train(1, null), Train(1, null), "else that of the MLContext");
        CollectionAssert.AreNotEqual(Train(1, null), Train(2, null));
        CollectionAssert.AreNotEqual(Train(1, 5), Train(1, 6));
        CollectionAssert.AreNotEqual(Train(1, 5), Train(1, 5, shuffle: false));
    }

    [TestMethod]
    public void A_weight_of_two_counts_as_a_row_given_twice()
    {
        var mlContext = new MLContext(seed: 1);
        var points = VectorPoints(200, noise: 1).ToArray();
        for (var i = 0; i < points.Length; i++) points[i].Weight = 1 + i % 2;
        float[] Train(IEnumerable<Row> rows, string? weight)
        {
            // One minibatch an epoch, so that which rows share one makes no difference.
            var options = new TorchLinearRegressionTrainer.Options
            {
                NumberOfEpochs = 50,
                BatchSize = 1000,
                LearningRate = 0.2,
                // That of the default follows from the number of rows, which are counted and not weighed.
                L2Regularization = 0.01,
                ExampleWeightColumnName = weight,
            };
            var model = mlContext.Regression.Trainers.TorchLinearRegression(options).Fit(mlContext.Data.LoadFromEnumerable(rows)).Model;
            return [.. model.Weights, model.Bias];
        }

        var (weighted, repeated) = (Train(points, "Weight"), Train(points.SelectMany(p => Enumerable.Repeat(p, (int)p.Weight)), null));
        for (var i = 0; i < weighted.Length; i++) Assert.AreEqual(repeated[i], weighted[i], 1e-5);
        Assert.AreNotEqual(Train(points, null)[0], weighted[0], 1e-3f);
    }

    [TestMethod]
    public void Rows_with_missing_values_are_left_out_and_the_log_says_so()
    {
        var mlContext = new MLContext(seed: 1);
        var log = new List<string>();
        mlContext.Log += (_, e) => log.Add(e.Message);
        var points = VectorPoints(300, noise: 0).ToArray();
        points[7].Features[1] = float.NaN;
        points[9].Label = float.NaN;
        var model = mlContext.Regression.Trainers.TorchLinearRegression().Fit(mlContext.Data.LoadFromEnumerable(points)).Model;
        Assert.IsTrue(model.Weights.All(float.IsFinite));
        Assert.IsTrue(log.Any(line => line.Contains(
            "training: 2 rows were left out because their label, weight or a feature is missing (NaN) or infinite.")));
    }

    [TestMethod]
    public void Cancelling_ends_training_within_the_minibatch()
    {
        var mlContext = new MLContext(seed: 1);
        using var cancellation = new CancellationTokenSource();
        var epochs = 0;
        var options = new TorchLinearRegressionTrainer.Options
        {
            NumberOfEpochs = 1000,
            CancellationToken = cancellation.Token,
            Progress = new Reporter(_ =>
            {
                if (++epochs == 3) cancellation.Cancel();
            }),
        };
        Assert.ThrowsExactly<OperationCanceledException>(
            () => mlContext.Regression.Trainers.TorchLinearRegression(options).Fit(Vectors(mlContext, 100)));
        Assert.AreEqual(3, epochs);
    }

    [TestMethod]
    public void Diverging_training_stops_with_its_history_and_what_to_try()
    {
        var mlContext = new MLContext(seed: 1);
        var trainer = mlContext.Regression.Trainers.TorchLinearRegression(
            learningRate: 50, numberOfEpochs: 100, learningRateSchedule: LrSchedule.ConstantLR(factor: 1));
        var error = Assert.ThrowsExactly<TrainingDivergedException>(() => trainer.Fit(Vectors(mlContext, 500)));
        StringAssert.Contains(
            error.Message, "at a learning rate of 50. Leave LearningRate out or find one with LearningRateFinder");
        Assert.AreEqual((StopReason.Diverged, 1, 50.0), (error.History.StopReason, error.Epoch, error.LearningRate));
        Assert.IsTrue(error.Step is > 1 and < 16);
        Assert.IsTrue(error is { LastGoodWeights: [], History.Epochs: [] });
    }

    [TestMethod]
    public void Momentum_and_regularisation_reach_the_optimizer()
    {
        var mlContext = new MLContext(seed: 1);
        float Norm(Optimizer optimizer, double l2)
        {
            var options = new TorchLinearRegressionTrainer.Options
            {
                Optimizer = optimizer,
                L2Regularization = l2,
                NumberOfEpochs = 3,
                Seed = 1,
                LearningRate = 0.001,
            };
            return mlContext.Regression.Trainers.TorchLinearRegression(options).Fit(Vectors(mlContext, 300)).Model.Weights.Sum(w => w * w);
        }

        var plain = Norm(Optimizer.Sgd(), 0);
        Assert.IsTrue(Norm(Optimizer.Sgd(momentum: 0.9), 0) > 2 * plain, "momentum goes further in the same steps");
        Assert.IsTrue(Norm(Optimizer.Sgd(), 10) < 0.9 * plain, "a penalty holds the weights back");
    }

    internal static IDataView Vectors(MLContext mlContext, int count) => mlContext.Data.LoadFromEnumerable(VectorPoints(count, noise: 0.1));

    private static IEnumerable<Row> VectorPoints(int count, double noise) =>
        Points(count, noise).Select(p => new Row { Label = p.Target, Weight = 1, Features = [p.A, p.B, p.C] });

    private static IEnumerable<Point> Points(int count, double noise)
    {
        var random = new Random(17);
        for (var i = 0; i < count; i++)
        {
            var point = new Point { A = Next(), B = Next(), C = Next() };
            point.Target =
                TrueBias + TrueWeights[0] * point.A + TrueWeights[1] * point.B + TrueWeights[2] * point.C + (float)(noise * Next());
            yield return point;
        }

        float Next() => (float)(random.NextDouble() * 4 - 2);
    }

    private static double[] SolveNormalEquations(Row[] rows)
    {
        var n = 4;
        var system = new double[n, n + 1];
        foreach (var row in rows)
        {
            double[] x = [.. row.Features.Select(v => (double)v), 1];
            for (var i = 0; i < n; i++)
            {
                for (var j = 0; j < n; j++) system[i, j] += x[i] * x[j];
                system[i, n] += x[i] * row.Label;
            }
        }

        // Gauss and Jordan, without pivoting: the matrix is symmetric and positive definite.
        for (var pivot = 0; pivot < n; pivot++)
            for (var i = 0; i < n; i++)
            {
                if (i == pivot) continue;
                var factor = system[i, pivot] / system[pivot, pivot];
                for (var j = pivot; j <= n; j++) system[i, j] -= factor * system[pivot, j];
            }

        return [.. Enumerable.Range(0, n).Select(i => system[i, n] / system[i, i])];
    }

    private static Stream Rewind(Stream stream)
    {
        stream.Position = 0;
        return stream;
    }

    private sealed class Reporter(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }

    private sealed class Point
    {
        public float A { get; set; }

        public float B { get; set; }

        public float C { get; set; }

        public float Target { get; set; }
    }

    private sealed class Row
    {
        public float Label { get; set; }

        public float Weight { get; set; }

        [VectorType(3)]
        public float[] Features { get; set; } = [];
    }

    private sealed class Prediction
    {
        public float Score { get; set; }
    }
}
