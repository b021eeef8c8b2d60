using System.Diagnostics;
using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Benchmarks;

/// <summary>
/// Four thousand fits of each engine in one process: what of memory (managed and resident) and of handles every four hundred of them
/// leave behind.
/// </summary>
internal static class RepeatedFits
{
    private const int Fits = 4000;
    private const int Step = 400;

    public static void Measure()
    {
        foreach (var engine in new[] { TrainingEngine.Fused, TrainingEngine.Torch }) Measure(engine);
    }

    private static void Measure(TrainingEngine engine)
    {
        var folder = Directory.CreateTempSubdirectory("lrscheduling-fits-");
        Console.WriteLine($"\n{engine} engine\n");
        Console.WriteLine("| fits | resident (MB) | managed (MB) | handles | threads |");
        Console.WriteLine("|---|---|---|---|---|");
        for (var fit = 0; fit <= Fits; fit++)
        {
            if (fit % Step == 0) Report(fit);
            Fit(engine, fit, Path.Combine(folder.FullName, $"{fit}"));
        }

        folder.Delete(recursive: true);
    }

    private static void Report(int fits)
    {
        for (var i = 0; i < 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        using var process = Process.GetCurrentProcess();
        Console.WriteLine($"| {fits} | {process.WorkingSet64 / 1e6:F1} | {GC.GetTotalMemory(false) / 1e6:F2} | {HandleCount(process)} | "
            + $"{process.Threads.Count} |");
    }

    // Of a process of Linux, its open files; elsewhere what the system counts.
    private static int HandleCount(Process process) =>
        Directory.Exists("/proc/self/fd") ? Directory.GetFileSystemEntries("/proc/self/fd").Length : process.HandleCount;

    private static void Fit(TrainingEngine engine, int fit, string checkpoints)
    {
        var mlContext = new MLContext(seed: fit);
        var random = new Random(fit);
        var data = mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 300).Select(_ =>
        {
            float[] x = [.. Enumerable.Range(0, 20).Select(_ => (float)random.NextDouble() - 0.5f)];
            return new Row { Features = x, Label = x[0] > x[1] };
        }).ToArray());
        var options = new TorchLogisticRegressionTrainer.Options
        {
            Engine = engine,
            Optimizer = (fit % 3) switch { 0 => Optimizer.Adam(), 1 => Optimizer.Sgd(momentum: 0.9), _ => Optimizer.RmsProp() },
            LearningRateSchedule = LrSchedule.OneCycleLR(maxLr: 0.1, cycleMomentum: fit % 3 != 2),
            NumberOfEpochs = 3,
            ValidationFraction = 0.2,
            Checkpoints = fit % 4 == 0 ? new Checkpoints { Folder = checkpoints } : null,
        };
        mlContext.BinaryClassification.Trainers.TorchLogisticRegression(options).Fit(data);
    }

    private sealed class Row
    {
        public bool Label { get; set; }

        [VectorType(20)]
        public float[] Features { get; set; } = [];
    }
}
