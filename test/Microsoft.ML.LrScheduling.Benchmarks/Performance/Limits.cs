using System.Diagnostics;

namespace Microsoft.ML.LrScheduling.Benchmarks.Performance;

/// <summary>
/// How near training comes to what memory allows: the bytes of rows trained on a second, beside a straight read of as large a block.
/// </summary>
internal static class Limits
{
    private const int Features = 100;
    private const double Goal = 0.6;

    // A batch is shared by the cores once it has so many rows.
    private static readonly int[] BatchSizes = [32, 256, 4096];

    public static void Measure(PerformanceRun run)
    {
        var rowCount = run.IsQuick ? 400_000 : 1_000_000;
        var rows = Problems.Dense(rowCount, Features);
        var block = new float[rowCount * Features];
        Array.Fill(block, 1);
        var bytes = (double)rowCount * Features * sizeof(float);
        var table = new Table("limits", "features read, GB/s (spread)", "training, rows in order", "shuffled",
            "a straight read, one core", "a straight read, all cores", "cores that training in order used");
        foreach (var (name, create) in MeasuredEngines.Here)
            foreach (var batchSize in BatchSizes)
            {
                using var engine = new EngineRun(create, rows, batchSize, shuffles: false);
                using var shuffling = new EngineRun(create, rows, batchSize);
                var coresUsed = new List<double>();
                var samples = run.Measurement.Interleave(
                    new("", () => CountCores(coresUsed, () => engine.RowsPerSecond(run.Measurement.RunTime) * Features * sizeof(float))),
                    new("", () => shuffling.RowsPerSecond(run.Measurement.RunTime) * Features * sizeof(float)),
                    new("", () => run.Measurement.Rate(() => Machine.Sum(block)) * bytes),
                    new("", () => run.Measurement.Rate(() => Machine.SumOnAllCores(block)) * bytes));
                var cores = new Samples([.. coresUsed.TakeLast(run.Measurement.Rounds)]);
                table.Add([$"{name}, d={Features}, B={batchSize}", .. samples.Select(sample => $"{sample.Select(rate => rate / 1e9)}"),
                    $"{cores}"]);
                if (name != MeasuredEngines.Fused) continue;
                run.Targets.Add(Target.AtLeast(
                    $"{What(batchSize)}, rows in order ÷ a straight read on one core", Goal, samples[0].Over(samples[2]), " ×"));
                run.Targets.Add(Target.AtLeast(
                    $"{What(batchSize)}, shuffled ÷ a straight read on one core", Goal, samples[1].Over(samples[2]), " ×"));
                if (batchSize == BatchSizes[^1]) run.Targets.Add(Target.AtLeast(WhatCores, 0.75 * Environment.ProcessorCount, cores, ""));
            }

        run.Add(table);
    }

    private static string WhatCores =>
        $"cores that the fused engine uses of {Environment.ProcessorCount}, d={Features}, B={BatchSizes[^1]}";

    private static string What(int batchSize) => $"bytes a second of the fused engine, d={Features}, B={batchSize}";

    private static double CountCores(List<double> cores, Func<double> run)
    {
        using var process = Process.GetCurrentProcess();
        var (before, started) = (process.TotalProcessorTime, Stopwatch.GetTimestamp());
        var result = run();
        process.Refresh();
        cores.Add((process.TotalProcessorTime - before) / Stopwatch.GetElapsedTime(started));
        return result;
    }
}
