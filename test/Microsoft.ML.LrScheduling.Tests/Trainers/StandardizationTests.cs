using FsCheck.Fluent;
using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Trainers;

/// <summary>Training on features and labels of one scale, and models for features and labels as they came.</summary>
[TestClass]
public sealed class StandardizationTests
{
    // Of a feature that is spread evenly over (-1, 1).
    private static readonly double Deviation = 1 / Math.Sqrt(3);

    private readonly MLContext _mlContext = new(seed: 1);

    public static IEnumerable<object[]> Tasks => TaskCase.All;

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void A_feature_of_another_scale_and_place_gives_the_same_predictions(TaskCase task)
    {
        void Configure(LinearTrainerOptions options) => (options.LearningRate, options.NumberOfEpochs) = (null, 10);
        var points = TaskCase.Points(200).ToArray();
        var expected = Scores(task.Fit(_mlContext, Data(points), Configure).Transformer, points);
        // A feature a hundred deviations off is rounded by up to 50 · 2⁻²³ = 6e-6 of its deviation; so are its product with the weight
        // and the bias that makes up for it. Four features and what training makes of it: ten times that, of the largest score.
        var tolerance = 6e-5 * Math.Max(1, expected.Max(Math.Abs));
        var draws =
            from feature in Gen.Choose(0, 3)
            from exponent in Gen.Choose(-3000, 3000)
            from isNegative in Gen.Elements(false, true)
            from deviations in Gen.Choose(-100, 100)
            select (Feature: feature, Factor: Math.Pow(10, exponent / 1000.0) * (isNegative ? -1 : 1), Shift: deviations * Deviation);
        Draws.Hold(Prop.ForAll(draws.ToArbitrary(), draw =>
        {
            var moved = points.Select(point => With(point, features =>
                features[draw.Feature] = (float)(draw.Factor * (features[draw.Feature] + draw.Shift)))).ToArray();
            AssertNear(expected, Scores(task.Fit(_mlContext, Data(moved), Configure).Transformer, moved), tolerance);
        }), 25);
    }

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void Penalties_act_on_the_weights_of_standardised_features(TaskCase task)
    {
        var points = TaskCase.Points(200).ToArray();
        var moved = points.Select(point => With(point, features => features[0] = 1000 * features[0])).ToArray();
        float[] ScoresWith(float l1, float l2, TaskRow[] rows) => Scores(
            task.Fit(_mlContext, Data(rows), options => (options.LearningRate, options.NumberOfEpochs, options.L1Regularization,
                options.L2Regularization) = (null, 10, l1, l2)).Transformer, rows);
        var free = ScoresWith(0, 0, points);
        foreach (var (l1, l2) in new[] { (0.02f, 0f), (0f, 0.1f) })
        {
            var held = ScoresWith(l1, l2, points);
            Assert.IsGreaterThan(0.01, free.Zip(held, (a, b) => Math.Abs(a - b)).Max(), "the penalty has an effect");
            AssertNear(held, ScoresWith(l1, l2, moved), 6e-5 * Math.Max(1, held.Max(Math.Abs)));
        }
    }

