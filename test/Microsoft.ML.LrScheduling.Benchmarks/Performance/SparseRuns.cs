using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Engines.Fused;
using Microsoft.ML.LrScheduling.Engines.Torch;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Optimizers;

namespace Microsoft.ML.LrScheduling.Benchmarks.Performance;

/// <summary>
/// Training on sparse rows: the time of a value, beside scikit-learn's. Where one thread is measured, it is what the processor worked, so
/// that other work on the machine counts less.
/// </summary>
internal static class SparseRuns
{
    private const int Rows = 200_000;
    private const int Features = 1 << 20;
    private const int Values = 50;
    private const double Rate = 0.01;
    private const double L1 = 1e-6;

    private static readonly (string Name, int BatchSize, ModelSettings Settings)[] Cases =
    [
        ("B=1", 1, new(Optimizer.Sgd())),
        ("B=32", 32, new(Optimizer.Sgd())),
        ("B=256", 256, new(Optimizer.Sgd())),
        ("B=1, L2", 1, new(Optimizer.Sgd(), L2Regularization: 1.0 / Rows)),
        ("B=32, L2", 32, new(Optimizer.Sgd(), L2Regularization: 1.0 / Rows)),
        ("B=1, L1", 1, new(Optimizer.Sgd(), L1Regularization: L1)),
        ("B=32, L1", 32, new(Optimizer.Sgd(), L1Regularization: L1)),
        ("B=32, momentum", 32, new(Optimizer.Sgd(momentum: 0.9))),
        ("B=32, momentum, L2", 32, new(Optimizer.Sgd(momentum: 0.9), L2Regularization: 1.0 / Rows)),
        ("B=32, Adagrad", 32, new(Optimizer.Adagrad())),
        ("B=32, RMSprop", 32, new(Optimizer.RmsProp())),
        ("B=32, Adam", 32, new(Optimizer.Adam())),
        ("B=32, AdamW", 32, new(Optimizer.AdamW())),
    ];

    private static readonly Dictionary<string, double> Goals = new()
    {
        ["B=1"] = 1.8,
        ["B=32"] = 2,
        ["B=1, L2"] = 1.8,
        ["B=32, L2"] = 1.8,
        ["B=1, L1"] = 1.5,
        ["B=32, L1"] = 1.5,
        ["B=32, momentum"] = 1,
        ["B=32, Adam"] = 1,
    };

    public static void Measure(PerformanceRun run)
    {
        var rows = new TextRows(Rows, Features, Values);
        var set = rows.ToSet(0, Rows);
        var file = Path.GetTempFileName();
        try
        {
            rows.Write(file);
            var table = new Table(
                "sparse", "time of a value, ns (spread)", "fused, one thread", $"fused, all {Environment.ProcessorCount} cores", "Torch",
                "scikit-learn's SGDClassifier", "fused ÷ scikit-learn, values a second", "Torch ÷ fused");
            foreach (var (name, batchSize, settings) in Cases) MeasureCase(run, table, set, file, name, batchSize, settings);
            run.Add(table);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static void MeasureCase(
        PerformanceRun run, Table table, TrainingSet set, string file, string name, int batchSize, ModelSettings settings)
    {
        var time = run.Measurement.RunTime;
        using var fused = Run(problem => new FusedEngine(problem, threads: 1));
        using var all = Run(problem => new FusedEngine(problem));
        using var torch = MeasuredEngines.TorchMissing is null && batchSize > 1 ? Run(problem => new TorchEngine(problem)) : null;
        List<Contestant> contestants =
        [
            new("fused", () => fused.RowsPerSecond(time, ofProcessor: true)),
            new("fused, all", () => all.RowsPerSecond(time)),
        ];
        if (torch is not null) contestants.Add(new("Torch", () => torch.RowsPerSecond(time, ofProcessor: true)));
        if (run.SparseScikitLearn.IsThere) contestants.Add(new("scikit-learn", () => run.SparseScikitLearn.RowsPerSecond(new
        {
            data = file,
            rows = Rows,
            features = Features,
            values = Values,
            // It has no momentum and no minibatches: that is beside its plain steps.
            penalty = settings.L1Regularization > 0 ? "l1" : settings.L2Regularization > 0 ? "l2" : null,
            alpha = settings.L1Regularization + settings.L2Regularization,
            rate = Rate,
            seconds = time.TotalSeconds,
        })));
        var samples = contestants.Zip(run.Measurement.Interleave([.. contestants]))
            .ToDictionary(pair => pair.First.Name, pair => pair.Second);
        var (ours, peer) = (samples["fused"], samples.GetValueOrDefault("scikit-learn"));
        table.Add(
            name, Nanoseconds(ours), Nanoseconds(samples["fused, all"]),
            samples.TryGetValue("Torch", out var others) ? Nanoseconds(others) : "",
            peer is null ? "" : Nanoseconds(peer), peer is null ? "" : $"{ours.Over(peer)}", others is null ? "" : $"{others.Over(ours)}");
        if (Goals.TryGetValue(name, out var goal))
        {
            var what = $"sparse rows, {name}: fused ÷ scikit-learn's SGDClassifier, values a second";
            run.Targets.Add(peer is null ? Target.Missing(what, $"≥ {Format.Goal(goal)} ×", run.SparseScikitLearn.Missing!)
                : Target.AtLeast(what, goal, ours.Over(peer), " ×"));
        }

        if (name == "B=32") run.Targets.Add(others is null
            ? Target.Missing($"sparse rows, {name}: Torch ÷ fused, values a second", "≥ 0.2 ×", MeasuredEngines.TorchMissing!)
            : Target.AtLeast($"sparse rows, {name}: Torch ÷ fused, values a second", 0.2, others.Over(ours), " ×"));

        EngineRun Run(Func<LinearProblem, ILinearEngine> create)
        {
            var engine = new EngineRun(create, set, batchSize, Rate, new LogisticLoss(), settings: settings);
            engine.TrainWindow();
            return engine;
        }
    }

    private static string Nanoseconds(Samples rowsPerSecond) => $"{rowsPerSecond.Select(rate => 1e9 / (rate * Values))}";
}
