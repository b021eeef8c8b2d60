using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Optimizers;

namespace Microsoft.ML.LrScheduling.Benchmarks.Performance;

/// <summary>Rows a second of training: our engines on shuffled rows, and what a user could train with instead.</summary>
internal static class Throughput
{
    private const string Autograd = "TorchSharp, autograd loop";
    private const string OrderAlone = "windows of shuffled rows alone, nothing trained";
    private const string InOrder = ", rows in order";
    private const string PyTorch = PerformanceRun.PyTorchName;
    private const string ScikitLearn = PerformanceRun.ScikitLearnName;

    private static readonly (int Features, int BatchSize)[] Shapes = [(10, 32), (10, 256), (10, 4096), (100, 32), (100, 4096), (784, 32)];

    /// <summary>Squared loss and plain SGD, beside the peers.</summary>
    public static void Measure(PerformanceRun run)
    {
        var columns = Shapes.Select(shape => MeasureShape(run, shape.Features, shape.BatchSize)).ToArray();
        string[] heads = [.. Shapes.Select(Head)];
        var rates = new Table("throughput", ["million rows a second (spread)", .. heads]);
        string[] engines = [.. MeasuredEngines.Here.SelectMany(engine => new[] { engine.Name, engine.Name + InOrder })];
        foreach (var name in engines.Concat([OrderAlone, Autograd, PyTorch, ScikitLearn]))
        {
            if (columns.All(column => !column.ContainsKey(name))) rates.AddMissing(name, Reason(run, name));
            else rates.Add([NameOf(run, name), .. columns.Select(
                column => column.TryGetValue(name, out var samples) ? $"{samples.Select(rate => rate / 1e6)}" : "")]);
        }

        run.Add(rates);
        var ratios = new Table("ratios", ["times as many rows a second (spread)", .. heads]);
        foreach (var engine in engines)
            foreach (var peer in new[] { Autograd, PyTorch, ScikitLearn }.Where(peer => columns.Any(column => column.ContainsKey(peer))))
                ratios.Add([$"{engine} ÷ {peer}", .. columns.Select(
                    column => column.TryGetValue(peer, out var samples) ? $"{column[engine].Over(samples)}" : "")]);
        run.Add(ratios);
        AddTargets(run, columns);
    }

    /// <summary>The other losses and an optimizer with more to do.</summary>
    public static void MeasureLosses(PerformanceRun run)
    {
        var table = new Table("losses", ["million rows a second (spread)", .. Shapes.Select(Head)]);
        (string Name, Loss Loss, int Classes)[] losses = [("squared", new SquaredLoss(), 0), ("logistic", new LogisticLoss(), 2),
            ("cross-entropy of 10 classes", new CrossEntropyLoss(), 10)];
        (string Name, Optimizer Optimizer)[] optimizers = [("SGD", Optimizer.Sgd()), ("Adam", Optimizer.Adam())];
        var cases = (from loss in losses
                     from optimizer in optimizers
                     from engine in MeasuredEngines.Here
                     select (loss, optimizer, engine)).ToArray();
        var cells = cases.Select(_ => new string[Shapes.Length]).ToArray();
        foreach (var sameFeatures in Enumerable.Range(0, Shapes.Length).GroupBy(shape => Shapes[shape].Features))
            foreach (var sameLoss in Enumerable.Range(0, cases.Length).GroupBy(i => cases[i].loss.Classes))
            {
                var rows = Problems.Dense(Problems.RowsFor(sameFeatures.Key), sameFeatures.Key, sameLoss.Key);
                foreach (var shape in sameFeatures)
                {
                    var runs = sameLoss.Select(i => new EngineRun(
                        cases[i].engine.Create, rows, Shapes[shape].BatchSize, loss: cases[i].loss.Loss,
                        optimizer: cases[i].optimizer.Optimizer)).ToArray();
                    var samples = run.Measurement.Interleave(
                        [.. runs.Select(engine => new Contestant("", () => engine.RowsPerSecond(run.Measurement.RunTime)))]);
                    foreach (var (i, measured) in sameLoss.Zip(samples)) cells[i][shape] = $"{measured.Select(rate => rate / 1e6)}";
                    foreach (var engine in runs) engine.Dispose();
                }
            }

        foreach (var ((loss, optimizer, engine), row) in cases.Zip(cells))
            table.Add([$"{engine.Name}, {loss.Name}, {optimizer.Name}", .. row]);
        run.Add(table);
    }

