namespace Microsoft.ML.LrScheduling.Benchmarks.Performance;

/// <summary>Many models at once, each with a rate of its own: what they take beside one.</summary>
internal static class ManyModels
{
    private const int BatchSize = 256;
    private const int Most = 64;

    public static void Measure(PerformanceRun run)
    {
        int[] counts = [1, 4, 16, Most];
        var table = new Table("models", ["times as long as one model (spread)", .. counts.Skip(1).Select(count => $"K={count}")]);
        foreach (var (features, goal) in new[] { (10, 10), (100, 16) })
        {
            var what = $"{Most} schedules at once, d={features}, B={BatchSize}, beside one";
            var rows = Problems.Dense(Problems.RowsFor(features), features);
            foreach (var (name, create) in MeasuredEngines.Here)
            {
                var engines = counts.Select(count => new EngineRun(create, rows, BatchSize, models: count)).ToArray();
                var samples = run.Measurement.Interleave(
                    [.. engines.Select(engine => new Contestant("", () => engine.RowsPerSecond(run.Measurement.RunTime)))]);
                foreach (var engine in engines) engine.Dispose();
                table.Add([$"{name}, d={features}, B={BatchSize}", .. samples.Skip(1).Select(sample => $"{samples[0].Over(sample)}")]);
                if (name == MeasuredEngines.Fused) run.Targets.Add(Target.AtMost(what, goal, samples[0].Over(samples[^1]), " ×"));
            }
        }

        run.Add(table);
    }
}
