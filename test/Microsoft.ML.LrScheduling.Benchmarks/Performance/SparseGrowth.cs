using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Losses;

namespace Microsoft.ML.LrScheduling.Benchmarks.Performance;

/// <summary>
/// How the time of a value of sparse rows grows with features, values a row, models and classes: plain SGD on minibatches.
/// </summary>
internal static class SparseGrowth
{
    private const int BatchSize = 32;
    private const double Rate = 0.01;
    private const int Models = 64;
    private const int Classes = 100;
    private const double ModelsGoal = 16;

    public static void Measure(PerformanceRun run)
    {
        var size = run.IsQuick ? 2_000_000 : 10_000_000;
        Grow("sparse-features", "features, 50 values a row", [1 << 14, 1 << 17, 1 << 20, 1 << 23, 1 << 26],
            features => (new TextRows(size / 50, features, 50), 50));
        Grow("sparse-values", $"values a row, {Format.Count(1 << 20)} features", [5, 50, 500],
            values => (new TextRows(size / values, 1 << 20, values), values));
        MeasureModels(run, size);

        void Grow(string name, string what, int[] numbers, Func<int, (TextRows Rows, int Values)> make)
        {
            var table = new Table(name, [what, .. MeasuredEngines.Here.Select(engine => $"{engine.Name}: value, ns (spread)")]);
            foreach (var number in numbers)
            {
                var (rows, values) = make(number);
                var set = rows.ToSet(0, rows.RowCount);
                var samples = MeasureEach(run, [.. MeasuredEngines.Here.Select(engine =>
                    new EngineRun(engine.Create, set, BatchSize, Rate, new LogisticLoss()))]);
                table.Add([Format.Count(number), .. samples.Select(sample => $"{sample.Select(rate => 1e9 / (rate * values))}")]);
            }

            run.Add(table);
        }
    }

    private static void MeasureModels(PerformanceRun run, int size)
    {
        const int Values = 50;
        var table = new Table("sparse-models", "what", "value, ns (spread)", "times one model or one score (spread)");
        var create = MeasuredEngines.Here[0].Create;
        var set = Set(1 << 20, classes: 2);
        var samples = MeasureEach(run, [Run(set, models: 1, new LogisticLoss()), Run(set, Models, new LogisticLoss())]);
        var times = samples[0].Over(samples[1]);
        Add($"1 model, {Format.Count(1 << 20)} features", samples[0], "");
        Add($"{Models} models, {Format.Count(1 << 20)} features", samples[1], $"{times}");
        run.Targets.Add(Target.AtMost($"sparse rows, {Models} models beside one", ModelsGoal, times, " ×"));

        var few = Set(1 << 18, classes: 2);
        var many = Set(1 << 18, Classes);
        var classes = MeasureEach(run, [Run(few, models: 1, new LogisticLoss()), Run(many, models: 1, new CrossEntropyLoss())]);
        Add($"1 score, {Format.Count(1 << 18)} features", classes[0], "");
        Add($"{Classes} classes, {Format.Count(1 << 18)} features", classes[1], $"{classes[0].Over(classes[1])}");
        run.Add(table);

        TrainingSet Set(int features, int classes) => new TextRows(size / Values, features, Values, classes).ToSet(0, size / Values);

        EngineRun Run(TrainingSet rows, int models, Loss loss) =>
            new(create, rows, BatchSize, Rate, loss, models: models, classes: Classes);

        void Add(string what, Samples rates, string ratio) =>
            table.Add(what, $"{rates.Select(rate => 1e9 / (rate * Values))}", ratio);
    }

    private static Samples[] MeasureEach(PerformanceRun run, EngineRun[] engines)
    {
        foreach (var engine in engines) engine.TrainWindow();
        var samples = run.Measurement.Interleave(
            [.. engines.Select(engine => new Contestant("", () => engine.RowsPerSecond(run.Measurement.RunTime)))]);
        foreach (var engine in engines) engine.Dispose();
        return samples;
    }
}
