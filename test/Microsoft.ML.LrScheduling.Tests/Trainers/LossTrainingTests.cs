using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Trainers;

/// <summary>What each loss is for, seen in what its models predict.</summary>
[TestClass]
public sealed class LossTrainingTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void The_Poisson_loss_predicts_counts_also_from_a_saved_model()
    {
        // Counts of two groups with means 2 and 6.
        var random = new Random(1);
        var rows = Enumerable.Range(0, 2000).Select(i => new Row { Features = [i % 2], Number = Count(i % 2 == 0 ? 2 : 6) }).ToArray();
        var data = _mlContext.Data.LoadFromEnumerable(rows);
        var model = Fit(data, RegressionLoss.Poisson());
        var scores = model.Transform(data).GetColumn<float>("Score").ToArray();
        Assert.AreEqual(rows.Where(row => row.Features[0] == 0).Average(row => row.Number), scores[0], 0.02);
        Assert.AreEqual(rows.Where(row => row.Features[0] == 1).Average(row => row.Number), scores[1], 0.06);
        Assert.IsInstanceOfType<Microsoft.ML.Trainers.PoissonRegressionModelParameters>(model.Model);

        using var file = new MemoryStream();
        _mlContext.Model.Save(model, data.Schema, file);
        file.Position = 0;
        CollectionAssert.AreEqual(scores, _mlContext.Model.Load(file, out _).Transform(data).GetColumn<float>("Score").ToArray());

        float Count(double mean)
        {
            var (count, product) = (0, random.NextDouble());
            for (; product > Math.Exp(-mean); product *= random.NextDouble()) count++;
            return count;
        }
    }

    [TestMethod]
    public void The_Poisson_loss_refuses_negative_labels()
    {
        var data = _mlContext.Data.LoadFromEnumerable([new Row { Features = [1], Number = -1 }]);
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => Fit(data, RegressionLoss.Poisson()));
        Assert.AreEqual("A label must be in [0, ∞) for the Poisson loss. Received: -1 in column 'Number', row 0", error.Message);
    }

    [TestMethod]
    public void A_quantile_lies_above_its_part_of_the_labels()
    {
        var random = new Random(2);
        var data = _mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 4000).Select(_ =>
        {
            var x = (float)random.NextDouble();
            return new Row { Features = [x], Number = 2 * x + (float)random.NextDouble() };
        }).ToArray());
        foreach (var level in new[] { 0.1, 0.5, 0.9 })
        {
            var scored = Fit(data, RegressionLoss.Quantile(level)).Transform(data);
            var below = scored.GetColumn<float>("Number")
                .Zip(scored.GetColumn<float>("Score")).Average(pair => pair.First < pair.Second ? 1.0 : 0);
            Assert.AreEqual(level, below, 0.02);
        }
    }

    [TestMethod]
    public void Outliers_move_the_squared_loss_and_neither_the_Huber_nor_the_absolute_one()
    {
        // One label in ten is far off.
        var data = _mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 2000).Select(i =>
            new Row
            {
                Features = [i % 7 / 7f],
                Number = i % 7 / 7f * 3 + 1 + (i % 10 == 0 ? 100 : 0) + (i % 2 == 0 ? 0.1f : -0.1f),
            }).ToArray());
        float At(RegressionLoss loss) => Fit(data, loss).Model.Bias;
        Assert.IsGreaterThan(5f, At(RegressionLoss.Squared()));
        Assert.AreEqual(1f, At(RegressionLoss.Absolute()), 0.15f);
        Assert.AreEqual(1f, At(RegressionLoss.Huber(0.2)), 0.2f);
    }

    [TestMethod]
    public void Hinges_get_probabilities_that_are_right_on_average()
    {
        var data = TaskCase.Rows(_mlContext, 2000);
        foreach (var loss in new BinaryLoss[] { BinaryLoss.Hinge(), BinaryLoss.SquaredHinge(), BinaryLoss.Logistic() })
        {
            var options = new TorchLogisticRegressionTrainer.Options
            {
                LabelColumnName = "Truth",
                Loss = loss,
                LearningRate = 0.05,
                LearningRateSchedule = LrSchedule.ExponentialLR(0.85),
                ValidationFraction = 0.3,
            };
            var model = _mlContext.BinaryClassification.Trainers.TorchLogisticRegression(options).Fit(data);
            var metrics = _mlContext.BinaryClassification.Evaluate(model.Transform(data), "Truth");
            Assert.IsGreaterThan(0.93, metrics.Accuracy, $"{loss}");
            Assert.IsLessThan(loss is LogisticLoss ? 0.6 : 0.35, metrics.LogLoss, $"{loss}");
            Assert.AreEqual(loss is LogisticLoss, model.Model.Calibrator.Slope == -1 && model.Model.Calibrator.Offset == 0, $"{loss}");
            // Of the rows with a probability about p a part of about p is true.
            var rows = model.Transform(data).GetColumn<float>("Probability").Zip(data.GetColumn<bool>("Truth")).ToArray();
            Assert.AreEqual(rows.Average(row => row.Second ? 1.0 : 0), rows.Average(row => row.First), 0.02, $"{loss}");
        }
    }

    [TestMethod]
    public void Label_smoothing_keeps_probabilities_from_certainty()
    {
        var data = TaskCase.Rows(_mlContext, 500);
        float Highest(double smoothing)
        {
            var options = new TorchMaximumEntropyTrainer.Options
            {
                LabelColumnName = "Class",
                Loss = MulticlassLoss.CrossEntropy(smoothing),
                LearningRate = 0.5,
            };
            return _mlContext.MulticlassClassification.Trainers.TorchMaximumEntropy(options)
                .Fit(data).Transform(data).GetColumn<float[]>("Score").Max(row => row.Max());
        }

        Assert.IsLessThan(Highest(0), Highest(0.3));
    }

    [TestMethod]
    public void A_threshold_of_the_options_moves_the_predicted_label()
    {
        var data = TaskCase.Rows(_mlContext, 300);
        var options = new TorchLogisticRegressionTrainer.Options { LabelColumnName = "Truth", Threshold = 1.5f };
        var model = _mlContext.BinaryClassification.Trainers.TorchLogisticRegression(options).Fit(data);
        Assert.AreEqual(1.5f, model.Threshold);
        var scored = model.Transform(data);
        foreach (var (score, label) in scored.GetColumn<float>("Score").Zip(scored.GetColumn<bool>("PredictedLabel")))
            Assert.AreEqual(score > 1.5f, label);
        options.Threshold = float.NaN;
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(
                () => _mlContext.BinaryClassification.Trainers.TorchLogisticRegression(options)).Message,
            "Threshold must be in (−∞, ∞). Received: NaN");
    }

    [TestMethod]
    public void Classes_keep_their_names_in_scores_and_predictions()
    {
        var rows = Enumerable.Range(0, 90)
            .Select(i => new TextRow { Text = "abc"[i % 3].ToString(), Features = [i % 3 == 0 ? 1 : 0, i % 3 == 1 ? 1 : 0] }).ToArray();
        var data = _mlContext.Data.LoadFromEnumerable(rows);
        var pipeline = _mlContext.Transforms.Conversion.MapValueToKey("Label", "Text")
            .Append(_mlContext.MulticlassClassification.Trainers.TorchMaximumEntropy(learningRate: 0.5))
            .Append(_mlContext.Transforms.Conversion.MapKeyToValue("Predicted", "PredictedLabel"));
        var scored = pipeline.Fit(data).Transform(data);
        CollectionAssert.AreEqual(rows.Select(row => row.Text).ToArray(), scored.GetColumn<string>("Predicted").ToArray());
        var names = default(VBuffer<ReadOnlyMemory<char>>);
        scored.Schema["Score"].GetSlotNames(ref names);
        CollectionAssert.AreEqual(new[] { "a", "b", "c" }, names.DenseValues().Select(name => name.ToString()).ToArray());
        foreach (var row in scored.GetColumn<float[]>("Score")) Assert.AreEqual(1f, row.Sum(), 1e-5f);
    }

    [TestMethod]
    public void A_class_that_training_rows_do_not_know_is_refused_in_validation_rows()
    {
        var train = _mlContext.Data.LoadFromEnumerable(
            Enumerable.Range(0, 20).Select(i => new KeyRow { Label = (uint)(i % 3), Features = [i] }).ToArray());
        var definition = SchemaDefinition.Create(typeof(KeyRow));
        definition["Label"].ColumnType = new KeyDataViewType(typeof(uint), 5);
        var validation = _mlContext.Data.LoadFromEnumerable([new KeyRow { Label = 4, Features = [1] }], definition);
        var error = Assert.ThrowsExactly<InvalidOperationException>(
            () => _mlContext.MulticlassClassification.Trainers.TorchMaximumEntropy().Fit(train, validation));
        Assert.AreEqual(
            "A label must be one of the 3 classes of the training rows. Received: number 5 in column 'Label', validation row 0",
            error.Message);
    }

    [TestMethod]
    public void Options_go_to_JSON_and_back_and_what_is_wrong_is_named()
    {
        var options = new TorchLogisticRegressionTrainer.Options
        {
            LabelColumnName = "Truth",
            Loss = BinaryLoss.SquaredHinge(),
            Optimizer = Optimizer.RmsProp(momentum: 0.5, centered: true),
            LearningRateSchedule = LrSchedule.OneCycleLR(maxLr: [0.1, 0.2]),
            BiasLearningRate = 0.3,
            EarlyStopping = new EarlyStopping { Metric = Metric.AreaUnderRocCurve, Patience = 7 },
            InvalidRows = InvalidRowPolicy.Refuse,
            Threshold = 0.25f,
        };
        var json = options.ToJson();
        StringAssert.Contains(json, "\"optimizer\":{\"type\":\"RmsProp\"");
        StringAssert.Contains(json, "\"learningRateSchedule\":{\"type\":\"OneCycleLR\",\"maxLr\":[0.1,0.2]}");
        var read = TorchLogisticRegressionTrainer.Options.FromJson(json);
        Assert.AreEqual(json, read.ToJson());
        Assert.AreEqual((options.Loss, options.Optimizer, options.EarlyStopping, 0.25f),
            (read.Loss, read.Optimizer, read.EarlyStopping, read.Threshold));
        Assert.AreEqual(new TorchLinearRegressionTrainer.Options().ToJson(), TorchLinearRegressionTrainer.Options.FromJson("{}").ToJson());

        foreach (var (text, message) in new[]
        {
            ("{\"batchsize\":3}", "batchsize"),
            ("{\"optimizer\":{\"type\":\"Sgd\",\"momentum\":2}}", "momentum must be in [0, 1). Received: 2"),
            ("{\"optimizer\":{\"type\":\"Lion\"}}", "Lion"),
            ("{\"loss\":{\"type\":\"Hinge\"}}", "Hinge"),
            ("{\"learningRateSchedule\":{\"type\":\"StepLR\"}}", "stepSize"),
            ("null", "options must be an object"),
            ("[", ""),
        })
        {
            var error = Assert.Throws<System.Text.Json.JsonException>(() => TorchLinearRegressionTrainer.Options.FromJson(text), text);
            StringAssert.Contains(error.Message, message);
        }
    }

    [TestMethod]
    public void A_cycle_of_the_momentum_needs_an_optimizer_that_has_one()
    {
        var options = new TorchLinearRegressionTrainer.Options
        {
            Optimizer = Optimizer.Adagrad(),
            LearningRateSchedule = LrSchedule.OneCycleLR(0.1),
        };
        var error = Assert.ThrowsExactly<ArgumentException>(() => _mlContext.Regression.Trainers.TorchLinearRegression(options));
        StringAssert.StartsWith(error.Message,
            "LearningRateSchedule cycles the momentum, and Adagrad has none: set cycleMomentum to false, or choose another optimizer.");
    }

    private TorchLinearRegressionTransformer Fit(IDataView data, RegressionLoss loss) =>
        _mlContext.Regression.Trainers.TorchLinearRegression(new TorchLinearRegressionTrainer.Options
        {
            LabelColumnName = "Number",
            Loss = loss,
            LearningRate = 0.1,
            NumberOfEpochs = 60,
            LearningRateSchedule = LrSchedule.ExponentialLR(0.93),
        }).Fit(data);

    private sealed class Row
    {
        public float Number { get; set; }

        [VectorType(1)]
        public float[] Features { get; set; } = [];
    }

    private sealed class TextRow
    {
        public string Text { get; set; } = "";

        [VectorType(2)]
        public float[] Features { get; set; } = [];
    }

    private sealed class KeyRow
    {
        [KeyType(3)]
        public uint Label { get; set; }

        [VectorType(1)]
        public float[] Features { get; set; } = [];
    }
}
