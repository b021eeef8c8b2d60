using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Benchmarks.Performance;

/// <summary>
/// A sweep over rates and schedules, from a cached <see cref="IDataView"/> to its leaderboard, beside one <c>Fit</c> of the same options:
/// reading and validation included.
/// </summary>
internal static class Sweeps
{
    private const int Trials = 64;
    private const int Epochs = 10;

    public static void Measure(PerformanceRun run)
    {
        var mlContext = new MLContext(seed: 1);
        var table = new Table("sweep", $"seconds (spread), {Epochs} epochs, B=256", "one Fit", $"a sweep of {Trials}", "÷");
        foreach (var (features, goal) in new[] { (10, 10), (100, 16) })
        {
            var rowCount = Problems.RowsFor(features) / (run.IsQuick ? 5 : 1);
            var view = FitRuns.View(mlContext, rowCount, features);
            TorchLinearRegressionTrainer.Options Options(double rate, LrSchedule schedule) => new()
            {
                NumberOfEpochs = Epochs,
                BatchSize = 256,
                ValidationFraction = 0.1,
                Seed = 1,
                LearningRate = rate,
                LearningRateSchedule = schedule,
            };
            var space = SweepSpace.Of(draw => Options(draw.LogRange("rate", 1e-4, 0.01), draw.Choice("schedule", "cosine", "step") switch
            {
                "cosine" => LrSchedule.CosineAnnealingLR(tMax: Epochs),
                _ => LrSchedule.StepLR(draw.Integer("size", 1, 5), draw.Range("gamma", 0.1, 0.9)),
            }));
            var measurement = run.Measurement with { Rounds = run.IsQuick ? 3 : 5 };
            var trainer = mlContext.Regression.Trainers.TorchLinearRegression(Options(0.005, LrSchedule.CosineAnnealingLR(tMax: Epochs)));
            var samples = measurement.Interleave(
                [new("one", () => Measurement.Seconds(() => trainer.Fit(view))),
                    new("all", () => Measurement.Seconds(() => mlContext.Regression.Trainers.Sweep(space, view)))]);
            var ratio = samples[1].Over(samples[0]);
            table.Add($"{Format.Count(rowCount)} × {features}", $"{samples[0]}", $"{samples[1]}", $"{ratio}");
            run.Targets.Add(Target.AtMost($"Sweep of {Trials} trials ÷ one Fit, d={features}", goal, ratio, " ×"));
        }

        run.Add(table);
    }
}
