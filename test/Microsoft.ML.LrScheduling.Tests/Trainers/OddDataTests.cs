using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Trainers;

/// <summary>Data at the edges: a finite model, or an error that says what is wrong.</summary>
[TestClass]
public sealed class OddDataTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    public static IEnumerable<object[]> Tasks => TaskCase.All;

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void No_row_is_an_error_and_one_row_is_enough(TaskCase task)
    {
        var error = Assert.ThrowsExactly<InvalidOperationException>(() => Fit(task, []));
        Assert.AreEqual("There must be at least one training row. Received: 0", error.Message);
        AssertFinite(Fit(task, TaskCase.Points(1)));
    }

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void Constant_labels_and_features_and_a_single_class_train(TaskCase task)
    {
        AssertFinite(Fit(
            task, TaskCase.Points(50).Select(point => new TaskRow { Features = point.Features, Number = 3, Truth = true, Class = 1 })));
        AssertFinite(Fit(task, TaskCase.Points(50)
            .Select(point => new TaskRow { Features = [1, 1, 1, 1], Number = point.Number, Truth = point.Truth, Class = point.Class })));
        AssertFinite(Fit(
            task, TaskCase.Points(50).Select(point => new TaskRow { Features = [0, 0, 0, 0], Number = 0, Truth = false, Class = 0 })));
    }

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void A_class_that_validation_rows_lack_leaves_metrics_undefined_at_most(TaskCase task)
    {
        var one = _mlContext.Data.LoadFromEnumerable(
            TaskCase.Points(200).Where(point => point.Truth && point.Class == 2).Take(20).ToArray());
        var (_, weights, history) = task.Fit(_mlContext, TaskCase.Rows(_mlContext, 100), options => options.NumberOfEpochs = 3, one);
        Assert.IsTrue(weights.All(float.IsFinite));
        Assert.IsNull(history.Epochs[0][Metric.AreaUnderRocCurve]);
        Assert.IsTrue(history.Epochs.All(epoch => epoch.ValidationMetrics.Values.All(double.IsFinite)));
    }

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void A_batch_larger_than_the_data_and_a_last_one_of_one_row_train(TaskCase task)
    {
        AssertFinite(Fit(task, TaskCase.Points(33), options => options.BatchSize = 32));
        AssertFinite(Fit(task, TaskCase.Points(33), options => options.BatchSize = int.MaxValue));
        AssertFinite(Fit(task, TaskCase.Points(33), options => options.BatchSize = 1));
    }

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void Features_of_1e30_train_and_as_they_come_end_in_a_clear_error(TaskCase task)
    {
        TaskRow[] rows = [.. TaskCase.Points(100).Select(point => new TaskRow
            { Features = [.. point.Features.Select(x => x * 1e30f)], Number = point.Number, Truth = point.Truth, Class = point.Class })];
        var weights = Fit(task, rows);
        AssertFinite(weights);
        // To scale, the model of features of usual size: 1e30 is no power of two, so that features are rounded anew.
        var usual = Fit(task, TaskCase.Points(100));
        var outputs = weights.Length / 5;
        for (var i = 0; i < weights.Length; i++)
            Assert.AreEqual(usual[i], i < 4 * outputs ? weights[i] * 1e30 : weights[i], 1e-4, $"weight {i}");
        var error = Assert.ThrowsExactly<TrainingDivergedException>(() => Fit(task, rows, options => options.Standardize = false));
        StringAssert.Contains(error.Message, "Let Standardize be true, leave LearningRate out ");
        var noRate = Assert.ThrowsExactly<InvalidOperationException>(
            () => Fit(task, rows, options => (options.Standardize, options.LearningRate) = (false, null)));
        StringAssert.StartsWith(noRate.Message, "The features are too large for a learning rate to follow from them");
    }

    [TestMethod]
    public void Labels_of_1e_minus_30_train()
    {
        var task = (TaskCase)TaskCase.All.First()[0];
        var weights = Fit(
            task, TaskCase.Points(200).Select(point => new TaskRow { Features = point.Features, Number = point.Number * 1e-30f }),
            options => options.NumberOfEpochs = 30);
        AssertFinite(weights);
        // To scale, the model of labels of usual size.
        var usual = Fit(task, TaskCase.Points(200), options => options.NumberOfEpochs = 30);
        for (var i = 0; i < weights.Length; i++) Assert.AreEqual(usual[i], weights[i] * 1e30, 1e-3, $"weight {i}");
    }

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void One_feature_and_a_hundred_thousand_sparse_ones_train(TaskCase task)
    {
        AssertFinite(FitWide(task, 1, point => new VBuffer<float>(1, [point.Features[0]])));
        AssertFinite(FitWide(
            task, 100_000, point => new VBuffer<float>(100_000, 3, [point.Features[0], point.Features[1], 1], [5, 50_000, 99_999])));
    }

    private float[] FitWide(TaskCase task, int width, Func<TaskRow, VBuffer<float>> features)
    {
        var definition = SchemaDefinition.Create(typeof(WideRow));
        definition["Features"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, width);
        var rows = TaskCase.Points(100)
            .Select(point => new WideRow { Features = features(point), Number = point.Number, Truth = point.Truth, Class = point.Class })
            .ToArray();
        return task.Fit(_mlContext, _mlContext.Data.LoadFromEnumerable(rows, definition), options => options.NumberOfEpochs = 2).Weights;
    }

    private float[] Fit(TaskCase task, IEnumerable<TaskRow> rows, Action<LinearTrainerOptions>? configure = null) =>
        task.Fit(_mlContext, _mlContext.Data.LoadFromEnumerable(rows.ToArray()), options =>
        {
            options.NumberOfEpochs = 3;
            configure?.Invoke(options);
        }).Weights;

    private static void AssertFinite(float[] weights) => Assert.IsTrue(weights.All(float.IsFinite));

    private sealed class WideRow
    {
        public float Number { get; set; }

        public bool Truth { get; set; }

        [KeyType(3)]
        public uint Class { get; set; }

        [VectorType(1)]
        public VBuffer<float> Features { get; set; }
    }
}
