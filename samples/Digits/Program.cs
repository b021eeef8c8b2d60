// Reads handwritten digits: a multinomial logistic regression on 8 × 8 pixels, trained with four optimizers under one schedule.
using System.Diagnostics;
using Digits;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Spectre.Console;

(Optimizer Optimizer, double Rate)[] runs =
[
    (Optimizer.Sgd(momentum: 0.9, nesterov: true), 0.05),
    (Optimizer.Adam(), 0.01),
    (Optimizer.RmsProp(), 0.003),
    (Optimizer.Adagrad(), 0.1),
];

var mlContext = new MLContext(seed: 1);
var file = Path.Combine(AppContext.BaseDirectory, "digits.csv");
var digits = mlContext.Data.CreateEnumerable<Digit>(
    mlContext.Data.LoadFromTextFile<Digit>(file, separatorChar: ','), reuseRowObject: false).ToArray();
// Every fifth row is held out, so that any other program can do the same.
var train = mlContext.Data.LoadFromEnumerable(digits.Where((_, i) => i % 5 != 0));
var test = mlContext.Data.LoadFromEnumerable(digits.Where((_, i) => i % 5 == 0));

var preparation = mlContext.Transforms.Conversion.MapValueToKey(
    "Label", "Value", keyOrdinality: Microsoft.ML.Transforms.ValueToKeyMappingEstimator.KeyOrdinality.ByValue)
    .Append(mlContext.Transforms.NormalizeMinMax("Features", fixZero: false));
var table = new Table()
    .Border(TableBorder.Rounded).Title($"{digits.Where((_, i) => i % 5 == 0).Count()} of {digits.Length:N0} digits, held out");
table.AddColumn("Optimizer");
foreach (var heading in new[] { "Accuracy", "Macro accuracy", "Log-loss", "Time (s)" })
    table.AddColumn(new TableColumn(heading).RightAligned());
ITransformer? best = null;
MulticlassClassificationMetrics? bestMetrics = null;
foreach (var (optimizer, rate) in runs)
{
    var pipeline = preparation.Append(mlContext.MulticlassClassification.Trainers.TorchMaximumEntropy(new TorchMaximumEntropyTrainer.Options
    {
        Optimizer = optimizer,
        LearningRate = rate,
        LearningRateSchedule = LrSchedule.CosineAnnealingLR(tMax: 60).WithWarmup(steps: 3),
        Loss = MulticlassLoss.CrossEntropy(labelSmoothing: 0.05),
        NumberOfEpochs = 63,
        Seed = 1,
    }));
    var started = Stopwatch.GetTimestamp();
    var model = pipeline.Fit(train);
    var time = Stopwatch.GetElapsedTime(started);
    var metrics = mlContext.MulticlassClassification.Evaluate(model.Transform(test));
    table.AddRow(optimizer.GetType().Name, $"{metrics.MicroAccuracy:F4}", $"{metrics.MacroAccuracy:F4}", $"{metrics.LogLoss:F3}",
        $"{time.TotalSeconds:F2}");
    if (bestMetrics is null || metrics.MicroAccuracy > bestMetrics.MicroAccuracy) (best, bestMetrics) = (model, metrics);
}

AnsiConsole.Write(table);

// The digits that the best model takes for others, as it saw them.
var wrong = mlContext.Data.CreateEnumerable<Reading>(
    mlContext.Transforms.Conversion.MapKeyToValue("PredictedLabel").Fit(best!.Transform(test)).Transform(best.Transform(test)),
    reuseRowObject: false)
    .Where(reading => reading.PredictedLabel != reading.Value).Take(4).ToArray();
var grid = new Grid();
foreach (var _ in wrong) grid.AddColumn();
grid.AddRow([.. wrong.Select(reading => Markup.Escape($"{reading.Value}, taken for {reading.PredictedLabel}"))]);
grid.AddRow([.. wrong.Select(reading => Markup.Escape(reading.Draw()))]);
AnsiConsole.Write(grid);
