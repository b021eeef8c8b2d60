using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Tests.Samples;

[TestClass]
public sealed class SampleTests
{
    [TestMethod]
    public void The_code_in_the_README_is_that_of_the_sample_QuickStart() =>
        StringAssert.Contains(File.ReadAllText(TestData.PathOf("README.md")), $"```csharp\n{File.ReadAllText(TestData.PathOf("QuickStart.cs.txt"))}```");

    [TestMethod]
    public void Scheduled_runs_explain_nine_tenths_of_the_prices_of_diamonds()
    {
        var mlContext = new MLContext(seed: 1);
        TextLoader.Column[] columns =
        [
            new("Sizes", DataKind.Single, [new(0), new(4, 5), new(7, 9)]), new("Cut", DataKind.String, 1), new("Color", DataKind.String, 2),
            new("Clarity", DataKind.String, 3), new("Label", DataKind.Single, 6),
        ];
        var split = mlContext.Data.TrainTestSplit(mlContext.Data.LoadFromTextFile(TestData.PathOf("diamonds.csv"), columns, ',', hasHeader: true), 0.2);
        var features = mlContext.Transforms.Categorical.OneHotEncoding([new("Cut"), new("Color"), new("Clarity")])
            .Append(mlContext.Transforms.Concatenate("Features", "Sizes", "Cut", "Color", "Clarity"))
            .Append(mlContext.Transforms.NormalizeMeanVariance("Features", fixZero: false))
            .Fit(split.TrainSet);
        var (train, test) = (features.Transform(split.TrainSet), features.Transform(split.TestSet));
        foreach (var schedule in new LrSchedule[]
            { LrSchedule.StepLR(5), LrSchedule.LambdaLR("0.7 ** epoch"), LrSchedule.ReduceLROnPlateau(factor: 0.2, patience: 1) })
        {
            var model = mlContext.Regression.Trainers.TorchLinearRegression(new TorchLinearRegressionTrainer.Options
                { LearningRate = 0.02, NumberOfEpochs = 15, ValidationFraction = 0.1, Seed = 1, LearningRateSchedule = schedule }).Fit(train);
            var rSquared = mlContext.Regression.Evaluate(model.Transform(test)).RSquared;
            Assert.IsTrue(rSquared >= 0.90, $"{schedule}: R² {rSquared}");
        }
    }
}
