// Tells benign tumours from malignant ones: a logistic regression, trained with four learning-rate schedules on four fifths of the rows.
using BreastCancer;
using Microsoft.ML;
using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Spectre.Console;

(string Name, LrSchedule? Schedule)[] runs =
[
    ("constant", null),
    ("warmup, cosine", LrSchedule.CosineAnnealingLR(tMax: 55).WithWarmup(steps: 5)),
    ("one cycle", LrSchedule.OneCycleLR(maxLr: 0.1)),
    ("plateau of AUC", LrSchedule.ReduceLROnPlateau(metric: Metric.AreaUnderRocCurve, factor: 0.3, patience: 5)),
];

var mlContext = new MLContext(seed: 1);
var file = Path.Combine(AppContext.BaseDirectory, "breast_cancer.csv");
var tumours = mlContext.Data.CreateEnumerable<Tumour>(
    mlContext.Data.LoadFromTextFile<Tumour>(file, separatorChar: ',', hasHeader: true), reuseRowObject: false).ToArray();
// Every fifth row is held out, so that any other program can do the same.
var train = mlContext.Data.LoadFromEnumerable(tumours.Where((_, i) => i % 5 != 0));
var test = mlContext.Data.LoadFromEnumerable(tumours.Where((_, i) => i % 5 == 0));

var table = new Table()
    .Border(TableBorder.Rounded).Title($"{tumours.Where((_, i) => i % 5 == 0).Count()} of {tumours.Length} tumours, held out");
table.AddColumn("Schedule");
foreach (var heading in new[] { "Last rate", "AUC", "Accuracy", "F1", "Log-loss" })
    table.AddColumn(new TableColumn(heading).RightAligned());
TorchLogisticRegressionTransformer? last = null;
foreach (var (name, schedule) in runs)
{
    var pipeline = mlContext.Transforms.NormalizeMeanVariance("Features", fixZero: false)
        .Append(mlContext.BinaryClassification.Trainers.TorchLogisticRegression(new TorchLogisticRegressionTrainer.Options
        {
            Optimizer = Optimizer.Sgd(momentum: 0.9),
            LearningRate = 0.02,
            LearningRateSchedule = schedule,
            L2Regularization = 0.005,
            NumberOfEpochs = 60,
            ValidationFraction = 0.15,
            Seed = 1,
        }));
    var model = pipeline.Fit(train);
    last = model.LastTransformer;
    var metrics = mlContext.BinaryClassification.Evaluate(model.Transform(test));
    table.AddRow(
        name, $"{last.History.Epochs[^1].LearningRates[0]:G2}",
        $"{metrics.AreaUnderRocCurve:F4}", $"{metrics.Accuracy:F4}", $"{metrics.F1Score:F4}", $"{metrics.LogLoss:F3}");
}

AnsiConsole.Write(table);

// The features are on one scale, so the weights tell what counts.
var weights = last!.Model.SubModel.Weights;
var chart = new BarChart().Width(60).Label("What speaks for a malignant tumour most");
foreach (var (name, weight) in Tumour.FeatureNames.Zip(weights).OrderBy(pair => pair.Second).Take(5))
    chart.AddItem(name, Math.Round(-weight, 2), Color.Orange1);
AnsiConsole.Write(chart);
