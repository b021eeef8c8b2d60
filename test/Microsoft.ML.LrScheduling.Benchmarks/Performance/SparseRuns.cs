using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Engines.Fused;
using Microsoft.ML.LrScheduling.Engines.Torch;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Optimizers;

namespace Microsoft.ML.LrScheduling.Benchmarks.Performance;

/// <summary>Training on sparse rows: the time of a value, on one thread, beside scikit-learn's.</summary>
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

    public static void Measure(PerformanceRun run)
    {
        var rows = new TextRows(Rows, Features, Values);
        var set = rows.ToSet(0, Rows);
        var file = Path.GetTempFileName();
        try
        {
            rows.Write(file);
            var table = new Table(
                "sparse", "processor time of a value, ns (spread)", "fused engine", "Torch engine", "scikit-learn's SGDClassifier",
                "fused, times as fast", "Torch ÷ fused");
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
        using var fused = new EngineRun(
            problem => new FusedEngine(problem, threads: 1), set, batchSize, Rate, new LogisticLoss(), settings: settings);
        fused.TrainEpochs(1);
        var time = run.Measurement.RunTime;
        List<Contestant> contestants = [new("fused", () => fused.RowsPerSecond(time, ofProcessor: true))];
        if (run.SparseScikitLearn.IsThere)
        {
            // It has no momentum and no minibatches.
            object Request(double seconds) => new
            {
                data = file,
                rows = Rows,
                features = Features,
                values = Values,
                penalty = settings.L1Regularization > 0 ? "l1" : settings.L2Regularization > 0 ? "l2" : null,
                alpha = settings.L1Regularization + settings.L2Regularization,
                rate = Rate,
                seconds,
            };
            contestants.Add(new("scikit-learn", () => run.SparseScikitLearn.RowsPerSecond(Request(time.TotalSeconds))));
        }

        var samples = run.Measurement.Interleave([.. contestants]);
        var peer = samples.Length > 1 ? samples[1] : null;
        table.Add(
            name, Nanoseconds(samples[0]), "", peer is null ? "" : Nanoseconds(peer), peer is null ? "" : $"{samples[0].Over(peer)}", "");
        Console.WriteLine($"{name}: {Nanoseconds(samples[0])} {(peer is null ? "" : $"{Nanoseconds(peer)} {samples[0].Over(peer)}")}");
    }

    private static string Nanoseconds(Samples rowsPerSecond) => $"{rowsPerSecond.Select(rate => 1e9 / (rate * Values))}";
}
