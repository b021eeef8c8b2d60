using System.IO.Compression;
using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Trainers;

[TestClass]
public sealed class CompositionTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void The_trainer_stands_anywhere_in_a_chain()
    {
        var data = TorchLinearRegressionTests.Vectors(_mlContext, 300);
        var pipeline = _mlContext.Transforms.NormalizeMeanVariance("Features")
            .AppendCacheCheckpoint(_mlContext)
            .Append(_mlContext.Regression.Trainers.TorchLinearRegression())
            .Append(_mlContext.Transforms.CopyColumns("Prediction", "Score"));
        var shape = pipeline.GetOutputSchema(MLNetInternals.ShapeOf(data.Schema));
        CollectionAssert.IsSubsetOf(new[] { "Score", "Prediction" }, shape.Select(column => column.Name).ToArray());
        var scored = pipeline.Fit(data).Transform(data);
        CollectionAssert.AreEqual(scored.GetColumn<float>("Score").ToArray(), scored.GetColumn<float>("Prediction").ToArray());
    }

    [TestMethod]
    public void The_schema_is_that_of_MLNET_own_trainer()
    {
        var shape = MLNetInternals.ShapeOf(TorchLinearRegressionTests.Vectors(_mlContext, 3).Schema);
        var trainers = _mlContext.Regression.Trainers;
        Assert.AreEqual(
            Describe(trainers.Sdca().GetOutputSchema(shape)), Describe(trainers.TorchLinearRegression().GetOutputSchema(shape)));

        static string Describe(SchemaShape shape) => string.Join("\n", shape.Select(column =>
            $"{column.Name} {column.Kind} {column.ItemType} {column.IsKey} "
            + $"[{string.Join(", ", column.Annotations.Select(a => $"{a.Name} {a.Kind} {a.ItemType}"))}]"));
    }

    [TestMethod]
    public void It_can_be_cross_validated()
    {
        var data = TorchLinearRegressionTests.Vectors(_mlContext, 300);
        var folds = _mlContext.Regression.CrossValidate(data, _mlContext.Regression.Trainers.TorchLinearRegression(), numberOfFolds: 3);
        Assert.AreEqual(3, folds.Count);
        foreach (var fold in folds) Assert.IsTrue(fold.Metrics.RSquared > 0.95, $"R² {fold.Metrics.RSquared}");
    }

    [TestMethod]
    public void A_saved_model_names_nothing_of_this_library()
    {
        var data = TorchLinearRegressionTests.Vectors(_mlContext, 100);
        var model = _mlContext.Transforms.NormalizeMeanVariance("Features")
            .Append(_mlContext.Regression.Trainers.TorchLinearRegression()).Fit(data);
        using var file = new MemoryStream();
        _mlContext.Model.Save(model, data.Schema, file);
        using var zip = new ZipArchive(file);
        // But for the history, which no other program looks for.
        var history = zip.Entries.Single(entry => entry.FullName.EndsWith(TrainingHistory.EntryName, StringComparison.Ordinal));
        foreach (var entry in zip.Entries.Except([history]))
        {
            using var content = new StreamReader(entry.Open(), System.Text.Encoding.Latin1);
            // UTF-16 has a zero between the letters of plain text.
            Assert.IsFalse(content.ReadToEnd().Replace("\0", "").Contains("LrScheduling"), entry.FullName);
        }
    }

    [TestMethod]
    public void A_version_of_MLNET_that_lacks_a_member_is_told_by_it()
    {
        var lacking = MLNetInternals.FirstLacking([("There", () => { }), ("Gone(int)", () => throw new MissingMethodException("…"))]);
        Assert.AreEqual(
            "LrScheduling needs Gone(int) of Microsoft.ML, which this application lacks. Use Microsoft.ML 5.0, and publish the application "
            + "without trimming (PublishTrimmed, PublishAot), which ML.NET does not support. Received: Microsoft.ML "
            + TestData.PackageVersionOf(typeof(MLContext)), lacking!.Message);
        Assert.IsNull(MLNetInternals.FirstLacking([("There", () => { })]));
    }

    [TestMethod]
    public void Rows_that_come_sorted_train_as_well_as_rows_that_do_not()
    {
        // Sorted by the label, over more rows than a window holds (about 37,000 of 7 features).
        var random = new Random(3);
        var rows = Enumerable.Range(0, 150_000).Select(_ =>
        {
            var x = Enumerable.Range(0, 7).Select(_ => (float)(random.NextDouble() * 2 - 1)).ToArray();
            return new Row { Features = x, Label = 3 * x[0] - x[1] + 2 + (float)(random.NextDouble() - 0.5) };
        }).ToArray();

        double[] Weights(IEnumerable<Row> data)
        {
            var options = new TorchLinearRegressionTrainer.Options
            {
                NumberOfEpochs = 4,
                LearningRate = 0.02,
                Seed = 1,
                LearningRateSchedule = LrSchedule.ExponentialLR(0.3),
            }.Plain();
            var model = _mlContext.Regression.Trainers.TorchLinearRegression(options).Fit(_mlContext.Data.LoadFromEnumerable(data)).Model;
            return [.. model.Weights.Append(model.Bias).Select(w => (double)w)];
        }

        double[] truth = [3, -1, 0, 0, 0, 0, 0, 2];
        double Error(double[] weights) => weights.Zip(truth, (w, t) => Math.Abs(w - t)).Max();
        Assert.AreEqual(0, Error(Weights(rows)), 0.02, "as they come");
        Assert.AreEqual(0, Error(Weights(rows.OrderBy(row => row.Label))), 0.02, "sorted");
    }

    private sealed class Row
    {
        public float Label { get; set; }

        [VectorType(7)]
        public float[] Features { get; set; } = [];
    }
}
