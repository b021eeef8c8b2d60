using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Trainers;

/// <summary>Which rows are held back for validation: some at random, the last ones, and those of a group together.</summary>
[TestClass]
public sealed class ValidationSplitTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void Few_rows_leave_one_on_each_side_for_any_seed()
    {
        for (var seed = 0; seed < 30; seed++)
        {
            var (training, validation) = Split(Rows(8), options => (options.Seed, options.ValidationFraction) = (seed, 0.1));
            Assert.AreEqual((7, 1), (training, validation), $"seed {seed}");
        }

        foreach (var fraction in new[] { 0.001, 0.5, 0.999 })
            foreach (var split in Enum.GetValues<ValidationSplit>())
                Assert.AreEqual((1, 1), Split(
                    Rows(2), options => (options.ValidationFraction, options.ValidationSplit) = (fraction, split)), $"{fraction}, {split}");
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => Split(Rows(1), options => options.ValidationFraction = 0.5));
        Assert.AreEqual("ValidationFraction needs at least 2 rows, one to train on and one to validate on. Received: 1", error.Message);
    }

    [TestMethod]
    [DataRow("Text")]
    [DataRow("Number")]
    [DataRow("Key")]
    [DataRow("Time")]
    [DataRow("Label")]
    public void Rows_of_a_group_stay_together(string column)
    {
        // 40 groups of 5 rows, mixed: a group counts in the features that training has seen.
        for (var seed = 0; seed < 10; seed++)
        {
            var (training, validation) = Split(
                Rows(200, group: i => i % 40),
                options => (options.Seed, options.ValidationFraction, options.SamplingKeyColumnName) = (seed, 0.25, column));
            Assert.AreEqual((150, 50), (training, validation));
        }
    }

    [TestMethod]
    public void Two_groups_leave_one_on_each_side_for_any_seed()
    {
        var sides = new HashSet<(int, int)>();
        for (var seed = 0; seed < 50; seed++)
            sides.Add(Split(
                Rows(10, group: i => i < 7 ? 0 : 1),
                options => (options.Seed, options.ValidationFraction, options.SamplingKeyColumnName) = (seed, 0.1, "Text")));
        Assert.IsTrue(sides.SetEquals([(7, 3), (3, 7)]));
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => Split(
            Rows(10, group: _ => 0), options => (options.ValidationFraction, options.SamplingKeyColumnName) = (0.1, "Text")));
        Assert.AreEqual(
            "ValidationFraction needs at least 2 values of SamplingKeyColumnName 'Text', one to train on and one to validate on. "
            + "Received: 1", error.Message);
    }

    [TestMethod]
    public void The_last_rows_are_held_back()
    {
        // Labels that training has seen are 1, those of the last fifth 5: the model predicts 1, which is 4 off.
        var trainer = _mlContext.Regression.Trainers.TorchLinearRegression(new TorchLinearRegressionTrainer.Options
        {
            NumberOfEpochs = 1,
            ValidationFraction = 0.2,
            ValidationSplit = ValidationSplit.Last,
        });
        var last = trainer.Fit(Rows(100, label: i => i < 80 ? 1 : 5)).History.Epochs[0];
        Assert.AreEqual(0, last.TrainingLoss, 1e-9);
        Assert.AreEqual(4, last[Metric.MeanAbsoluteError]!.Value, 1e-5);
        // What is left out does not count: of 80 rows that are left 16 are held back.
        var fewer = trainer.Fit(Rows(100, label: i => i % 5 == 0 ? float.NaN : i < 80 ? 1 : 5)).History.Epochs[0];
        Assert.AreEqual((0, 4), (fewer.TrainingLoss, Math.Round(fewer[Metric.MeanAbsoluteError]!.Value, 4)));
    }

    [TestMethod]
    public void The_last_groups_are_held_back_whole()
    {
        // Days of 7 rows; the last fifth of 15 days are 3 days.
        var options = new TorchLinearRegressionTrainer.Options
        {
            NumberOfEpochs = 1,
            ValidationFraction = 0.2,
            ValidationSplit = ValidationSplit.Last,
            SamplingKeyColumnName = "Time",
        };
        var epoch = _mlContext.Regression.Trainers.TorchLinearRegression(options)
            .Fit(Rows(105, group: i => i / 7, label: i => i / 7 < 12 ? 1 : 5)).History.Epochs[0];
        Assert.AreEqual((0, 4), (epoch.TrainingLoss, Math.Round(epoch[Metric.MeanAbsoluteError]!.Value, 4)));
    }

    [TestMethod]
    public void A_sweep_holds_back_the_same_rows_and_refuses_trials_that_would_not()
    {
        TorchLinearRegressionTrainer.Options Options(ValidationSplit split) => new()
        {
            NumberOfEpochs = 1,
            ValidationFraction = 0.2,
            ValidationSplit = split,
        };
        var rows = Rows(100, label: i => i < 80 ? 1 : 5);
        var study = _mlContext.Regression.Trainers.Sweep(
            SweepSpace.Trials([Options(ValidationSplit.Last)]), rows, new SweepOptions { Metric = Metric.MeanAbsoluteError });
        Assert.AreEqual(4, study.Trials[0].Score!.Value, 1e-5);
        StringAssert.Contains(
            $"{Assert.Throws<Exception>(() => _mlContext.Regression.Trainers.Sweep(
                SweepSpace.Trials([Options(ValidationSplit.Last), Options(ValidationSplit.Random)]), rows))}",
            "ValidationSplit must be the same in all trials of a sweep");
    }

    [TestMethod]
    public void A_column_of_groups_that_is_missing_or_a_vector_is_refused()
    {
        foreach (var (column, received) in new[]
        {
            ("Nope", "Nope, which is not a column"), ("Features", "Features, of Vector<Single, 1>"),
        })
            StringAssert.StartsWith(
                Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => Split(
                    Rows(10), options => (options.ValidationFraction, options.SamplingKeyColumnName) = (0.5, column))).Message,
                $"SamplingKeyColumnName must be a column of single values. Received: {received}");
    }

    [TestMethod]
    public void What_has_no_effect_is_told()
    {
        var warnings = new List<string>();
        _mlContext.Log += (_, e) =>
        {
            if (e.Kind == Runtime.ChannelMessageKind.Warning) warnings.Add(e.Message);
        };
        Split(Rows(10), options => options.ValidationFraction = 0.25, Rows(5));
        StringAssert.Contains(warnings.Single(), "ValidationFraction (0.25) has no effect: there is validation data.");
        warnings.Clear();
        Split(Rows(10), options => (options.SamplingKeyColumnName, options.ValidationSplit) = ("Text", ValidationSplit.Last));
        StringAssert.Contains(
            warnings.Single(), "SamplingKeyColumnName and ValidationSplit have no effect: ValidationFraction is 0.");
        foreach (var (metric, fraction) in new[] { (Metric.RSquared, 0.0), (Metric.RSquared, 0.2), (Metric.ValidationLoss, 0.0) })
        {
            warnings.Clear();
            _mlContext.Regression.Trainers.TorchLinearRegression(new TorchLinearRegressionTrainer.Options
            {
                NumberOfEpochs = 1,
                MonitoredMetric = metric,
                ValidationFraction = fraction,
            }).Fit(Rows(50));
            Assert.HasCount(metric == Metric.RSquared && fraction == 0 ? 1 : 0, warnings.Where(warning =>
                warning.Contains("MonitoredMetric (RSquared) has no effect: there are no validation rows.", StringComparison.Ordinal)));
        }
    }

    /// <summary>How many rows are trained on, and how many are measured on: the loss of those is the mean of a label of 1 each.</summary>
    private (int Training, int Validation) Split(
        IDataView rows, Action<TorchLinearRegressionTrainer.Options> configure, IDataView? validation = null)
    {
        var options = new TorchLinearRegressionTrainer.Options { NumberOfEpochs = 1, Seed = 1 };
        configure(options);
        var trainer = _mlContext.Regression.Trainers.TorchLinearRegression(options);
        using var read = ((ISweptTrainer)trainer).Read(
            rows, validation, new Cancellation(() => false, BestBy: null, CancellationToken.None));
        var groups = read.Training.LabelsAndWeights().Labels;
        // Where labels are the groups, none is on both sides.
        if (options.SamplingKeyColumnName is not null && read.Validation is { } held)
            Assert.IsEmpty(groups.Intersect(held.LabelsAndWeights().Labels));
        return (read.Training.RowCount, read.Validation?.RowCount ?? 0);
    }

    private IDataView Rows(int count, Func<int, int>? group = null, Func<int, float>? label = null) =>
        _mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, count).Select(i =>
        {
            var of = group?.Invoke(i) ?? i;
            return new Row
            {
                Label = label?.Invoke(i) ?? of,
                Text = $"group {of}",
                Number = of,
                Key = (uint)of + 1,
                Time = new DateTime(2024, 1, 1).AddDays(of),
                Features = [i % 3],
            };
        }).ToArray());

    private sealed class Row
    {
        public float Label { get; set; }

        public string Text { get; set; } = "";

        public long Number { get; set; }

        [KeyType(1000)]
        public uint Key { get; set; }

        public DateTime Time { get; set; }

        [VectorType(1)]
        public float[] Features { get; set; } = [];
    }
}
