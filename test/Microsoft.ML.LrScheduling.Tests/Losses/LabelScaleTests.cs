using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Tests.Losses;

/// <summary>Labels and weights at the edges of what a float holds, and outliers.</summary>
[TestClass]
public sealed class LabelScaleTests
{
    public static IEnumerable<object[]> AllLosses =>
        [[RegressionLoss.Squared()], [RegressionLoss.Absolute()], [RegressionLoss.Huber()], [RegressionLoss.Quantile()]];

    [TestMethod]
    [DynamicData(nameof(AllLosses))]
    public void Labels_of_1e30_train(RegressionLoss loss)
    {
        var own = loss is HuberLoss huber ? huber with { Delta = 1e30 } : loss;
        var usual = Predict(loss, 1, _ => 1);
        var large = Predict(own, 1e30f, _ => 1);
        // To scale; absolute and quantile losses may step over a kink elsewhere.
        for (var row = 0; row < usual.Length; row++) Assert.AreEqual(usual[row], large[row] / 1e30f, 0.05, $"row {row}");
    }

    [TestMethod]
    public void A_row_that_weighs_nothing_sets_no_scale()
    {
        static float[] Train(float first) => Predict(RegressionLoss.Squared(), 1, i => i == 0 ? 0 : 1, first);
        var expected = Train(first: 1);
        var actual = Train(first: 1e7f);
        for (var row = 1; row < expected.Length; row++) Assert.AreEqual(expected[row], actual[row], 1e-4, $"row {row}");
    }

    [TestMethod]
    public void One_enormous_label_leaves_robust_losses_alone()
    {
        float[] labels = [.. Enumerable.Range(0, 199).Select(i => (i - 99) / 50f), 1e6f];
        // Of −1.98 … 1.98 in equal steps four fifths are within 1.6 of the median.
        var (center, scale) = LabelScale.RobustOf(labels, []);
        Assert.AreEqual(0, center, 0.03);
        Assert.AreEqual(1.6 / 1.2816, scale, 0.03);
        Assert.IsGreaterThan(10_000, LabelScale.Of(labels, []).Scale);
    }

    [TestMethod]
    [DataRow(1e-4f)]
    [DataRow(1e-8f)]
    public void Small_rates_of_a_Poisson_loss_are_found(float scale)
    {
        var usual = Predict(RegressionLoss.Poisson(), 1, _ => 1);
        var small = Predict(RegressionLoss.Poisson(), scale, _ => 1);
        for (var row = 0; row < usual.Length; row++) Assert.AreEqual(usual[row], small[row] / scale, 0.02 * usual[row], $"row {row}");
    }

    private static float[] Predict(RegressionLoss loss, float scale, Func<int, float> weight, float first = 1)
    {
        var mlContext = new MLContext(seed: 1);
        Row[] rows =
        [
            .. Enumerable.Range(0, 60).Select(i => new Row
            {
                Features = [i == 0 ? first : i % 5, i % 3],
                Label = (2 + i % 5 + i % 3) * scale,
                Weight = weight(i),
            }),
        ];
        var data = mlContext.Data.LoadFromEnumerable(rows);
        var options = new TorchLinearRegressionTrainer.Options { Loss = loss, ExampleWeightColumnName = "Weight", Seed = 1 };
        return [.. mlContext.Regression.Trainers.TorchLinearRegression(options).Fit(data).Transform(data).GetColumn<float>("Score")];
    }

    private sealed class Row
    {
        public float Label { get; set; }

        public float Weight { get; set; }

        [VectorType(2)]
        public float[] Features { get; set; } = [];
    }
}
