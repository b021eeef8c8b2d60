// Which schedule, which rate? 64 trials on the prices of diamonds, trained together in one pass over the rows an epoch.
// Shows a leaderboard, and writes a report.
//   dotnet run --project samples/SweepSchedules -c Release [-- report.html]
using System.Diagnostics;
using DiamondPrices;
using Microsoft.ML;
using Microsoft.ML.LrScheduling.Reports;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Trainers;
using Spectre.Console;
using SweepSchedules;

const int Epochs = 20;
var report = args is [var path] ? path : Path.Combine(Path.GetTempPath(), "sweep.html");
var mlContext = new MLContext(seed: 1);
var file = Path.Combine(AppContext.BaseDirectory, "diamonds.csv");
var data = mlContext.Data.LoadFromTextFile<Diamond>(file, separatorChar: ',', hasHeader: true);
var split = mlContext.Data.TrainTestSplit(data, testFraction: 0.2);
string[] columns = ["Carat", "Depth", "Table", "X", "Y", "Z", "CutCode", "ColorCode", "ClarityCode"];
var features = mlContext.Transforms.Categorical.OneHotEncoding(
        [new("CutCode", "Cut"), new("ColorCode", "Color"), new("ClarityCode", "Clarity")])
    .Append(mlContext.Transforms.Concatenate("Features", columns))
    .Fit(split.TrainSet);
var (train, test) = (features.Transform(split.TrainSet), features.Transform(split.TestSet));

// Where to look: around the lowest rate that does as well as any in a short run.
TorchLinearRegressionTrainer.Options Options() => new()
{
    LabelColumnName = "Price",
    NumberOfEpochs = Epochs,
    ValidationFraction = 0.1,
    Seed = 1,
};

var curve = new LearningRateFinder().Find(mlContext.Regression.Trainers.TorchLinearRegression(Options()), train);
var suggested = curve.SuggestedRate ?? throw new InvalidOperationException(curve.Reason);
AnsiConsole.MarkupLineInterpolated($"The finder suggests a learning rate of [bold]{suggested:G2}[/].");

var space = SweepSpace.Of(draw =>
{
    var options = Options();
    var rate = draw.LogRange("rate", suggested / 10, suggested * 30);
    options.LearningRate = rate;
    var kind = draw.Choice("schedule", "line", "constant", "step", "exponential", "cosine", "one cycle", "plateau");
    options.LearningRateSchedule = kind switch
    {
        "constant" => LrSchedule.ConstantLR(factor: 1),
        "step" => LrSchedule.StepLR(draw.Integer("stepSize", 2, 10), draw.Choice("gamma", 0.1, 0.3, 0.5)),
        "exponential" => LrSchedule.ExponentialLR(draw.Range("decay", 0.6, 0.98)),
        "cosine" => LrSchedule.CosineAnnealingLR(tMax: Epochs),
        "one cycle" => LrSchedule.OneCycleLR(maxLr: rate, cycleMomentum: false),
        "plateau" => LrSchedule.ReduceLROnPlateau(factor: draw.Choice("factor", 0.1, 0.3, 0.5), patience: 1),
        _ => null,
    };
    return options;
});

var started = Stopwatch.GetTimestamp();
var study = Board.Live(progress => mlContext.Regression.Trainers.Sweep(
    space, train,
    new SweepOptions { Strategy = SweepStrategy.Random(64), Metric = Metric.RootMeanSquaredError, Seed = 1, Progress = progress }));
var time = Stopwatch.GetElapsedTime(started);

var metrics = mlContext.Regression.Evaluate(study.BestModel.Transform(test), labelColumnName: "Price");
AnsiConsole.MarkupLineInterpolated($"[bold]{study.Trials.Count} trials of {Epochs} epochs in {time.TotalSeconds:F1} s.[/]");
AnsiConsole.MarkupLineInterpolated(
    $"Trial {study.Best.Number} on diamonds held out: RMSE ${metrics.RootMeanSquaredError:N0}, R² {metrics.RSquared:F4}.");
study.SaveReport(report, "Schedules for the prices of diamonds", curve);
AnsiConsole.MarkupLineInterpolated($"Report for a browser: [bold]{Path.GetFullPath(report)}[/]");