    [TestMethod]
    [DataRow("Squared")]
    [DataRow("Huber")]
    [DataRow("Absolute")]
    [DataRow("Quantile")]
    public void A_label_of_another_scale_and_place_gives_predictions_of_that_scale_and_place(string name)
    {
        var points = TaskCase.Points(201).ToArray();
        float[] Predictions(double factor, double shift)
        {
            var moved = points.Select(point => new TaskRow
            { Features = point.Features, Number = (float)(factor * (point.Number + shift)) }).ToArray();
            // One minibatch an epoch: see the tolerance.
            var options = new TorchLinearRegressionTrainer.Options
            {
                LabelColumnName = "Number",
                Loss = name switch
                {
                    "Squared" => RegressionLoss.Squared(),
                    "Huber" => RegressionLoss.Huber(0.3 * factor),
                    "Absolute" => RegressionLoss.Absolute(),
                    _ => RegressionLoss.Quantile(0.8),
                },
                BatchSize = 1000,
                NumberOfEpochs = 60,
            };
            return Scores(_mlContext.Regression.Trainers.TorchLinearRegression(options).Fit(Data(moved)), points);
        }

        var expected = Predictions(1, 0);
        Assert.IsGreaterThan(2, expected.Max() - expected.Min(), "it learned");
        // A label of up to 12 is rounded by up to 2⁻²¹ = 5e-7, and so are the predictions. Where a loss has a kink, rounding may put a
        // row on the other side of it, and a step of a rate of at most 1 then differs by one part in 201.
        var tolerance = name is "Squared" or "Huber" ? 5e-6 : 5e-3;
        var draws =
            from exponent in Gen.Choose(-3000, 6000)
            from shift in Gen.Choose(-10, 10)
            select (Factor: Math.Pow(10, exponent / 1000.0), Shift: (double)shift);
        Draws.Hold(Prop.ForAll(draws.ToArbitrary(), draw => AssertNear(
            expected, [.. Predictions(draw.Factor, draw.Shift).Select(score => (float)(score / draw.Factor - draw.Shift))],
            tolerance)), 25);
    }

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void The_model_scores_as_one_of_features_that_were_standardised_before(TaskCase task)
    {
        // As many rows of each kind, and labels about zero: so the best constant is what training begins with on any scale.
        var all = TaskCase.Points(2000).ToArray();
        var points = task.Label == "Class"
            ? Enumerable.Range(0, 3).SelectMany(kind => all.Where(point => point.Class == kind).Take(100)).ToArray()
            : new[] { false, true }.SelectMany(kind => all.Where(point => point.Truth == kind).Take(150)).ToArray();
        var mean = points.Average(point => (double)point.Number);
        foreach (var point in points)
        {
            point.Number -= (float)mean;
            for (var i = 0; i < 4; i++) point.Features[i] = (i + 1) * (point.Features[i] + i);
        }

        void Configure(LinearTrainerOptions options)
        {
            (options.LearningRate, options.NumberOfEpochs, options.L2Regularization) = (0.05, 15, 0.01);
            options.LearningRateSchedule = LrSchedule.ExponentialLR(0.9);
        }

        var inside = Scores(task.Fit(_mlContext, Data(points), Configure).Transformer, points);
        var normaliser = _mlContext.Transforms.NormalizeMeanVariance("Features", fixZero: false).Fit(Data(points));
        var outside = Scores(task.Fit(_mlContext, normaliser.Transform(Data(points)), options =>
        {
            Configure(options);
            options.Standardize = false;
        }).Transformer, normaliser.Transform(Data(points)));
        AssertNear(outside, inside, 1e-5 * Math.Max(1, outside.Max(Math.Abs)));
    }

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void Sparse_rows_are_scaled_and_keep_their_zeros(TaskCase task)
    {
        // Four features among 600, of sizes that are far apart; labels as in the test above.
        var all = TaskCase.Points(2000).ToArray();
        var points = task.Label == "Class"
            ? Enumerable.Range(0, 3).SelectMany(kind => all.Where(point => point.Class == kind).Take(60)).ToArray()
            : new[] { false, true }.SelectMany(kind => all.Where(point => point.Truth == kind).Take(90)).ToArray();
        var mean = points.Average(point => (double)point.Number);
        foreach (var point in points)
        {
            point.Number -= (float)mean;
            for (var i = 0; i < 4; i++) point.Features[i] = 10 * i * point.Features[i] + 1;
        }

        // A feature that is in each row would be centred.
        for (var i = 1; i < 4; i++) points[i].Features[i] = 0;

        var sizes = Enumerable.Range(0, 4).Select(i => Math.Sqrt(
            points.Where(point => point.Features[i] != 0).Average(point => Math.Pow(point.Features[i], 2)))).ToArray();
        IDataView Wide(bool isScaled) => _mlContext.Data.LoadFromEnumerable(points.Select(point => new WideRow
        {
            Number = point.Number,
            Truth = point.Truth,
            Class = point.Class,
            // The first one does not vary, and so is left out.
            Features = new VBuffer<float>(600, 4, [.. point.Features.Select((x, i) =>
                !isScaled ? x : i == 0 ? 0 : (float)(x / sizes[i]))], [3, 170, 401, 599]),
        }).ToArray());
        void Configure(LinearTrainerOptions options)
        {
            (options.LearningRate, options.NumberOfEpochs, options.L2Regularization) = (0.02, 10, 0.01);
            options.LearningRateSchedule = LrSchedule.ExponentialLR(0.8);
        }

        var inside = task.Fit(_mlContext, Wide(isScaled: false), Configure).Transformer.Transform(Wide(isScaled: false));
        var outside = task.Fit(_mlContext, Wide(isScaled: true), options =>
        {
            Configure(options);
            options.Standardize = false;
        }).Transformer.Transform(Wide(isScaled: true));
        AssertNear(Scores(outside), Scores(inside), 1e-5 * Math.Max(1, Scores(outside).Max(Math.Abs)));
    }

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void Few_features_give_the_same_model_in_dense_and_in_sparse_form(TaskCase task)
    {
        // Rows of so few features are kept dense whatever form they come in: as they come, they are the same bits.
        var points = TaskCase.Points(300).Select((point, row) => With(point, features => features[row % 4] = 0)).ToArray();
        var definition = SchemaDefinition.Create(typeof(WideRow));
        definition["Features"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 4);
        float[] Train(bool isSparse, bool standardize) => task.Fit(
            _mlContext,
            _mlContext.Data.LoadFromEnumerable(points.Select((point, row) => new WideRow
            {
                Number = point.Number,
                Truth = point.Truth,
                Class = point.Class,
                Features = !isSparse ? new VBuffer<float>(4, point.Features) : new VBuffer<float>(
                    4, 3, [.. point.Features.Where((_, i) => i != row % 4)], [.. Enumerable.Range(0, 4).Where(i => i != row % 4)]),
            }).ToArray(), definition),
            options => options.Standardize = standardize).Weights;
        CollectionAssert.AreEqual(Train(isSparse: false, standardize: false), Train(isSparse: true, standardize: false));
        // Of scale and place the sums differ: those of rows that come dense are of differences from the first row.
        AssertNear(Train(isSparse: false, standardize: true), Train(isSparse: true, standardize: true), 1e-5);
    }

