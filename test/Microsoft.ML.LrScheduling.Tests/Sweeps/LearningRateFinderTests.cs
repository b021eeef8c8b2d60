using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Tests.Trainers;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Tests.Sweeps;

[TestClass]
public sealed class LearningRateFinderTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [TestMethod]
    public void Rates_rise_exponentially_until_the_loss_explodes()
    {
        var curve = new LearningRateFinder { MinimumRate = 1e-5, MaximumRate = 1e3, Steps = 200 }.Find(
            Trainer(), TaskCase.Rows(_mlContext, 1000));
        Assert.AreEqual(1e-5, curve.Points[0].Rate, 1e-18);
        for (var i = 1; i < curve.Points.Length; i++)
            Assert.AreEqual(Math.Pow(1e8, 1 / 199.0), curve.Points[i].Rate / curve.Points[i - 1].Rate, 1e-12);
        Assert.IsLessThan(200, curve.Points.Length, "squared errors of features up to 1 explode with a rate well below a thousand");
        Assert.IsGreaterThan(0.1, curve.Points[^1].Rate);
        // The mean of losses that are not weighed alike.
        var mean = 0.0;
        for (var i = 0; i < curve.Points.Length; i++)
        {
            mean = 0.95 * mean + 0.05 * curve.Points[i].Loss;
            Assert.AreEqual(mean / (1 - Math.Pow(0.95, i + 1)), curve.Points[i].SmoothedLoss, 1e-9 * curve.Points[i].SmoothedLoss);
        }
    }

    [TestMethod]
    public void The_suggestion_trains_well()
    {
        var rows = TaskCase.Rows(_mlContext, 1000);
        var rate = new LearningRateFinder().Find(Trainer(), rows).SuggestedRate;
        double Loss(double rate) => _mlContext.Regression.Trainers.TorchLinearRegression(new TorchLinearRegressionTrainer.Options
        {
            LabelColumnName = "Number",
            LearningRate = rate,
            NumberOfEpochs = 15,
            Seed = 1,
        }).Fit(rows).History.Epochs[^1].TrainingLoss;
        // The noise alone has a variance of 0.4² / 12.
        Assert.IsLessThan(1.2 * 0.4 * 0.4 / 12, Loss(rate), $"{rate}");
        Assert.IsGreaterThan(2 * Loss(rate), Loss(rate / 100), $"a hundredth of {rate} learns too slowly");
    }

    [TestMethod]
    public void Rates_with_which_nothing_is_learned_are_no_suggestion()
    {
        var curve = new LearningRateFinder { MinimumRate = 1e5, MaximumRate = 1e6 }.Find(Trainer(), TaskCase.Rows(_mlContext, 1000));
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => curve.SuggestedRate).Message, "The loss falls with none of the");
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => new LearningRateFinder { MinimumRate = 1, MaximumRate = 0.1 }
                .Find(Trainer(), TaskCase.Rows(_mlContext, 10))).Message,
            "MaximumRate must be above MinimumRate (1). Received: 0.1");
    }

    private TorchLinearRegressionTrainer Trainer() =>
        _mlContext.Regression.Trainers.TorchLinearRegression(new TorchLinearRegressionTrainer.Options
        {
            LabelColumnName = "Number",
            Seed = 1,
            BatchSize = 16,
        });
}
