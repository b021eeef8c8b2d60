// AutoML over the trainers. The same hyperparameters, read from attributes, go to three searches: an experiment over a pipeline, an
// experiment with a trial runner of its own, and a sweep. Needs the package Microsoft.ML.AutoML; not part of the solution.
//   dotnet run --project samples/AutoMLSweep -c Release [-- trials]
using System.Diagnostics;
using System.Globalization;
using AutoMLSweep;
using DiamondPrices;
using Microsoft.ML;
using Microsoft.ML.AutoML;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;
using Microsoft.ML.SearchSpace;
using Spectre.Console;

var trials = args is [var count] ? int.Parse(count, CultureInfo.InvariantCulture) : 16;
var mlContext = new MLContext(seed: 1);
var file = Path.Combine(AppContext.BaseDirectory, "diamonds.csv");
var data = mlContext.Data.LoadFromTextFile<Diamond>(file, separatorChar: ',', hasHeader: true);
var split = mlContext.Data.TrainTestSplit(data, testFraction: 0.2);
string[] columns = ["Carat", "Depth", "Table", "X", "Y", "Z", "CutCode", "ColorCode", "ClarityCode"];
var features = mlContext.Transforms.Categorical.OneHotEncoding(
        [new("CutCode", "Cut"), new("ColorCode", "Color"), new("ClarityCode", "Clarity")])
    .Append(mlContext.Transforms.Concatenate("Features", columns));
var table = new Table().Border(TableBorder.Rounded)
    .AddColumns("Who tries", "Trials", "Seconds", "RMSE, $", "Rate and schedule of the best");

// An experiment over a pipeline: features and trainer are fitted anew for each trial.
Measure("AutoML, a pipeline", trials, () =>
{
    var trainer = mlContext.Auto().CreateSweepableEstimator(
        (MLContext context, Hyperparameters drawn) => context.Regression.Trainers.TorchLinearRegression(drawn.ToOptions()),
        new SearchSpace<Hyperparameters>());
    var result = mlContext.Auto().CreateExperiment()
        .SetPipeline(features.Append(trainer)).SetDataset(split.TrainSet, split.TestSet)
        .SetRegressionMetric(RegressionMetric.RootMeanSquaredError, labelColumn: "Price")
        .SetMaxModelToExplore(trials).Run();
    var chain = (IEnumerable<ITransformer>)result.Model;
    return (result.Metric, ((TorchLinearRegressionTransformer)chain.Last()).History);
});

// A trial runner: the features are made once, and a trial ends when it is cancelled.
Measure("AutoML, a trial runner", trials, () =>
{
    var made = features.Fit(split.TrainSet);
    var (train, test) = (mlContext.Data.Cache(made.Transform(split.TrainSet)), mlContext.Data.Cache(made.Transform(split.TestSet)));
    var result = mlContext.Auto().CreateExperiment()
        .AddSearchSpace(FitRunner.SpaceName, new SearchSpace<Hyperparameters>())
        .SetTrialRunner(new FitRunner(mlContext, train, test))
        .SetCostFrugalTuner().SetMaxModelToExplore(trials).Run();
    return (result.Metric, ((TorchLinearRegressionTransformer)result.Model).History);
});

// All trials in one pass over the rows.
Measure("a sweep", 64, () =>
{
    var study = mlContext.Regression.Trainers.Sweep(
        SweepSpace.FromAttributes((Hyperparameters drawn) => drawn.ToOptions()), split.TrainSet,
        new SweepOptions { Metric = Metric.RootMeanSquaredError, Seed = 1 }, validationData: split.TestSet, features: features);
    return (study.Best.Score!.Value, study.Best.History);
});
AnsiConsole.Write(table);

void Measure(string who, int number, Func<(double Error, TrainingHistory Best)> run)
{
    var started = Stopwatch.GetTimestamp();
    var (error, best) = run();
    var invariant = CultureInfo.InvariantCulture;
    table.AddRow(
        Markup.Escape(who), number.ToString(invariant), Stopwatch.GetElapsedTime(started).TotalSeconds.ToString("F1", invariant),
        error.ToString("N0", invariant),
        Markup.Escape($"{best.Epochs[0].LearningRates[0].ToString("G3", invariant)}, {best.ScheduleText ?? "line to 0"}"));
}