    [TestMethod]
    // A window has 262,144 values: 436 dense rows of 600 features, and so 416 of minibatches of 32; of sparse rows of four values 52,416.
    [DataRow(416, true, true)]
    [DataRow(1000, true, false)]
    [DataRow(1000, false, true)]
    public void Dense_and_sparse_forms_are_visited_in_one_order_where_a_window_holds_them_or_nothing_is_shuffled(
        int rows, bool shuffle, bool isSame)
    {
        var task = (TaskCase)TaskCase.All.First()[0];
        var points = TaskCase.Points(rows).ToArray();
        float[] Train(bool isSparse) => task.Fit(
            _mlContext,
            _mlContext.Data.LoadFromEnumerable(points.Select(point =>
            {
                var sparse = new VBuffer<float>(600, 4, point.Features, [3, 170, 401, 599]);
                return new WideRow
                {
                    Number = point.Number,
                    Features = isSparse ? sparse : new VBuffer<float>(600, [.. sparse.DenseValues()]),
                };
            }).ToArray()),
            options => (options.Standardize, options.Shuffle, options.NumberOfEpochs) = (false, shuffle, 3)).Weights;
        var (dense, sparse) = (Train(isSparse: false), Train(isSparse: true));
        var farthest = dense.Zip(sparse, (one, other) => Math.Abs(one - other)).Max();
        Assert.AreEqual(isSame, farthest < 1e-5, $"{farthest}");
    }

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void A_feature_that_does_not_vary_has_no_weight(TaskCase task)
    {
        var points = TaskCase.Points(300).Select(point => With(point, features => features[1] = 12345.678f)).ToArray();
        var (_, weights, history) = task.Fit(_mlContext, Data(points));
        for (var output = 0; output < weights.Length / 5; output++)
        {
            Assert.AreEqual(0f, weights[4 * output + 1]);
            Assert.AreNotEqual(0f, weights[4 * output]);
        }

        Assert.IsLessThan(history.Epochs[0].TrainingLoss, history.Epochs[^1].TrainingLoss);

        points = [.. points.Select(point => With(point, features => features.AsSpan().Fill(0.1f)))];
        (var model, weights, _) = task.Fit(_mlContext, Data(points));
        Assert.IsTrue(weights[..^(weights.Length / 5)].All(weight => weight == 0));
        // What is left is the best constant, about which the noise of minibatches may move it.
        var (mean, shares) = (points.Average(point => (double)point.Number), Shares(points));
        double[] expected = task.Label switch
        {
            "Number" => [mean],
            "Truth" => [LogOdds(points)],
            _ => shares,
        };
        AssertNear([.. expected.Select(score => (float)score)], Scores(model, points)[..expected.Length], 0.05);
    }

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void A_warm_start_begins_with_the_weights_that_it_is_given(TaskCase task)
    {
        // Rows of other scales than those of the first model; the second feature does not vary in them.
        var (first, weights, _) = task.Fit(_mlContext, TaskCase.Rows(_mlContext, 300));
        var points = TaskCase.Points(200, seed: 6).Select(point => With(point, features =>
            (features[0], features[1], features[3]) = (5 * features[0] + 20, 3, 0.01f * features[3]))).ToArray();
        void Configure(LinearTrainerOptions options) => (options.LearningRate, options.NumberOfEpochs) = (1e-12, 1);
        var warm = task.FitFrom(_mlContext, Data(points), first, Configure).Weights;
        for (var i = 0; i < weights.Length - weights.Length / 5; i++) Assert.AreEqual(weights[i], warm[i], 1e-6 * Math.Abs(weights[i]));
        // The bias is what is left of sums of weights times means, which are up to 20.
        for (var i = weights.Length - weights.Length / 5; i < weights.Length; i++)
            Assert.AreEqual(weights[i], warm[i], 2e-6 * 20 * weights.Max(Math.Abs));
        Assert.AreEqual(weights[1], warm[1], "the weight of the feature that does not vary is left as it is");
    }

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void Rows_in_a_file_give_the_model_of_rows_in_memory(TaskCase task)
    {
        // 100,000 rows of five numbers are 2 MB.
        var points = TaskCase.Points(100_000).Select(point => With(point, features => features[0] = 1000 * features[0] + 3000)).ToArray();
        var log = new List<string>();
        _mlContext.Log += (_, e) => log.Add(e.Message);
        float[] Train(int limit) => task.Fit(_mlContext, Data(points), options =>
        {
            // Rows in a file are visited in another order where they are shuffled.
            (options.MemoryLimitMB, options.Shuffle) = (limit, false);
            (options.LearningRate, options.NumberOfEpochs) = (null, 2);
        }).Weights;
        var inMemory = Train(100);
        Assert.IsFalse(log.Any(line => line.Contains("are in a file", StringComparison.Ordinal)));
        CollectionAssert.AreEqual(inMemory, Train(1));
        Assert.IsTrue(log.Any(line => line.Contains("are in a file", StringComparison.Ordinal)));
    }

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void The_same_seed_gives_the_same_bits_and_both_engines_the_same_model(TaskCase task)
    {
        var points = TaskCase.Points(300).Select(point => With(point, features => features[0] = 1000 * features[0] + 3000)).ToArray();
        float[] Train(TrainingEngine engine, int seed = 1) => task.Fit(_mlContext, Data(points), options =>
        {
            (options.Engine, options.LearningRate, options.Seed) = (engine, null, seed);
            options.Optimizer = Optimizer.Sgd(0.5);
        }).Weights;
        var fused = Train(TrainingEngine.Fused);
        CollectionAssert.AreEqual(fused, Train(TrainingEngine.Fused));
        CollectionAssert.AreNotEqual(fused, Train(TrainingEngine.Fused, seed: 2));
        var torch = Train(TrainingEngine.Torch);
        for (var i = 0; i < fused.Length; i++) Assert.AreEqual(torch[i], fused[i], 1e-4 * Math.Max(1, Math.Abs(torch[i])), $"weight {i}");
    }

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void Weights_of_whole_numbers_count_as_rows_given_so_many_times(TaskCase task)
    {
        // One minibatch an epoch, so that which rows share one makes no difference. The rate and the penalty are given: those of the
        // default follow from the number of rows too.
        float[] Train(IEnumerable<TaskRow> rows, string? weight) => task.Fit(_mlContext, Data(rows), options =>
        {
            (options.BatchSize, options.NumberOfEpochs, options.LearningRate) = (1000, 50, 0.2);
            (options.L2Regularization, options.ExampleWeightColumnName) = (0.01, weight);
        }).Weights;
        // The heavier rows stand elsewhere, so that means and deviations are other ones.
        var points = TaskCase.Points(200).Select(point => With(point, features => features[0] += point.Weight)).ToArray();
        var weighted = Train(points, "Weight");
        var repeated = Train(points.SelectMany(point => Enumerable.Repeat(point, (int)point.Weight)), null);
        for (var i = 0; i < weighted.Length; i++) Assert.AreEqual(repeated[i], weighted[i], 1e-5, $"weight {i}");
        Assert.AreNotEqual(Train(points, null)[0], weighted[0], 1e-3f);
    }

