// Predicts the prices of diamonds with a linear model, trained four times: with a constant learning rate and with three schedules.
using System.Diagnostics;
using DiamondPrices;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Spectre.Console;

const int epochs = 30;
const double learningRate = 0.02;
(string Name, LrSchedule? Schedule)[] runs =
[
    ("constant", null),
    ("StepLR(10, 0.1)", LrSchedule.StepLR(stepSize: 10, gamma: 0.1)),
    ("LambdaLR(0.8 ^ epoch)", LrSchedule.LambdaLR(epoch => Math.Pow(0.8, epoch))),
    ("ReduceLROnPlateau", LrSchedule.ReduceLROnPlateau(factor: 0.2, patience: 1)),
];

var mlContext = new MLContext(seed: 1);
var data = mlContext.Data.LoadFromTextFile<Diamond>(Path.Combine(AppContext.BaseDirectory, "diamonds.csv"), separatorChar: ',', hasHeader: true);
var split = mlContext.Data.TrainTestSplit(data, testFraction: 0.2);

var features = mlContext.Transforms.Categorical.OneHotEncoding(
        [new("CutCode", "Cut"), new("ColorCode", "Color"), new("ClarityCode", "Clarity")])
    .Append(mlContext.Transforms.Concatenate("Features", "Carat", "Depth", "Table", "X", "Y", "Z", "CutCode", "ColorCode", "ClarityCode"))
    .Append(mlContext.Transforms.NormalizeMeanVariance("Features", fixZero: false));

var results = new List<Result>();
Display.Progress(runs.Select(run => run.Name), epochs, report =>
{
    foreach (var (name, schedule) in runs)
    {
        var pipeline = features.Append(mlContext.Regression.Trainers.TorchLinearRegression(new TorchLinearRegressionTrainer.Options
        {
            LabelColumnName = "Price",
            LearningRate = learningRate,
            LearningRateSchedule = schedule,
            NumberOfEpochs = epochs,
            BatchSize = 32,
            ValidationFraction = 0.1,
            Seed = 1,
            Progress = report(name),
        }));
        var started = Stopwatch.GetTimestamp();
        var model = pipeline.Fit(split.TrainSet);
        var time = Stopwatch.GetElapsedTime(started);
        var metrics = mlContext.Regression.Evaluate(model.Transform(split.TestSet), labelColumnName: "Price");
        results.Add(new Result(name, model, model.LastTransformer.History, metrics, time));
    }
});

Display.Curves(results);
Display.Table(results, $"{split.TestSet.GetColumn<float>("Price").Count():N0} of {data.GetColumn<float>("Price").Count():N0} diamonds, held out");

// The best model, saved and loaded again, as any ML.NET program would.
var best = results.MinBy(result => result.Metrics.RootMeanSquaredError)!;
var folder = Directory.CreateTempSubdirectory("diamonds-");
var file = Path.Combine(folder.FullName, "diamonds.zip");
mlContext.Model.Save(best.Model, data.Schema, file);
var loaded = mlContext.Model.Load(file, out _);
folder.Delete(recursive: true);
var engine = mlContext.Model.CreatePredictionEngine<Diamond, Prediction>(loaded);
var ring = new Diamond { Carat = 1.01f, Cut = "Premium", Color = "G", Clarity = "VS2", Depth = 61.5f, Table = 58, X = 6.46f, Y = 6.41f, Z = 3.96f };
AnsiConsole.MarkupLineInterpolated(
    $"The [bold]{best.Name}[/] model, saved and loaded again: a diamond of 1.01 carat, Premium, G, VS2 should cost [bold]${engine.Predict(ring).Price:N0}[/].");
