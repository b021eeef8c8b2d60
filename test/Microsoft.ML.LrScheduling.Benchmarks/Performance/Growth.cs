using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Benchmarks.Performance;

/// <summary>How time grows with what there is to do. Where it grows in step, the time of one stays the same.</summary>
internal static class Growth
{
    private const int BatchSize = 256;
    private const int SparseFeatures = 1_000_000;
    private const int SparseEntries = 50;

    public static void Measure(PerformanceRun run)
    {
        MeasureRows(run);
        MeasureFeatures(run);
        MeasureBatches(run);
        MeasureEpochs(run);
    }

    private static void MeasureRows(PerformanceRun run)
    {
        var table = NewTable("growth-rows", $"rows, d=10, B={BatchSize}", "epoch, ms", "row, ns");
        int[] counts = run.IsQuick ? [10_000, 100_000, 1_000_000] : [10_000, 100_000, 1_000_000, 10_000_000];
        foreach (var count in counts)
        {
            var seconds = MeasureEach(
                run, Problems.Dense(count, 10), BatchSize, engine => 1 / run.Measurement.Rate(() => engine.TrainEpochs(1)));
            table.Add([Format.Count(count), .. seconds.SelectMany(
                sample => new[] { $"{sample.Select(s => s * 1e3)}", Format.Number(sample.Median / count * 1e9) })]);
        }

        run.Add(table);
    }

    private static void MeasureFeatures(PerformanceRun run)
    {
        var table = NewTable("growth-features", $"features, B={BatchSize}", "row, ns", "value, ns");
        foreach (var features in new[] { 4, 16, 64, 256, 1024, 4096 })
            AddRow($"{Format.Count(features)}", Problems.Dense((run.IsQuick ? 4_000_000 : 16_000_000) / features, features), features);
        AddRow($"{Format.Count(SparseFeatures)}, {SparseEntries} of them not zero",
            Problems.Sparse(50_000, SparseFeatures, SparseEntries), SparseEntries);
        run.Add(table);

        void AddRow(string what, TrainingSet rows, int values)
        {
            var seconds = MeasureEach(run, rows, BatchSize, engine => 1 / engine.RowsPerSecond(run.Measurement.RunTime));
            table.Add([what, .. seconds.SelectMany(
                sample => new[] { $"{sample.Select(s => s * 1e9)}", Format.Number(sample.Median / values * 1e9) })]);
        }
    }

    private static void MeasureBatches(PerformanceRun run)
    {
        var table = NewTable("growth-batch", "batch size, d=10", "step, µs", "row, ns");
        var rows = Problems.Dense(1_000_000, 10);
        foreach (var batchSize in new[] { 1, 8, 32, 256, 4096, 65_536 })
        {
            var seconds = MeasureEach(run, rows, batchSize, engine => 1 / engine.RowsPerSecond(run.Measurement.RunTime));
            table.Add([Format.Count(batchSize), .. seconds.SelectMany(
                sample => new[] { $"{sample.Select(s => s * batchSize * 1e6)}", Format.Number(sample.Median * 1e9) })]);
        }

        run.Add(table);
    }

    private static void MeasureEpochs(PerformanceRun run)
    {
        const int Rows = 100_000;
        var choices = FitRuns.Choices;
        var table = new Table(
            "growth-epochs",
            [$"epochs, Fit of {Format.Count(Rows)} × 10, B={BatchSize}",
                .. choices.SelectMany(choice => new[] { $"{choice.Name}: Fit, ms (spread)", "an epoch, ms" })]);
        var mlContext = new MLContext(seed: 1);
        var view = FitRuns.View(mlContext, Rows);
        foreach (var epochs in new[] { 1, 2, 4, 8, 16, 32, 64 })
        {
            var samples = run.Measurement.Interleave([.. choices.Select(choice =>
            {
                var trainer = FitRuns.Trainer(mlContext, choice.Choose, epochs);
                return new Contestant("", () => Measurement.Seconds(() => trainer.Fit(view)));
            })]);
            table.Add([$"{epochs}", .. samples.SelectMany(
                sample => new[] { $"{sample.Select(s => s * 1e3)}", Format.Number(sample.Median / epochs * 1e3) })]);
        }

        run.Add(table);
    }

    private static Table NewTable(string name, string what, string first, string second) =>
        new(name, [what, .. MeasuredEngines.Here.SelectMany(engine => new[] { $"{engine.Name}: {first} (spread)", second })]);

    private static Samples[] MeasureEach(PerformanceRun run, TrainingSet rows, int batchSize, Func<EngineRun, double> seconds)
    {
        var engines = MeasuredEngines.Here.Select(engine => new EngineRun(engine.Create, rows, batchSize)).ToArray();
        foreach (var engine in engines) engine.TrainWindow();
        var samples = run.Measurement.Interleave([.. engines.Select(engine => new Contestant("", () => seconds(engine)))]);
        foreach (var engine in engines) engine.Dispose();
        return samples;
    }
}
