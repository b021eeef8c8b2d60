using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Tests.Trainers;

/// <summary>What the log says before training of scales with which one learning rate cannot do.</summary>
[TestClass]
public sealed class ScaleWarningTests
{
    [TestMethod]
    public void Features_that_are_not_centred_are_named_only_where_they_are_not_standardised()
    {
        Row[] rows = [.. Enumerable.Range(0, 300).Select(i => new Row { Label = i % 30, Features = [i % 3, 0.5f + 0.01f * (i % 5)] })];
        var warning = Warnings(rows, options => options.Standardize = false).Single();
        // The mean of 0.50 … 0.54 is 0.52, their deviation 0.01 · √2.
        StringAssert.StartsWith(warning, "Feature 1 is not centred: its mean is about 0.52, its standard deviation 0.014. ");
        StringAssert.EndsWith(warning, "put NormalizeMeanVariance(\"Features\", fixZero: false) before the trainer.");
        Assert.IsEmpty(Warnings(rows, _ => { }));
    }

    [TestMethod]
    public void One_feature_of_a_large_scale_reads_as_one()
    {
        Row[] rows = [.. Enumerable.Range(0, 300).Select(i => new Row { Label = i % 30, Features = [1990 + i % 30] })];
        var warning = Warnings(rows, options => (options.Standardize, options.LearningRate) = (false, 1e-9)).Single();
        StringAssert.StartsWith(warning, "Feature 0 has a large scale, about 2E+03. All features have the same learning rate. ");
    }

    [TestMethod]
    public void Labels_that_bounded_steps_cannot_reach_are_told_of()
    {
        Row[] rows = [.. Enumerable.Range(0, 300).Select(i => new Row { Label = 200_000 + 1000 * (i % 30), Features = [i % 3] })];
        void Adam(LinearTrainerOptions options)
        {
            (options.Standardize, options.Optimizer, options.LearningRate, options.NumberOfEpochs) = (false, Optimizer.Adam(), 0.01, 20);
            options.BatchSize = 30;
        }

        // 20 epochs of 10 minibatches, each a step of at most 0.01.
        StringAssert.StartsWith(
            Warnings(rows, Adam).Single(),
            "Labels are about 2.14E+05, and 200 steps at a learning rate of 0.01 move the bias by at most 2. ");
        Assert.IsEmpty(Warnings(rows, options =>
        {
            Adam(options);
            options.Standardize = true;
        }));
        // The slope of the squared error is as large as the error: no bound is known.
        Assert.IsEmpty(Warnings(rows, options =>
        {
            Adam(options);
            (options.Optimizer, options.LearningRate) = (Optimizer.Sgd(), 0.05);
        }));
        Assert.HasCount(1, Warnings(rows, options =>
        {
            Adam(options);
            (options.Optimizer, ((TorchLinearRegressionTrainer.Options)options).Loss) = (Optimizer.Sgd(), RegressionLoss.Absolute());
        }));
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Validation_rows_that_came_another_way_are_told_of(bool standardize)
    {
        static Row[] Rows(float factor) =>
            [.. Enumerable.Range(0, 300).Select(i => new Row { Label = i % 3, Features = [i % 3, (1 + i % 4) * factor] })];
        var warnings = Warnings(Rows(1), options => options.Standardize = standardize, Rows(1000));
        // The mean of 1, 2, 3, 4 is 2.5, their deviation √1.25.
        Assert.AreEqual(
            "The validation rows differ strongly from the training rows: the mean of feature 1 is about 2.5E+03, and 2.5 with a standard "
            + "deviation "
            + "of 1.1 in the training rows. Apply the same transformers to both.", warnings.Single());
        Assert.IsEmpty(Warnings(Rows(1), options => options.Standardize = standardize, Rows(1.5f)));
    }

    private static string[] Warnings(Row[] rows, Action<LinearTrainerOptions> configure, Row[]? validation = null)
    {
        var mlContext = new MLContext(seed: 1);
        var warnings = new List<string>();
        mlContext.Log += (_, e) =>
        {
            if (e.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning && !e.RawMessage.Contains("still falling"))
                warnings.Add(e.RawMessage);
        };
        var options = new TorchLinearRegressionTrainer.Options
        {
            NumberOfEpochs = 2,
            LearningRateSchedule = LrSchedule.ConstantLR(factor: 1),
        };
        configure(options);
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, rows[0].Features.Length);
        var trainer = mlContext.Regression.Trainers.TorchLinearRegression(options);
        trainer.Fit(mlContext.Data.LoadFromEnumerable(rows, schema),
            validation is null ? null : mlContext.Data.LoadFromEnumerable(validation, schema));
        return [.. warnings];
    }

    private sealed class Row
    {
        public float Label { get; set; }

        public float[] Features { get; set; } = [];
    }
}
