using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Benchmarks.Performance;

/// <summary>What <c>Standardize</c> adds to the whole of <c>Fit</c>.</summary>
internal static class StandardizeRuns
{
    // Differences of a few per cent are smaller than what other programs on the machine do to the time on a clock. The least processor
    // time of many runs in turns is that of a run that nothing disturbed.
    private const int Turns = 25;
    private const int Unmeasured = 2;

    private static readonly (int Rows, int Features, int BatchSize, int? Epochs)[] Shapes =
        [(100_000, 100, 32, 1), (100_000, 100, 32, null), (1_000_000, 10, 256, 10)];

    public static void Measure(PerformanceRun run)
    {
        var table = new Table(
            "standardize", "Fit, fused engine", "milliseconds of processor time, Standardize = true", "Standardize = false", "ratio");
        foreach (var (rows, features, batchSize, epochs) in Shapes)
        {
            var mlContext = new MLContext(seed: 1);
            var view = FitRuns.View(mlContext, rows, features);
            double[] least = [double.PositiveInfinity, double.PositiveInfinity];
            for (var turn = 0; turn < (run.IsQuick ? 5 : Turns) + Unmeasured; turn++)
                for (var which = 0; which < least.Length; which++)
                {
                    // All else is given, so that the same steps are taken.
                    var trainer = mlContext.Regression.Trainers.TorchLinearRegression(new TorchLinearRegressionTrainer.Options
                    {
                        Standardize = which == 0,
                        NumberOfEpochs = epochs,
                        BatchSize = batchSize,
                        LearningRate = 0.001,
                        L2Regularization = 1e-5,
                        Engine = TrainingEngine.Fused,
                        Seed = 1,
                    });
                    GC.Collect();
                    var before = Used();
                    trainer.Fit(view);
                    if (turn >= Unmeasured) least[which] = Math.Min(least[which], (Used() - before).TotalMilliseconds);
                }

            table.Add(
                $"{Format.Count(rows)} × {features}, {epochs?.ToString(CultureInfo.InvariantCulture) ?? "default"} "
                + $"{(epochs == 1 ? "epoch" : "epochs")}, B={batchSize}",
                least[0].ToString("F0", CultureInfo.InvariantCulture),
                least[1].ToString("F0", CultureInfo.InvariantCulture),
                (least[0] / least[1]).ToString("F2", CultureInfo.InvariantCulture));
        }

        run.Add(table);
    }

    private static TimeSpan Used()
    {
        using var process = Process.GetCurrentProcess();
        return process.TotalProcessorTime;
    }
}