    [TestMethod]
    public void Each_fold_is_standardised_by_its_own_training_rows()
    {
        // A few rows are far out: means and deviations of a fold without one of them are other ones.
        var points = TaskCase.Points(240).Select((point, row) => With(point, features =>
            features[0] = row % 80 == 7 ? 30 : 100 * features[0])).ToArray();
        var rows = Data(points);
        var options = new SweepOptions { NumberOfFolds = 3, Seed = 4 };
        void Compare(IEnumerable<double> expected, IEnumerable<double?> actual)
        {
            Assert.HasCount(3, expected);
            foreach (var (first, second) in expected.Zip(actual))
                Assert.AreEqual(first, second!.Value, 1e-5 * Math.Max(1, Math.Abs(first)));
        }

        var regression = new TorchLinearRegressionTrainer.Options { LabelColumnName = "Number", NumberOfEpochs = 5, Seed = 1 };
        Compare(
            _mlContext.Regression.CrossValidate(
                rows, _mlContext.Regression.Trainers.TorchLinearRegression(regression), 3, "Number", seed: 4)
                .Select(fold => fold.Metrics.RSquared),
            _mlContext.Regression.Trainers.Sweep(
                SweepSpace.Trials([regression]), rows, options with { Metric = Metric.RSquared }).Trials[0].FoldScores);
        var binary = new TorchLogisticRegressionTrainer.Options { LabelColumnName = "Truth", NumberOfEpochs = 5, Seed = 1 };
        Compare(
            _mlContext.BinaryClassification.CrossValidate(
                rows, _mlContext.BinaryClassification.Trainers.TorchLogisticRegression(binary), 3, "Truth", seed: 4)
                .Select(fold => fold.Metrics.LogLoss),
            _mlContext.BinaryClassification.Trainers.Sweep(
                SweepSpace.Trials([binary]), rows, options with { Metric = Metric.LogLoss }).Trials[0].FoldScores);
        var multiclass = new TorchMaximumEntropyTrainer.Options { LabelColumnName = "Class", NumberOfEpochs = 5, Seed = 1 };
        Compare(
            _mlContext.MulticlassClassification.CrossValidate(
                rows, _mlContext.MulticlassClassification.Trainers.TorchMaximumEntropy(multiclass), 3, "Class", seed: 4)
                .Select(fold => fold.Metrics.LogLoss),
            _mlContext.MulticlassClassification.Trainers.Sweep(
                SweepSpace.Trials([multiclass]), rows, options with { Metric = Metric.LogLoss }).Trials[0].FoldScores);
    }