    private static Dictionary<string, Samples> MeasureShape(PerformanceRun run, int features, int batchSize)
    {
        var time = run.Measurement.RunTime;
        var rowCount = Problems.RowsFor(features);
        var rows = Problems.Dense(rowCount, features);
        var engines = MeasuredEngines.Here.SelectMany(engine => new[]
        {
            (engine.Name, Run: new EngineRun(engine.Create, rows, batchSize)),
            (Name: engine.Name + InOrder, Run: new EngineRun(engine.Create, rows, batchSize, shuffles: false)),
        }).ToArray();
        using var autograd = MeasuredEngines.TorchMissing is null ? new AutogradLoop(rowCount, features, batchSize) : null;
        List<Contestant> contestants =
            [.. engines.Select(engine => new Contestant(engine.Name, () => engine.Run.RowsPerSecond(time))), Order(run, rows, batchSize)];
        if (autograd is not null) contestants.Add(new(Autograd, () => autograd.RowsPerSecond(run.Measurement)));
        if (run.PyTorch.IsThere)
        {
            // As many threads as it is faster with: one, or all.
            object Request(int threads) => new
            {
                rows = rowCount,
                features,
                batch = batchSize,
                rate = 1e-4,
                threads,
                seconds = time.TotalSeconds,
            };
            var threads = new[] { 1, Environment.ProcessorCount }.MaxBy(threads => run.PyTorch.RowsPerSecond(Request(threads)));
            contestants.Add(new(PyTorch, () => run.PyTorch.RowsPerSecond(Request(threads))));
        }

        // It knows no minibatches, so there is one figure for each number of features.
        if (run.ScikitLearn.IsThere && batchSize == 32)
            contestants.Add(new(ScikitLearn, () => run.ScikitLearn.RowsPerSecond(
                new { rows = rowCount, features, rate = 1e-4, seconds = time.TotalSeconds })));
        var samples = run.Measurement.Interleave([.. contestants]);
        foreach (var engine in engines) engine.Run.Dispose();
        return contestants.Zip(samples).ToDictionary(pair => pair.First.Name, pair => pair.Second);
    }

    private static Contestant Order(PerformanceRun run, TrainingSet rows, int batchSize)
    {
        var loader = new WindowLoader(rows, new RowOrder(rows.RowCount, rows.ValuesPerRow, batchSize, seed: 1));
        var next = 0;
        return new(OrderAlone, () =>
        {
            var (rowCount, windowCount) = (0L, 0L);
            var windows = run.Measurement.Rate(() =>
            {
                rowCount += loader.Load(epoch: next / loader.WindowCount, window: next++ % loader.WindowCount).Count;
                windowCount++;
            });
            return windows * rowCount / windowCount;
        });
    }

    private static void AddTargets(PerformanceRun run, Dictionary<string, Samples>[] columns)
    {
        foreach (var (peer, goal) in new[] { (PyTorch, 200), (Autograd, 100), (ScikitLearn, 20) })
            AddRatio(run, columns[0], MeasuredEngines.Fused, peer, goal, Head(Shapes[0]));
        // As Fit has it by default, and the same work: the loop of a tutorial does not shuffle.
        foreach (var engine in new[] { MeasuredEngines.Torch, MeasuredEngines.Torch + InOrder })
            for (var shape = 0; shape < Shapes.Length; shape++)
                AddRatio(run, columns[shape], engine, Autograd, Shapes[shape].BatchSize == 32 ? 2 : 1, Head(Shapes[shape]));
    }

    private static void AddRatio(
        PerformanceRun run, Dictionary<string, Samples> column, string engine, string peer, double goal, string shape)
    {
        var what = $"{engine} ÷ {peer}, rows a second, {shape}";
        if (column.TryGetValue(engine, out var ours) && column.TryGetValue(peer, out var theirs))
            run.Targets.Add(Target.AtLeast(what, goal, ours.Over(theirs), " ×"));
        else run.Targets.Add(Target.Missing(what, $"≥ {Format.Goal(goal)} ×", Reason(run, column.ContainsKey(engine) ? peer : engine)));
    }

    private static string Head((int Features, int BatchSize) shape) => $"d={shape.Features}, B={shape.BatchSize}";

    private static string NameOf(PerformanceRun run, string name) => name switch
    {
        PyTorch => name.Replace("PyTorch", run.PyTorch.Name, StringComparison.Ordinal),
        ScikitLearn => name.Replace("scikit-learn", run.ScikitLearn.Name, StringComparison.Ordinal),
        _ => name,
    };

    private static string Reason(PerformanceRun run, string name) => name switch
    {
        PyTorch or ScikitLearn => run.ReasonWithout(name),
        Autograd => MeasuredEngines.TorchMissing!,
        _ => MeasuredEngines.ReasonWithout(name.Replace(InOrder, "", StringComparison.Ordinal)),
    };
}
