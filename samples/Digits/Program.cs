// Reads handwritten digits: a multinomial logistic regression on 8 × 8 pixels, trained with four optimizers.
//   dotnet run --project samples/Digits -c Release
using System.Diagnostics;
using Digits;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.Transforms;
using Spectre.Console;

Optimizer[] optimizers =
[
    Optimizer.Sgd(), Optimizer.Adam(), Optimizer.RmsProp(), Optimizer.Adagrad(),
];

var mlContext = new MLContext(seed: 1);
var file = Path.Combine(AppContext.BaseDirectory, "digits.csv");
var data = mlContext.Data.LoadFromTextFile<Digit>(file, separatorChar: ',');
var digits = mlContext.Data.CreateEnumerable<Digit>(data, reuseRowObject: false).ToArray();
// Every fifth row is held out, so that any other program can do the same.
var train = mlContext.Data.LoadFromEnumerable(digits.Where((_, i) => i % 5 != 0));
var test = mlContext.Data.LoadFromEnumerable(digits.Where((_, i) => i % 5 == 0));

var preparation = mlContext.Transforms.Conversion
    .MapValueToKey("Label", "Value", keyOrdinality: ValueToKeyMappingEstimator.KeyOrdinality.ByValue);
var table = new Table().Border(TableBorder.Rounded)
    .Title($"{digits.Where((_, i) => i % 5 == 0).Count()} of {digits.Length:N0} digits, held out");
table.AddColumn("Optimizer");
foreach (var heading in new[] { "Accuracy", "Macro accuracy", "Log-loss\n(nats)", "Time (s)" })
    table.AddColumn(new TableColumn(heading).RightAligned());
ITransformer? best = null;
MulticlassClassificationMetrics? bestMetrics = null;
foreach (var optimizer in optimizers)
{
    var trainer = mlContext.MulticlassClassification.Trainers.TorchMaximumEntropy(new TorchMaximumEntropyTrainer.Options
    {
        Optimizer = optimizer,
        Seed = 1,
    });
    var started = Stopwatch.GetTimestamp();
    var model = preparation.Append(trainer).Fit(train);
    var time = Stopwatch.GetElapsedTime(started);
    var metrics = mlContext.MulticlassClassification.Evaluate(model.Transform(test));
    table.AddRow(
        optimizer.GetType().Name, $"{metrics.MicroAccuracy:F4}", $"{metrics.MacroAccuracy:F4}", $"{metrics.LogLoss:F3}",
        $"{time.TotalSeconds:F2}");
    if (bestMetrics is null || metrics.MicroAccuracy > bestMetrics.MicroAccuracy) (best, bestMetrics) = (model, metrics);
}

AnsiConsole.Write(table);

// The digits that the best model takes for others, as it saw them.
var scored = best!.Transform(test);
var read = mlContext.Transforms.Conversion.MapKeyToValue("PredictedLabel").Fit(scored).Transform(scored);
var wrong = mlContext.Data.CreateEnumerable<Reading>(read, reuseRowObject: false)
    .Where(reading => reading.PredictedLabel != reading.Value).Take(4).ToArray();
var grid = new Grid();
foreach (var _ in wrong) grid.AddColumn();
grid.AddRow([.. wrong.Select(reading => Markup.Escape($"{reading.Value}, taken for {reading.PredictedLabel}"))]);
grid.AddRow([.. wrong.Select(reading => Markup.Escape(reading.Draw()))]);
AnsiConsole.Write(grid);