    [TestMethod]
    [DataRow("Squared")]
    [DataRow("Absolute")]
    [DataRow("Huber")]
    [DataRow("Quantile")]
    [DataRow("Poisson")]
    public void A_regression_begins_at_the_best_constant_and_its_losses_are_in_the_units_of_the_label(string name)
    {
        const double Level = 0.8;
        const double Delta = 500;
        // Prices in thousands; of the Poisson loss counts.
        TaskRow[] Labelled(int count, int seed) => [.. TaskCase.Points(count, seed).Select(point => new TaskRow
        {
            Features = point.Features,
            Weight = point.Truth ? 3 : 1,
            Number = name == "Poisson" ? MathF.Round(2 * point.Number + 6) : 1000 * point.Number + 30_000,
        })];
        var (points, validation) = (Labelled(301, seed: 5), Labelled(101, seed: 6));
        double Constant(IEnumerable<TaskRow> rows)
        {
            double[] sorted = [.. rows.Select(row => (double)row.Number).Order()];
            return name switch
            {
                "Squared" or "Poisson" => sorted.Average(),
                "Quantile" => sorted[(int)Math.Ceiling(Level * sorted.Length) - 1],
                _ => sorted[sorted.Length / 2],
            };
        }

        TorchLinearRegressionTransformer Train(string? weight)
        {
            var options = new TorchLinearRegressionTrainer.Options
            {
                LabelColumnName = "Number",
                ExampleWeightColumnName = weight,
                LearningRate = 1e-12,
                NumberOfEpochs = 1,
                BatchSize = 43,
                Loss = name switch
                {
                    "Squared" => RegressionLoss.Squared(),
                    "Absolute" => RegressionLoss.Absolute(),
                    "Huber" => RegressionLoss.Huber(Delta),
                    "Quantile" => RegressionLoss.Quantile(Level),
                    _ => RegressionLoss.Poisson(),
                },
            };
            return _mlContext.Regression.Trainers.TorchLinearRegression(options).Fit(Data(points), Data(validation));
        }

        var repeated = points.SelectMany(point => Enumerable.Repeat(point, (int)point.Weight)).ToArray();
        Assert.AreNotEqual(Constant(points), Constant(repeated), 1e-4, "weights make a difference");
        foreach (var score in Scores(Train("Weight"), points)) Assert.AreEqual(Constant(repeated), score, 1e-6 * Constant(repeated));
        var (model, constant) = (Train(null), Constant(points));
        foreach (var score in Scores(model, points)) Assert.AreEqual(constant, score, 1e-6 * constant);

        double Loss(double label) => (name, constant - label) switch
        {
            ("Squared", var error) => error * error,
            ("Absolute", var error) => Math.Abs(error),
            ("Huber", var error) => Math.Abs(error) <= Delta ? error * error / 2 : Delta * (Math.Abs(error) - Delta / 2),
            ("Quantile", var error) => error > 0 ? (1 - Level) * error : -Level * error,
            _ => constant - label * Math.Log(constant),
        };
        var epoch = model.History.Epochs[0];
        var expected = points.Average(point => Loss(point.Number));
        Assert.AreEqual(expected, epoch.TrainingLoss, 1e-5 * Math.Abs(expected));
        expected = validation.Average(point => Loss(point.Number));
        Assert.AreEqual(expected, epoch[Metric.ValidationLoss]!.Value, 1e-5 * Math.Abs(expected));
        expected = validation.Average(point => Math.Abs(constant - point.Number));
        Assert.AreEqual(expected, epoch[Metric.MeanAbsoluteError]!.Value, 1e-5 * expected);
    }

