// Predicts the prices of diamonds with a linear model: a constant learning rate, four schedules, and one of them on both engines.
//   dotnet run --project samples/DiamondPrices -c Release
using System.Diagnostics;
using DiamondPrices;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Spectre.Console;

const int Epochs = 30;
(string Name, LrSchedule? Schedule, TrainingEngine Engine)[] runs =
[
    ("constant", LrSchedule.ConstantLR(factor: 1), TrainingEngine.Fused),
    ("default: a line to 0", null, TrainingEngine.Fused),
    ("StepLR(10, 0.1)", LrSchedule.StepLR(stepSize: 10, gamma: 0.1), TrainingEngine.Fused),
    ("StepLR(10, 0.1)", LrSchedule.StepLR(stepSize: 10, gamma: 0.1), TrainingEngine.Torch),
    ("LambdaLR(0.8 ** epoch)", LrSchedule.LambdaLR("0.8 ** epoch"), TrainingEngine.Fused),
    ("ReduceLROnPlateau", LrSchedule.ReduceLROnPlateau(factor: 0.2, patience: 1), TrainingEngine.Fused),
];

var mlContext = new MLContext(seed: 1);
var file = Path.Combine(AppContext.BaseDirectory, "diamonds.csv");
var data = mlContext.Data.LoadFromTextFile<Diamond>(file, separatorChar: ',', hasHeader: true);
var split = mlContext.Data.TrainTestSplit(data, testFraction: 0.2);

string[] columns = ["Carat", "Depth", "Table", "X", "Y", "Z", "CutCode", "ColorCode", "ClarityCode"];
var features = mlContext.Transforms.Categorical.OneHotEncoding(
        [new("CutCode", "Cut"), new("ColorCode", "Color"), new("ClarityCode", "Clarity")])
    .Append(mlContext.Transforms.Concatenate("Features", columns));

var results = new List<Result>();
Display.Progress([.. runs.Select(run => $"{run.Name}, {run.Engine}")], Epochs, report =>
{
    foreach (var (i, (name, schedule, engine)) in runs.Index())
    {
        var pipeline = features.Append(mlContext.Regression.Trainers.TorchLinearRegression(new TorchLinearRegressionTrainer.Options
        {
            LabelColumnName = "Price",
            LearningRateSchedule = schedule,
            NumberOfEpochs = Epochs,
            ValidationFraction = 0.1,
            Seed = 1,
            Engine = engine,
            Progress = report(i),
        }));
        var started = Stopwatch.GetTimestamp();
        var model = pipeline.Fit(split.TrainSet);
        var time = Stopwatch.GetElapsedTime(started);
        var metrics = mlContext.Regression.Evaluate(model.Transform(split.TestSet), labelColumnName: "Price");
        results.Add(new Result(name, $"{engine}", model, model.LastTransformer.History, metrics, time));
    }
});

var (heldOut, all) = (split.TestSet.GetColumn<float>("Price").Count(), data.GetColumn<float>("Price").Count());
Display.Table(results, $"Diamond prices, {Epochs} epochs; RMSE and R² of {heldOut:N0} of {all:N0} rows, held out", Epochs);

// The best model, saved and loaded again, as any ML.NET program would.
var best = results.MinBy(result => result.Metrics.RootMeanSquaredError)!;
var folder = Directory.CreateTempSubdirectory("diamonds-");
var zip = Path.Combine(folder.FullName, "diamonds.zip");
mlContext.Model.Save(best.Model, data.Schema, zip);
var loaded = mlContext.Model.Load(zip, out _);
folder.Delete(recursive: true);
var predictions = mlContext.Model.CreatePredictionEngine<Diamond, Prediction>(loaded);
var ring = new Diamond
{
    Carat = 1.01f,
    Cut = "Premium",
    Color = "G",
    Clarity = "VS2",
    Depth = 61.5f,
    Table = 58,
    X = 6.46f,
    Y = 6.41f,
    Z = 3.96f,
};
AnsiConsole.MarkupLineInterpolated(
    $"The best model, saved and loaded again, prices a 1.01 carat diamond at [bold]${predictions.Predict(ring).Price:N0}[/].");
