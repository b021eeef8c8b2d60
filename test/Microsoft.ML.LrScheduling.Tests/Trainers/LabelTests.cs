using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;
using Microsoft.ML.Trainers;

namespace Microsoft.ML.LrScheduling.Tests.Trainers;

/// <summary>
/// What is known of labels before the first step: labels that are all the same, and classes that are compared by their names.
/// </summary>
[TestClass]
public sealed class LabelTests
{
    private readonly MLContext _mlContext = new(seed: 1);
    private readonly List<string> _warnings = [];

    public LabelTests() => _mlContext.Log += (_, e) =>
    {
        if (e.Kind == Runtime.ChannelMessageKind.Warning) _warnings.Add(e.Message);
    };

    [TestMethod]
    public void A_multiclass_label_of_one_class_is_refused_before_training()
    {
        var epochs = 0;
        var trainer = Trainer(options => options.Progress = new Counter(() => epochs++));
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => trainer.Fit(Keyed(Rows("low", "low", "low"))));
        Assert.AreEqual("The label must be of at least 2 classes. Received: 1 in column 'Label'", error.Message);
        Assert.AreEqual(0, epochs);
    }

    [TestMethod]
    public void Labels_that_are_all_the_same_train_with_a_warning()
    {
        IDataView Data(float number, bool truth, uint kind) => _mlContext.Data.LoadFromEnumerable(TaskCase.Points(20).Select(
            point => new TaskRow { Features = point.Features, Number = number, Truth = truth, Class = kind }).ToArray());
        foreach (var (task, label) in TaskCase.All.Select(task => (TaskCase)task[0]).Zip(["2.5", "true", "3"]))
        {
            _warnings.Clear();
            task.Fit(_mlContext, Data(2.5f, true, 2), options => options.NumberOfEpochs = 2);
            StringAssert.Contains(_warnings.Single(), $"All training rows have the label {label}. ");
        }

        // A class is told by its name.
        _warnings.Clear();
        Trainer().Fit(_mlContext.Data.TakeRows(Keyed(Rows("mid", "low", "high")), 1));
        StringAssert.Contains(_warnings.Single(), "All training rows have the label 'mid'. ");
    }

    [TestMethod]
    public void Labels_that_are_the_same_in_all_rows_with_a_weight_train_with_a_warning()
    {
        var data = _mlContext.Data.LoadFromEnumerable(TaskCase.Points(20).Select((point, i) => new TaskRow
        {
            Features = point.Features,
            Number = i % 2,
            Truth = i % 2 == 1,
            Class = 1 + (uint)i % 2,
            Weight = i % 2,
        }).ToArray());
        foreach (var (task, label) in TaskCase.All.Select(task => (TaskCase)task[0]).Zip(["1", "true", "3"]))
        {
            _warnings.Clear();
            task.Fit(_mlContext, data, options => (options.NumberOfEpochs, options.ExampleWeightColumnName) = (2, "Weight"));
            StringAssert.Contains(_warnings.Single(), $"All training rows with a weight above 0 have the label {label}. ");
        }
    }

    [TestMethod]
    public void Labels_that_are_the_same_train_however_large_they_are()
    {
        // 20 rows are less than a minibatch: the rest of it is filled up with labels of 0, which must not overflow either.
        foreach (var label in new[] { float.MaxValue, -float.MaxValue, 1e20f, 1e-40f, 0 })
        {
            var rows = _mlContext.Data.LoadFromEnumerable(
                TaskCase.Points(20).Select(point => new TaskRow { Features = point.Features, Number = label }).ToArray());
            foreach (var loss in new RegressionLoss[] { RegressionLoss.Squared(), RegressionLoss.Absolute(), RegressionLoss.Huber() })
            {
                var options = new TorchLinearRegressionTrainer.Options { LabelColumnName = "Number", Loss = loss, NumberOfEpochs = 2 };
                var model = _mlContext.Regression.Trainers.TorchLinearRegression(options).Fit(rows);
                Assert.IsTrue(model.Transform(rows).GetColumn<float>("Score").All(score => score == label), $"{loss} of {label}");
            }
        }
    }

    [TestMethod]
    public void Labels_that_overflow_are_refused_before_training_with_their_range()
    {
        foreach (var (loss, least, message) in new (RegressionLoss, float, string)[]
        {
            (RegressionLoss.Absolute(), -3e38f, "Labels must be within 3.4E+38 of each other, since larger errors overflow. "
                + "Received: -3E+38 to 3E+38. Divide the labels."),
            (RegressionLoss.Poisson(), 0, "Labels must be in [0, 1E+36] for the Poisson loss, which multiplies them by scores. "
                + "Received: 3E+38. Divide the labels."),
        })
        {
            var rows = _mlContext.Data.LoadFromEnumerable(TaskCase.Points(20).Select(
                (point, i) => new TaskRow { Features = point.Features, Number = i % 2 == 0 ? least : 3e38f }).ToArray());
            var options = new TorchLinearRegressionTrainer.Options { LabelColumnName = "Number", Loss = loss };
            var trainer = _mlContext.Regression.Trainers.TorchLinearRegression(options);
            Assert.AreEqual(message, Assert.ThrowsExactly<InvalidOperationException>(() => trainer.Fit(rows)).Message);
        }
    }

    [TestMethod]
    public void Labels_that_a_loss_is_not_defined_for_are_refused_before_training()
    {
        var rows = _mlContext.Data.LoadFromEnumerable(
            TaskCase.Points(20).Select((point, i) => new TaskRow { Features = point.Features, Number = i == 19 ? -1 : 1 }).ToArray());
        var epochs = 0;
        var options = new TorchLinearRegressionTrainer.Options
        {
            LabelColumnName = "Number",
            Loss = RegressionLoss.Poisson(),
            Progress = new Counter(() => epochs++),
        };
        Assert.ThrowsExactly<InvalidOperationException>(() => _mlContext.Regression.Trainers.TorchLinearRegression(options).Fit(rows));
        Assert.AreEqual(0, epochs);
    }

    [TestMethod]
    public void Validation_rows_with_classes_in_another_order_are_measured_by_their_names()
    {
        var rows = Grades(300);
        // Each view has a key map of its own, in the order in which classes come.
        var (training, validation) = (Keyed(rows), Keyed([.. rows.OrderByDescending(row => row.Label)]));
        CollectionAssert.AreNotEqual(Names(training), Names(validation));
        var history = Trainer().Fit(training, validation).History;
        var expected = Trainer().Fit(training, training).History;
        Assert.AreEqual(expected.Epochs[^1][Metric.MicroAccuracy], history.Epochs[^1][Metric.MicroAccuracy]);
        Assert.IsGreaterThan(0.8, history.Epochs[^1][Metric.MicroAccuracy]!.Value);
    }

    [TestMethod]
    public void Trials_and_numbers_as_classes_are_measured_by_their_names_too()
    {
        var rows = Grades(300);
        var (training, validation) = (Keyed(rows, "Number"), Keyed([.. rows.OrderByDescending(row => row.Number)], "Number"));
        var options = new TorchMaximumEntropyTrainer.Options { NumberOfEpochs = 20, LearningRate = 0.1, Seed = 1 };
        var study = _mlContext.MulticlassClassification.Trainers.Sweep(
            SweepSpace.Trials([options]), training, new SweepOptions { Metric = Metric.MicroAccuracy }, validation);
        Assert.IsGreaterThan(0.8, study.Trials[0].Score!.Value);
        // Of rows to test on as well: those of a fold have the names of all.
        var folds = _mlContext.MulticlassClassification.Trainers.Sweep(
            SweepSpace.Trials([options]), training, new SweepOptions { Metric = Metric.MicroAccuracy, NumberOfFolds = 2 }, validation);
        Assert.IsGreaterThan(0.8, folds.Trials[0].Score!.Value);
    }

    [TestMethod]
    public void Names_are_as_different_as_the_values()
    {
        var noon = new DateTime(2024, 1, 1, 12, 0, 0);
        var data = _mlContext.Data.LoadFromEnumerable(
            new[] { noon, noon.AddTicks(1), noon.AddSeconds(1) }.Select(time => new Moment { Time = time }).ToArray());
        var keyed = _mlContext.Transforms.Conversion.MapValueToKey("Label", "Time").Fit(data).Transform(data);
        var names = KeyNames.Of(keyed.Schema["Label"])!;
        CollectionAssert.AreEqual(new int?[] { 0, 1, 2 }, names.Names.Select(names.NumberOf).ToArray());
        Assert.IsNull(KeyNames.Of(keyed.Schema["Time"]));
        Assert.IsNull(KeyNames.Of(TaskCase.Rows(_mlContext, 1).Schema["Class"]));
    }

    [TestMethod]
    public void A_class_that_training_rows_lack_is_named()
    {
        var training = Keyed(Grades(30));
        // A name that no row has is no harm.
        Trainer().Fit(training, _mlContext.Data.SkipRows(Keyed([.. Rows("extreme"), .. Grades(30)]), 1));
        var error = Assert.ThrowsExactly<InvalidOperationException>(
            () => Trainer().Fit(training, Keyed([.. Grades(30), .. Rows("extreme")])));
        Assert.AreEqual(
            "A label of the validation rows must be one of the classes of the training rows ('low', 'mid', 'high'). Received: 'extreme' in "
            + "column 'Label'", error.Message);
    }

    [TestMethod]
    public void Features_of_validation_rows_in_another_order_are_refused()
    {
        var rows = TaskCase.Rows(_mlContext, 30);
        IDataView With(params string[] columns) => _mlContext.Transforms.Concatenate("Inputs", columns).Fit(rows).Transform(rows);
        var trainer = _mlContext.BinaryClassification.Trainers.TorchLogisticRegression("Truth", "Inputs", numberOfEpochs: 2);
        trainer.Fit(With("Number", "Weight"), With("Number", "Weight"));
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => trainer.Fit(With("Number", "Weight"), With("Weight", "Number")));
        Assert.AreEqual(
            "The features of the validation rows must come in the order of those of the training rows. Received: 'Weight' where the "
            + "training rows have 'Number', in column 'Inputs'", error.Message);
    }

    [TestMethod]
    public void A_warm_start_takes_the_weights_of_a_class_by_its_name()
    {
        var rows = Grades(300);
        var (first, second) = (Keyed(rows), Keyed([.. rows.OrderByDescending(row => row.Label)]));
        CollectionAssert.AreNotEqual(Names(first), Names(second));
        var model = Trainer().Fit(first);
        using var file = new MemoryStream();
        _mlContext.Model.Save(model, first.Schema, file);
        var loaded = (ISingleFeaturePredictionTransformer<MaximumEntropyModelParameters>)_mlContext.Model.Load(file, out _);
        var next = Trainer(options => (options.NumberOfEpochs, options.LearningRate) = (1, 1e-9));
        foreach (var initial in new[] { model.Model, loaded.Model,
            _mlContext.MulticlassClassification.Trainers.LbfgsMaximumEntropy().Fit(first).Model })
        {
            var (was, now) = (ModelWeights.Of(initial), ModelWeights.Of(next.Fit(second, null, initial).Model));
            foreach (var (name, at) in Names(second).Select((name, i) => (name, i)))
            {
                var before = was.WeightsOf(Array.IndexOf(Names(first), name));
                for (var feature = 0; feature < 2; feature++)
                    Assert.AreEqual(before[feature], now.WeightsOf(at)[feature], 1e-4, $"{name}, feature {feature}");
            }
        }

        var error = Assert.ThrowsExactly<InvalidOperationException>(
            () => next.Fit(Keyed(Rows("low", "mid", "extreme")), null, model.Model));
        Assert.AreEqual(
            "The initial model must have the classes of the label. Received: 'low', 'mid', 'high' and no 'extreme'", error.Message);
    }

    [TestMethod]
    public void Classes_with_names_are_not_compared_with_classes_without()
    {
        var named = Keyed(Rows("mid", "low", "high", "low"));
        var unnamed = _mlContext.Data.LoadFromEnumerable(
            new[] { new Bare { Label = 1, Features = [0, 1] }, new Bare { Label = 3, Features = [1, 1] } });
        foreach (var (training, validation, has, lacks) in new[]
        {
            (named, unnamed, "training", "validation"), (unnamed, named, "validation", "training"),
        })
            Assert.AreEqual(
                $"The classes of the {has} rows have names, and those of the {lacks} rows have none, so that the classes cannot "
                + "be matched. Map both with the same MapValueToKey, or remove the names. Column 'Label'",
                Assert.ThrowsExactly<InvalidOperationException>(() => Trainer().Fit(training, validation)).Message);
        Assert.IsNotNull(Trainer().Fit(unnamed, unnamed));
    }

    private TorchMaximumEntropyTrainer Trainer(Action<TorchMaximumEntropyTrainer.Options>? configure = null)
    {
        var options = new TorchMaximumEntropyTrainer.Options { NumberOfEpochs = 20, LearningRate = 0.1, Seed = 1 };
        configure?.Invoke(options);
        return _mlContext.MulticlassClassification.Trainers.TorchMaximumEntropy(options);
    }

    private IDataView Keyed(IEnumerable<Grade> rows, string column = "Text")
    {
        var data = _mlContext.Data.LoadFromEnumerable(
            rows.Select(row => new Row { Text = row.Label, Number = row.Number, Features = row.Features }).ToArray());
        return _mlContext.Transforms.Conversion.MapValueToKey("Label", column).Fit(data).Transform(data);
    }

    private static string[] Names(IDataView data)
    {
        VBuffer<ReadOnlyMemory<char>> names = default;
        data.Schema["Label"].GetKeyValues(ref names);
        return [.. names.DenseValues().Select(name => $"{name}")];
    }

    private static Grade[] Rows(params string[] labels) => [.. labels.Select((label, i) => new Grade(label, i, [i, 1]))];

    private static Grade[] Grades(int count) =>
        [.. from point in TaskCase.Points(count)
            let number = point.Features[0] > 0.4 ? 2 : point.Features[0] < -0.4 ? 0 : 1
            orderby number
            select new Grade(number switch { 0 => "low", 1 => "mid", _ => "high" }, number, point.Features[..2])];

    private sealed record Grade(string Label, int Number, float[] Features);

    private sealed class Bare
    {
        [KeyType(3)]
        public uint Label { get; set; }

        [VectorType(2)]
        public float[] Features { get; set; } = [];
    }

    private sealed class Moment
    {
        public DateTime Time { get; set; }
    }

    private sealed class Row
    {
        public string Text { get; set; } = "";

        public int Number { get; set; }

        [VectorType(2)]
        public float[] Features { get; set; } = [];
    }

    private sealed class Counter(Action count) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => count();
    }
}
