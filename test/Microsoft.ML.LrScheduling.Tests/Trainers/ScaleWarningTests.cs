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

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Validation_features_of_another_unit_are_told_of_also_where_their_mean_is_near(bool standardize)
    {
        // Meters and millimeters: the mean moves by 2.5 from 2.5, which is 2.2 standard deviations.
        static Row[] Rows(float factor, int outlier = 0) => [.. Enumerable.Range(0, 300).Select(i => new Row
        {
            Label = i % 3, Features = [i % 3, (1 + i % 4) * factor, i == 7 ? outlier : i % 2],
        })];
        void Configure(LinearTrainerOptions options) => (options.Standardize, options.LearningRate) = (standardize, 1e-5);
        // The root of the mean of 1, 4, 9 and 16 is 2.74.
        Assert.AreEqual(
            "The validation rows differ strongly from the training rows: the root mean square of feature 1 is about 0.00274, and "
            + "2.74 in the training rows. Apply the same transformers to both.", Warnings(Rows(1), Configure, Rows(0.001f)).Single());
        Assert.IsEmpty(Warnings(Rows(1), Configure, Rows(0.2f)));
        // One outlier makes the root mean square of the last feature 58.
        Assert.IsEmpty(Warnings(Rows(1, outlier: 90), Configure, Rows(1)));
    }

    [TestMethod]
    [DataRow(1000f)]
    [DataRow(0.001f)]
    public void Validation_labels_of_another_unit_are_told_of(float factor)
    {
        static Row[] Rows(float factor) =>
            [.. Enumerable.Range(0, 300).Select(i => new Row { Label = (1 + i % 4) * 100 * factor, Features = [i % 3] })];
        var mean = factor > 1 ? "2.5E+05" : "0.25";
        Assert.AreEqual(
            $"The validation rows differ strongly from the training rows: the mean of their labels is about {mean}, and 250 with "
            + "a standard deviation of 1.1E+02 in the training rows. Apply the same transformers to both.",
            Warnings(Rows(1), _ => { }, Rows(factor)).Single());
        Assert.IsEmpty(Warnings(Rows(1), _ => { }, Rows(factor > 1 ? 5 : 0.2f)));
    }

    [TestMethod]
    public void Validation_labels_far_from_the_training_labels_are_told_of()
    {
        static Row[] Rows(float from) => [.. Enumerable.Range(0, 300).Select(i => new Row { Label = from + i % 4, Features = [i % 3] })];
        // Kelvin and degrees Celsius; the deviation of 0, 1, 2 and 3 is √1.25.
        StringAssert.Contains(
            Warnings(Rows(20), _ => { }, Rows(293)).Single(),
            "the mean of their labels is about 294, and 21.5 with a standard deviation of 1.1 in the training rows.");
        Assert.IsEmpty(Warnings(Rows(20), _ => { }, Rows(30)));
    }

    [TestMethod]
    [DataRow(3, 0)]
    [DataRow(3, 40)]
    [DataRow(400, 0)]
    [DataRow(400, 40)]
    public void Zeros_among_values_far_from_zero_are_told_of(int width, int more)
    {
        // Of 2,500 rows the sample has every second one; of sparse rows a feature that all of them have is centred.
        Row[] Rows(params int[] zeros) => [.. Enumerable.Range(0, 2500).Select(i =>
        {
            var row = new Row { Label = i % 30, Features = new float[width] };
            (row.Features[0], row.Features[^1]) = (i % 2, 1);
            row.Features[1] = zeros.Contains(i) ? 0 : 1990 + i % 30;
            return row;
        })];
        int[] zeros = [1001, .. Enumerable.Range(0, more).Select(i => 7 * i)];
        // The mean of 1990, 1992 … 2018, and their deviation 2 · √((15² − 1) / 12).
        Assert.AreEqual(
            $"Feature 1 is 0 in {zeros.Length} of 2500 rows, and about 2004 with a standard deviation of 8.6 in the others. "
            + "Beside the zeros a linear model hardly sees these differences. If 0 stands for a missing value, "
            + "replace it with the mean, or subtract the mean "
            + "from the other values.", Warnings(Rows(zeros), _ => { }, sparse: width > 3).Single());
        Assert.IsEmpty(Warnings(Rows(), _ => { }, sparse: width > 3));
        // Words that nearly always occur once vary in few rows, and measurements around zero have nothing to lose.
        Row[] others = Rows();
        for (var i = 0; i < others.Length; i++)
            (others[i].Features[1], others[i].Features[0]) = (i % 5 == 0 ? 0 : 1, i % 7 == 0 ? 0 : i % 30 - 15);
        Assert.IsEmpty(Warnings(others, _ => { }, sparse: width > 3));
    }

    private static string[] Warnings(Row[] rows, Action<LinearTrainerOptions> configure, Row[]? validation = null, bool sparse = false)
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
        var training = mlContext.Data.LoadFromEnumerable(rows, schema);
        if (sparse)
        {
            var sparseSchema = SchemaDefinition.Create(typeof(SparseRow));
            sparseSchema[nameof(SparseRow.Features)].ColumnType = schema[nameof(Row.Features)].ColumnType;
            training = mlContext.Data.LoadFromEnumerable(rows.Select(SparseRow.Of), sparseSchema);
        }

        trainer.Fit(training,
            validation is null ? null : mlContext.Data.LoadFromEnumerable(validation, schema));
        return [.. warnings];
    }

    private sealed class Row
    {
        public float Label { get; set; }

        public float[] Features { get; set; } = [];
    }

    private sealed class SparseRow
    {
        public float Label { get; set; }

        public VBuffer<float> Features { get; set; }

        public static SparseRow Of(Row row)
        {
            int[] indices = [.. Enumerable.Range(0, row.Features.Length).Where(i => row.Features[i] != 0)];
            return new SparseRow
            {
                Label = row.Label,
                Features = new VBuffer<float>(row.Features.Length, indices.Length, [.. indices.Select(i => row.Features[i])], indices),
            };
        }
    }
}
