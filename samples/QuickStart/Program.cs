using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Schedules;

var mlContext = new MLContext(seed: 1);
var points = Enumerable.Range(0, 1000).Select(i => new Point { X = [i % 10, i % 7], Label = 2 * (i % 10) - i % 7 + i * i % 11 / 10f });
var data = mlContext.Data.LoadFromEnumerable(points);

var trainer = mlContext.Regression.Trainers.TorchLinearRegression(
    featureColumnName: "X",
    learningRateSchedule: LrSchedule.StepLR(stepSize: 5, gamma: 0.3),
    numberOfEpochs: 20);

var model = trainer.Fit(data);
foreach (var epoch in model.History.Epochs)
    Console.WriteLine($"epoch {epoch.Epoch}: rate {epoch.LearningRates[0]:G3}, loss {epoch.TrainingLoss:G3}");
Console.WriteLine($"R² {mlContext.Regression.Evaluate(model.Transform(data)).RSquared:F4}");
mlContext.Model.Save(model, data.Schema, Path.Combine(Path.GetTempPath(), "points.zip"));

class Point { [VectorType(2)] public float[] X { get; set; } = []; public float Label { get; set; } }