    [TestMethod]
    [DataRow("Logistic")]
    [DataRow("Hinge")]
    [DataRow("SquaredHinge")]
    [DataRow("CrossEntropy")]
    public void A_classification_begins_at_the_best_constant(string name)
    {
        var (points, validation) = (TaskCase.Points(301).ToArray(), TaskCase.Points(101, seed: 6).ToArray());
        var task = (TaskCase)TaskCase.All.ElementAt(name == "CrossEntropy" ? 2 : 1)[0];
        (float[] Scores, EpochRecord Epoch) Train(string? weight)
        {
            var (model, _, history) = task.Fit(_mlContext, Data(points), options =>
            {
                (options.LearningRate, options.NumberOfEpochs, options.ExampleWeightColumnName) = (1e-12, 1, weight);
                if (options is TorchLogisticRegressionTrainer.Options binary)
                    binary.Loss = name switch
                    {
                        "Logistic" => BinaryLoss.Logistic(),
                        "Hinge" => BinaryLoss.Hinge(),
                        _ => BinaryLoss.SquaredHinge(),
                    };
            }, Data(validation));
            return (Scores(model, points), history.Epochs[0]);
        }

        double[] Constants(IReadOnlyCollection<TaskRow> rows) => name switch
        {
            "Logistic" => [LogOdds(rows)],
            "Hinge" => [rows.Average(row => row.Truth ? 1.0 : -1) > 0 ? 1 : -1],
            "SquaredHinge" => [rows.Average(row => row.Truth ? 1.0 : -1)],
            _ => Shares(rows),
        };
        TaskRow[] repeated = [.. points.SelectMany(point => Enumerable.Repeat(point, (int)point.Weight))];
        foreach (var (weight, rows) in new[] { ((string?)null, points), ("Weight", repeated) })
        {
            var (scores, constants) = (Train(weight).Scores, Constants(rows));
            for (var i = 0; i < scores.Length; i++) Assert.AreEqual(constants[i % constants.Length], scores[i], 1e-6, $"score {i}");
        }

        if (name != "Hinge") Assert.AreNotEqual(Constants(points)[0], Constants(repeated)[0], 1e-4, "weights make a difference");
        var constant = Constants(points);
        double Loss(TaskRow row)
        {
            var margin = row.Truth ? constant[0] : -constant[0];
            return name switch
            {
                "Logistic" => Math.Log(1 + Math.Exp(-margin)),
                "Hinge" => Math.Max(0, 1 - margin),
                "SquaredHinge" => Math.Pow(Math.Max(0, 1 - margin), 2),
                _ => -Math.Log(constant[row.Class]),
            };
        }

        var epoch = Train(null).Epoch;
        Assert.AreEqual(points.Average(Loss), epoch.TrainingLoss, 1e-5);
        Assert.AreEqual(validation.Average(Loss), epoch[Metric.ValidationLoss]!.Value, 1e-5);
    }

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void Training_goes_on_from_a_checkpoint_to_the_same_bits(TaskCase task)
    {
        var points = TaskCase.Points(300).Select(point => With(point, features => features[0] = 1000 * features[0] + 3000)).ToArray();
        var folder = Directory.CreateTempSubdirectory("lrscheduling-standardised-");
        try
        {
            // All that follows from the rows follows from them again.
            void Configure(LinearTrainerOptions options) => (options.LearningRate, options.ValidationFraction) = (null, 0.2);
            var (_, weights, history) = task.Fit(_mlContext, Data(points), Configure);
            using (var source = new CancellationTokenSource())
                Assert.ThrowsExactly<OperationCanceledException>(() => task.Fit(_mlContext, Data(points), options =>
                {
                    Configure(options);
                    (options.Checkpoints, options.CancellationToken) = (new Checkpoints { Folder = folder.FullName }, source.Token);
                    options.Progress = new Reporter(progress =>
                    {
                        if (progress.Epoch.Epoch == 4) source.Cancel();
                    });
                }));
            var first = 0;
            var (_, resumed, resumedHistory) = task.Fit(_mlContext, Data(points), options =>
            {
                Configure(options);
                options.Checkpoints = new Checkpoints { Folder = folder.FullName };
                options.Progress = new Reporter(progress => first = first == 0 ? progress.Epoch.Epoch : first);
            });
            Assert.AreEqual(5, first);
            CollectionAssert.AreEqual(weights, resumed);
            CollectionAssert.AreEqual(
                history.Epochs.Select(epoch => (epoch.TrainingLoss, epoch[Metric.ValidationLoss], epoch.LearningRates[0])).ToArray(),
                resumedHistory.Epochs.Select(epoch => (epoch.TrainingLoss, epoch[Metric.ValidationLoss], epoch.LearningRates[0]))
                    .ToArray());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static TaskRow With(TaskRow point, Action<float[]> change)
    {
        var features = point.Features.ToArray();
        change(features);
        return new TaskRow
        {
            Number = point.Number,
            Truth = point.Truth,
            Class = point.Class,
            Weight = point.Weight,
            Features = features,
        };
    }

    private static double LogOdds(IReadOnlyCollection<TaskRow> rows)
    {
        var positive = rows.Average(row => row.Truth ? 1.0 : 0);
        return Math.Log(positive / (1 - positive));
    }

    private static double[] Shares(IReadOnlyCollection<TaskRow> rows) =>
        [.. Enumerable.Range(0, 3).Select(kind => rows.Average(row => row.Class == kind ? 1.0 : 0))];

    private static void AssertNear(float[] expected, float[] actual, double tolerance)
    {
        Assert.HasCount(expected.Length, actual);
        for (var i = 0; i < expected.Length; i++) Assert.AreEqual(expected[i], actual[i], tolerance, $"score {i}");
    }

    private static float[] Scores(IDataView scored) => scored.Schema["Score"].Type is VectorDataViewType
        ? [.. scored.GetColumn<float[]>("Score").SelectMany(row => row)]
        : [.. scored.GetColumn<float>("Score")];

    private static float[] Scores(ITransformer model, IDataView data) => Scores(model.Transform(data));

    private float[] Scores(ITransformer model, IEnumerable<TaskRow> points) => Scores(model, Data(points));

    private IDataView Data(IEnumerable<TaskRow> points) => _mlContext.Data.LoadFromEnumerable(points.ToArray());

    private sealed class Reporter(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }

    private sealed class WideRow
    {
        public float Number { get; set; }

        public bool Truth { get; set; }

        [KeyType(3)]
        public uint Class { get; set; }

        [VectorType(600)]
        public VBuffer<float> Features { get; set; }
    }
}
