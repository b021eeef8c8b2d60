using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Benchmarks.Performance;

/// <summary>
/// The most memory that is resident while rows are read and trained on, in a process of its own, beside the bytes of their features:
/// four a feature of dense rows, eight a value of sparse ones.
/// </summary>
internal static class MemoryRuns
{
    /// <summary>The argument that has a process measure itself.</summary>
    public const string Argument = "memory";

    private const string Reading = "reading";
    private const string Sparse = "sparse ";
    private const int Features = 100;
    private const int SparseFeatures = 1 << 20;
    private const int SparseValues = 50;
    private const double Goal = 1.2;
    // What is there however few the rows are: code, libtorch's buffers, a window.
    private const double ConstantMegabytes = 64;

    public static void Measure(PerformanceRun run)
    {
        MeasureRows(run, "memory", $"rows × {Features}", "", Features * sizeof(float));
        MeasureRows(
            run, "memory-sparse", $"rows of {SparseValues} of {Format.Count(SparseFeatures)} features", Sparse,
            SparseValues * (sizeof(float) + sizeof(int)));
    }

    private static void MeasureRows(PerformanceRun run, string name, string heading, string kind, int bytesPerRow)
    {
        var table = new Table(
            name,
            [heading, "features, MB", "reading: peak, MB", "÷ features",
                .. FitRuns.Choices.SelectMany(choice => new[] { $"Fit, {choice.Name} engine: peak, MB", "÷ features" })]);
        var rowCount = run.IsQuick ? 300_000 : 1_000_000;
        foreach (var rows in new[] { rowCount / 4, rowCount })
        {
            var block = (double)rows * bytesPerRow / 1e6;
            string[] cells = [Format.Count(rows), Format.Number(block)];
            foreach (var what in new[] { Reading }.Concat(FitRuns.Choices.Select(choice => choice.Name)))
            {
                var (megabytes, error) = PeakOf(kind + what, rows);
                cells = [.. cells, megabytes is { } peak ? Format.Number(peak) : $"not measured: {error}",
                    megabytes is { } m ? Format.Number(m / block) : ""];
                if (rows == rowCount) AddTarget(run, kind, what, megabytes, error, block);
            }

            table.Add(cells);
        }

        run.Add(table);
    }

    /// <summary>
    /// Reads, or fits with an engine, in this process, and prints the megabytes that this took above what was resident before.
    /// </summary>
    public static void MeasureThis(string what, int rows)
    {
        var mlContext = new MLContext(seed: 1);
        var (isSparse, own) = (what.StartsWith(Sparse, StringComparison.Ordinal), what.Replace(Sparse, "", StringComparison.Ordinal));
        Action<int> use = own == Reading
            ? count => GC.KeepAlive(new TrainingSetReader(nameof(Row.Features), nameof(Row.Label), null)
                .Read(View(count), holdOut: null, RowStore.Unlimited(), () => { }).Training)
            : count => Trainer().Fit(View(count));
        // Code that has run once is in memory already.
        use(1000);
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        var before = process.WorkingSet64;
        use(rows);
        process.Refresh();
        Console.WriteLine(((process.PeakWorkingSet64 - before) / 1e6).ToString(CultureInfo.InvariantCulture));

        IEstimator<ITransformer> Trainer()
        {
            var choose = FitRuns.Choices.Single(choice => choice.Name == own).Choose;
            if (!isSparse) return FitRuns.Trainer(mlContext, choose, epochs: 1, rate: 1e-4);
            var options = new TorchLogisticRegressionTrainer.Options { NumberOfEpochs = 1, Seed = 1 };
            choose(options);
            return mlContext.BinaryClassification.Trainers.TorchLogisticRegression(options);
        }

        // A row that is read again and again, and kept nowhere but where it is read into.
        IDataView View(int count)
        {
            if (isSparse) return mlContext.Data.LoadFromEnumerable(SparseRows(count), TextRow.Schema(SparseFeatures));
            var row = Row.Of(new Random(1), Features);
            return mlContext.Data.LoadFromEnumerable(Enumerable.Repeat(row, count), Row.Schema(Features));
        }
    }

    /// <summary>A row with other features each time it is read, at no cost of memory.</summary>
    private static IEnumerable<TextRow> SparseRows(int count)
    {
        const int Stretch = SparseFeatures / SparseValues;
        var random = new Random(1);
        var indices = new int[SparseValues];
        var row = new TextRow
        {
            Features = new VBuffer<float>(SparseFeatures, SparseValues, [.. Enumerable.Repeat(1f, SparseValues)], indices),
        };
        for (var i = 0; i < count; i++)
        {
            for (var value = 0; value < SparseValues; value++) indices[value] = value * Stretch + random.Next(Stretch);
            row.Label = indices[0] < Stretch / 2;
            yield return row;
        }
    }

    private static void AddTarget(PerformanceRun run, string kind, string what, double? megabytes, string error, double block)
    {
        var allowed = Goal * block + ConstantMegabytes;
        var (name, goal) = ($"memory of {(what == Reading ? what : $"Fit, {what} engine")}, {Format.Number(block)} MB of {kind}features",
            $"≤ {Goal} × + {ConstantMegabytes} MB = {Format.Number(allowed)} MB");
        run.Targets.Add(megabytes is { } peak
            ? new Target(name, goal, $"{Format.Number(peak)} MB", peak <= allowed) : Target.Missing(name, goal, error));
    }

    private static (double? Megabytes, string Error) PeakOf(string what, int rows)
    {
        using var process = Process.Start(
            new ProcessStartInfo(Environment.ProcessPath!, [Argument, what, $"{rows}"]) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) return (null, $"the process that was to measure it ended with {process.ExitCode}");
        return double.Parse(output, CultureInfo.InvariantCulture) is > 0 and var peak
            ? (peak, "")
            : (null, "this system does not tell the peak of a process");
    }
}
