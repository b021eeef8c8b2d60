using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Tests.Trainers;

/// <summary>
/// Each bad input gets its message, and the same one from <c>Fit</c> and from <c>GetOutputSchema</c> where both can tell.
/// </summary>
[TestClass]
public sealed class BadInputTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    [DataRow("Nope", "Features", null, "Could not find label column 'Nope'")]
    [DataRow("Flag", "Features", null, "Schema mismatch for label column 'Flag': expected Single, got Boolean")]
    [DataRow("Label", "Nope", null, "Could not find feature column 'Nope'")]
    [DataRow("Label", "Label", null, "Schema mismatch for feature column 'Label': expected Vector<Single>, got Single")]
    [DataRow("Label", "Text", null, "Schema mismatch for feature column 'Text': expected Vector<Single>, got String")]
    [DataRow("Label", "Features", "Nope", "Could not find weight column 'Nope'")]
    [DataRow("Label", "Features", "Text", "Schema mismatch for weight column 'Text': expected Single, got String")]
    public void A_missing_or_mistyped_column_is_named(string label, string features, string? weight, string message)
    {
        var data = Rows(3);
        var trainer = _mlContext.Regression.Trainers.TorchLinearRegression(label, features, weight);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => trainer.Fit(data)).Message, message);
        var chain = _mlContext.Transforms.CopyColumns("Copy", "Label").Append(trainer);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => chain.Fit(data)).Message, message);
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => trainer.Fit(Rows(3), Rows(1))).Message, message);
        // GetOutputSchema says the same of the shape of the data, which an estimator's own output gives to a caller.
        var shape = _mlContext.Transforms.CopyColumns("Copy", "Label").GetOutputSchema(ShapeOf(data));
        StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => trainer.GetOutputSchema(shape)).Message, message);
    }

    [TestMethod]
    [DataRow("LearningRate must be in (0, ∞). Received: 0", "Rate0")]
    [DataRow("LearningRate must be in (0, ∞). Received: -1", "RateNegative")]
    [DataRow("LearningRate must be in (0, ∞). Received: NaN", "RateNaN")]
    [DataRow("BiasLearningRate must be in (0, ∞). Received: 0", "BiasRate")]
    [DataRow("BatchSize must be at least 1. Received: 0", "BatchSize")]
    [DataRow("NumberOfEpochs must be at least 1. Received: 0", "Epochs")]
    [DataRow("ValidationFraction must be in [0, 1). Received: 1", "Fraction")]
    [DataRow("L2Regularization must be in [0, 3.4e38]. Received: -1", "L2")]
    [DataRow("momentum must be in [0, 1). Received: 1", "Momentum")]
    public void An_option_outside_its_range_is_named(string message, string option)
    {
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
        {
            TorchLinearRegressionTrainer.Options options = option switch
            {
                "Rate0" => new() { LearningRate = 0 },
                "RateNegative" => new() { LearningRate = -1 },
                "RateNaN" => new() { LearningRate = double.NaN },
                "BiasRate" => new() { BiasLearningRate = 0 },
                "BatchSize" => new() { BatchSize = 0 },
                "Epochs" => new() { NumberOfEpochs = 0 },
                "Fraction" => new() { ValidationFraction = 1 },
                "L2" => new() { L2Regularization = -1 },
                "Momentum" => new() { Optimizer = Optimizer.Sgd(1) },
                _ => throw new ArgumentException(option),
            };
            _mlContext.Regression.Trainers.TorchLinearRegression(options);
        });
        StringAssert.StartsWith(error.Message, message);
    }

    [TestMethod]
    public void The_short_overload_checks_as_well()
    {
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(
                () => _mlContext.Regression.Trainers.TorchLinearRegression(batchSize: 0)).Message,
            "BatchSize must be at least 1. Received: 0");
        Assert.ThrowsExactly<ArgumentException>(() => _mlContext.Regression.Trainers.TorchLinearRegression(labelColumnName: ""));
    }

    [TestMethod]
    public void Each_argument_of_a_short_overload_is_the_option_of_its_name()
    {
        foreach (var overload in typeof(LrSchedulingCatalog).GetMethods().Where(method => method.GetParameters().Length > 2))
        {
            object catalog = overload.Name switch
            {
                "TorchLinearRegression" => _mlContext.Regression.Trainers,
                "TorchLogisticRegression" => _mlContext.BinaryClassification.Trainers,
                _ => _mlContext.MulticlassClassification.Trainers,
            };
            var given = new Dictionary<string, object>
            {
                ["labelColumnName"] = "L",
                ["featureColumnName"] = "F",
                ["exampleWeightColumnName"] = "W",
                ["learningRateSchedule"] = LrSchedule.StepLR(7),
                ["learningRate"] = 0.7,
                ["l2Regularization"] = 0.3,
                ["numberOfEpochs"] = 9,
                ["batchSize"] = 11,
                ["optimizer"] = Optimizer.Adam(),
                ["validationFraction"] = 0.25,
            };
            var names = overload.GetParameters().Skip(1).Select(parameter => parameter.Name!).ToArray();
            CollectionAssert.AreEqual(given.Keys, names);
            var trainer = (ISweptTrainer)overload.Invoke(null, [catalog, .. names.Select(name => given[name])])!;
            var options = trainer.Options;
            foreach (var (name, value) in given)
            {
                var option = options.GetType().GetProperty($"{char.ToUpperInvariant(name[0])}{name[1..]}")!;
                Assert.AreEqual(value, option.GetValue(options), name);
            }
        }
    }

    [TestMethod]
    public void No_rows_are_refused()
    {
        var error = Assert.ThrowsExactly<InvalidOperationException>(
            () => _mlContext.Regression.Trainers.TorchLinearRegression().Fit(Rows(0)));
        Assert.AreEqual("There must be at least one training row. Received: 0", error.Message);
        error = Assert.ThrowsExactly<InvalidOperationException>(
            () => _mlContext.Regression.Trainers.TorchLinearRegression().Fit(Rows(3), Rows(0)));
        Assert.AreEqual("There must be at least one validation row. Received: 0", error.Message);
    }

    [TestMethod]
    public void Rows_that_are_all_missing_are_refused_with_their_number()
    {
        var data = _mlContext.Data.LoadFromEnumerable(new[] { new Row { Label = float.NaN, Features = [1, 2] } });
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => _mlContext.Regression.Trainers.TorchLinearRegression().Fit(data));
        StringAssert.StartsWith(
            error.Message,
            "There must be at least one training row. Received: 0; 1 row was left out because its label, weight or a feature");
    }

    [TestMethod]
    public void A_label_of_another_type_is_named_with_the_transformer_that_makes_it_one()
    {
        foreach (var (label, mapped) in new[] { ("Text", "MapValueToKey(\"Text\")"), ("Whole", "MapValueToKey(\"Whole\")") })
            Says(_mlContext.MulticlassClassification.Trainers.TorchMaximumEntropy(label),
                $"Schema mismatch for label column '{label}': expected Key<UInt32>, got {(label == "Text" ? "String" : "Int32")}. "
                + $"Put mlContext.Transforms.Conversion.{mapped} before the trainer.");
        Says(_mlContext.BinaryClassification.Trainers.TorchLogisticRegression("Whole"),
            "expected Boolean, got Int32. Put mlContext.Transforms.Conversion.ConvertType(\"Whole\", outputKind: DataKind.Boolean) before "
            + "the trainer.");
        Says(_mlContext.BinaryClassification.Trainers.TorchLogisticRegression("Text"),
            "expected Boolean, got String. Put mlContext.Transforms.Conversion.MapValue(\"Text\", …) with Boolean values before the "
            + "trainer.");
        Says(_mlContext.Regression.Trainers.TorchLinearRegression("Whole"),
            "expected Single, got Int32. Put mlContext.Transforms.Conversion.ConvertType(\"Whole\", outputKind: DataKind.Single) "
            + "before the "
            + "trainer.");

        void Says(IEstimator<ITransformer> trainer, string message)
        {
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => trainer.Fit(Rows(3))).Message, message);
            StringAssert.Contains(
                Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => trainer.GetOutputSchema(ShapeOf(Rows(3)))).Message, message);
        }
    }

    [TestMethod]
    public void A_monitored_metric_that_the_task_does_not_have_is_refused()
    {
        Says(() => _mlContext.Regression.Trainers.TorchLinearRegression(new TorchLinearRegressionTrainer.Options
        {
            MonitoredMetric = Metric.Accuracy,
        }), $"TrainingLoss, ValidationLoss, {string.Join(", ", TaskCase.RegressionMetrics)}. Received: Accuracy");
        Says(() => _mlContext.BinaryClassification.Trainers.TorchLogisticRegression(new TorchLogisticRegressionTrainer.Options
        {
            MonitoredMetric = Metric.LogLoss,
            Loss = LrScheduling.Losses.BinaryLoss.Hinge(),
        }), "TrainingLoss, ValidationLoss, AreaUnderRocCurve, Accuracy, F1Score. Received: LogLoss");

        static void Says(Action make, string allowed) => StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentOutOfRangeException>(make).Message, $"MonitoredMetric must be one of {allowed}");
    }

    [TestMethod]
    public void A_schedule_that_needs_a_metric_needs_validation_data()
    {
        var options = new TorchLinearRegressionTrainer.Options { LearningRateSchedule = LrSchedule.ReduceLROnPlateau() };
        var trainer = _mlContext.Regression.Trainers.TorchLinearRegression(options);
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => trainer.Fit(Rows(5)));
        Assert.AreEqual(
            "ReduceLROnPlateau watches ValidationLoss, and there is no validation data. Set ValidationFraction in (0, 1), "
            + "call Fit(trainData, validationData), or let it watch TrainingLoss.", error.Message);
        trainer.Fit(Rows(5), Rows(2));
        options.MonitoredMetric = Metric.TrainingLoss;
        _mlContext.Regression.Trainers.TorchLinearRegression(options).Fit(Rows(5));
    }

    [TestMethod]
    public void A_plateau_that_watches_for_the_wrong_direction_is_refused()
    {
        var options = new TorchLinearRegressionTrainer.Options
        {
            MonitoredMetric = Metric.RSquared,
            ValidationFraction = 0.2,
            LearningRateSchedule = LrSchedule.ReduceLROnPlateau(PlateauMode.Min)
        };
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentException>(() => _mlContext.Regression.Trainers.TorchLinearRegression(options)).Message,
            "mode must be Max for RSquared, of which a higher value is better. Received: Min");
    }

    [TestMethod]
    public void A_schedule_for_another_number_of_groups_is_refused()
    {
        var schedule = LrSchedule.LambdaLR(_ => 1, _ => 1, _ => 1);
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentException>(
                () => _mlContext.Regression.Trainers.TorchLinearRegression(learningRateSchedule: schedule)).Message,
            "lrLambda must hold one value, or one per parameter group (2). Received: 3 values");
    }

    [TestMethod]
    public void Options_changed_after_the_trainer_was_made_do_not_reach_it()
    {
        var options = new TorchLinearRegressionTrainer.Options { NumberOfEpochs = 3 };
        var trainer = _mlContext.Regression.Trainers.TorchLinearRegression(options);
        options.NumberOfEpochs = 7;
        Assert.AreEqual(3, trainer.Fit(Rows(5)).History.Epochs.Count);
    }

    private static SchemaShape ShapeOf(IDataView data) => Microsoft.ML.LrScheduling.Trainers.MLNetInternals.ShapeOf(data.Schema);

    private IDataView Rows(int count) => _mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, count)
        .Select(i => new Row { Label = i, Text = "t", Features = [i % 3 - 1, i % 2] }));

    private sealed class Row
    {
        public float Label { get; set; }

        public bool Flag { get; set; }

        public string Text { get; set; } = "";

        public int Whole { get; set; }

        [VectorType(2)]
        public float[] Features { get; set; } = [];
    }
}
