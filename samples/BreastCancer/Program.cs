// Tells benign tumours from malignant ones: a logistic regression, trained with five learning-rate schedules on four fifths of the rows.
// Writes a report that compares the five, and one of the last of them.
//   dotnet run --project samples/BreastCancer -c Release [-- folder]
using BreastCancer;
using Microsoft.ML;
using Microsoft.ML.LrScheduling.Reports;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;
using Spectre.Console;

var folder = args is [var given] ? given : Path.GetTempPath();
(string Name, LrSchedule? Schedule)[] runs =
[
    ("default: a line to 0", null),
    ("constant", LrSchedule.ConstantLR(factor: 1)),
    ("warmup, cosine", LrSchedule.CosineAnnealingLR(tMax: 55).WithWarmup(steps: 5)),
    ("one cycle", LrSchedule.OneCycleLR(maxLr: 0.1)),
    ("plateau of AUC", LrSchedule.ReduceLROnPlateau(metric: Metric.AreaUnderRocCurve, factor: 0.3, patience: 5)),
];

var mlContext = new MLContext(seed: 1);
var file = Path.Combine(AppContext.BaseDirectory, "breast_cancer.csv");
var data = mlContext.Data.LoadFromTextFile<Tumour>(file, separatorChar: ',', hasHeader: true);
var tumours = mlContext.Data.CreateEnumerable<Tumour>(data, reuseRowObject: false).ToArray();
// Every fifth row is held out, so that any other program can do the same.
var train = mlContext.Data.LoadFromEnumerable(tumours.Where((_, i) => i % 5 != 0));
var test = mlContext.Data.LoadFromEnumerable(tumours.Where((_, i) => i % 5 == 0));

var table = new Table().Border(TableBorder.Rounded)
    .Title($"{tumours.Where((_, i) => i % 5 == 0).Count()} of {tumours.Length} tumours, held out");
table.AddColumn("Schedule");
foreach (var heading in new[] { "Last rate", "AUC", "Accuracy", "F1", "Log-loss\n(bits)" })
    table.AddColumn(new TableColumn(heading).RightAligned());
TorchLogisticRegressionTransformer? first = null;
var histories = new List<(string Name, TrainingHistory History)>();
foreach (var (name, schedule) in runs)
{
    var model = mlContext.BinaryClassification.Trainers.TorchLogisticRegression(new TorchLogisticRegressionTrainer.Options
    {
        LearningRateSchedule = schedule,
        NumberOfEpochs = 60,
        ValidationFraction = 0.15,
        Seed = 1,
    }).Fit(train);
    first ??= model;
    histories.Add((name, model.History));
    var metrics = mlContext.BinaryClassification.Evaluate(model.Transform(test));
    table.AddRow(
        name, $"{model.History.Epochs[^1].LearningRates[0]:G2}",
        $"{metrics.AreaUnderRocCurve:F4}", $"{metrics.Accuracy:F4}", $"{metrics.F1Score:F4}", $"{metrics.LogLoss:F3}");
}

AnsiConsole.Write(table);

var comparison = Path.Combine(folder, "tumours-schedules.html");
TrainingReport.Compare([.. histories]).Save(comparison, "Five schedules for the same tumours");
var last = Path.Combine(folder, "tumours-plateau.html");
histories[^1].History.SaveReport(last, "A plateau of the area under the curve");
AnsiConsole.MarkupLineInterpolated($"Reports for a browser: [bold]{comparison}[/] and [bold]{last}[/]");

// A weight is for a feature as it came; times the deviation of the feature it tells what counts.
var weights = first!.Model.SubModel.Weights.Select((weight, i) => weight * Deviation(tumours.Select(tumour => tumour.Features[i])));
var chart = new BarChart().Width(60).Label("What speaks for a malignant tumour most");
foreach (var (name, weight) in Tumour.FeatureNames.Zip(weights).OrderBy(pair => pair.Second).Take(5))
    chart.AddItem(name, Math.Round(-weight, 2), Color.Orange1);
AnsiConsole.Write(chart);

static double Deviation(IEnumerable<float> values)
{
    var mean = values.Average();
    return Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
}
