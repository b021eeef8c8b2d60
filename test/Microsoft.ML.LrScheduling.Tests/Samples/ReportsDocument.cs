using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Microsoft.ML.LrScheduling.Reports;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Tests.Trainers;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Samples;

/// <summary>The code in docs/reports.md stands here too, so that it compiles and does what the text says.</summary>
[TestClass]
[DoNotParallelize]
public sealed class ReportsDocument
{
    [TestMethod]
    public void All_code_in_the_document_is_here()
    {
        var here = Lines(File.ReadAllText(TestData.PathOf("ReportsDocument.cs.txt")));
        var text = File.ReadAllText(TestData.PathOf("reports.md")).ReplaceLineEndings("\n");
        string[] blocks = [.. Regex.Matches(text, "```csharp\n(.*?)```", RegexOptions.Singleline).Select(match => match.Groups[1].Value)];
        Assert.HasCount(4, blocks);
        foreach (var block in blocks) StringAssert.Contains(here, Lines(block), block);
    }

    [TestMethod]
    public void The_examples_write_their_reports()
    {
        var before = Directory.GetCurrentDirectory();
        var folder = Directory.CreateTempSubdirectory("lrscheduling-reports-");
        Directory.SetCurrentDirectory(folder.FullName);
        try
        {
            Report(new MLContext(seed: 1));
            foreach (var report in new[] { "sweep", "training", "later", "comparison", "rates" })
                StringAssert.StartsWith(File.ReadAllText($"{report}.html"), "<!DOCTYPE html>", report);
        }
        finally
        {
            Directory.SetCurrentDirectory(before);
            folder.Delete(recursive: true);
        }
    }

    [TestMethod]
    public void The_libraries_are_those_that_the_notices_name()
    {
        var notices = File.ReadAllText(TestData.PathOf("THIRD-PARTY-NOTICES.md"));
        foreach (var name in new[] { "plot.umd.min.js", "d3.min.js" })
        {
            using var library = typeof(HtmlReport).Assembly.GetManifestResourceStream($"Microsoft.ML.LrScheduling.Reports.{name}")!;
            StringAssert.Contains(notices, $"| `{name}` | `{Convert.ToHexStringLower(SHA256.HashData(library))}` |");
        }
    }

    private static void Report(MLContext mlContext)
    {
        var trainData = mlContext.Transforms.CopyColumns("Price", "Number").Fit(TaskCase.Rows(mlContext, 120))
            .Transform(TaskCase.Rows(mlContext, 120));
        var space = SweepSpace.Of(draw => new TorchLinearRegressionTrainer.Options
        {
            LabelColumnName = "Price",
            LearningRate = draw.LogRange("rate", 1e-3, 0.1),
            NumberOfEpochs = 2,
        });
        var trainer = mlContext.Regression.Trainers.TorchLinearRegression(labelColumnName: "Price");
        var curve = new LearningRateFinder().Find(trainer, trainData);
        var study = mlContext.Regression.Trainers.Sweep(space, trainData);
        study.SaveReport("sweep.html", "Prices of houses", curve);

        var model = trainer.Fit(trainData);
        model.History.SaveReport("training.html");
        mlContext.Model.Save(model, trainData.Schema, "model.zip");
        TrainingHistory.Load("model.zip").SaveReport("later.html");

        var step = mlContext.Regression.Trainers.TorchLinearRegression(
            labelColumnName: "Price", learningRateSchedule: LrSchedule.StepLR(1), numberOfEpochs: 2).Fit(trainData);
        var cosine = mlContext.Regression.Trainers.TorchLinearRegression(
            labelColumnName: "Price", learningRateSchedule: LrSchedule.CosineAnnealingLR(2), numberOfEpochs: 2).Fit(trainData);
        TrainingReport.Compare(("StepLR", step.History), ("cosine", cosine.History)).Save("comparison.html", "Two schedules");

        curve.SaveReport("rates.html");
    }

    private static string Lines(string code) => string.Join('\n', code.ReplaceLineEndings("\n").Split('\n').Select(line => line.Trim()));
}
