using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Benchmarks.Performance;

/// <summary>
/// The most memory that is resident while rows are read and trained on, in a process of its own, beside the bytes of their features.
/// </summary>
internal static class MemoryRuns
{
    /// <summary>The argument that has a process measure itself.</summary>
    public const string Argument = "memory";

    private const string Reading = "reading";
    private const int Features = 100;
    private const double Goal = 1.2;
    // What is there however few the rows are: code, libtorch's buffers, a window.
    private const double ConstantMegabytes = 64;

    public static void Measure(PerformanceRun run)
    {
        var table = new Table(
            "memory",
            [$"rows × {Features}", "features, MB", "reading: peak, MB", "÷ features",
                .. FitRuns.Choices.SelectMany(choice => new[] { $"Fit, {choice.Name} engine: peak, MB", "÷ features" })]);
        var rowCount = run.IsQuick ? 300_000 : 1_000_000;
        foreach (var rows in new[] { rowCount / 4, rowCount })
        {
            var block = rows * Features * sizeof(float) / 1e6;
            string[] cells = [Format.Count(rows), Format.Number(block)];
            foreach (var what in new[] { Reading }.Concat(FitRuns.Choices.Select(choice => choice.Name)))
            {
                var (megabytes, error) = PeakOf(what, rows);
                cells = [.. cells, megabytes is { } peak ? Format.Number(peak) : $"not measured: {error}",
                    megabytes is { } m ? Format.Number(m / block) : ""];
                if (rows == rowCount) AddTarget(run, what, megabytes, error, block);
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
        Action<int> use = what == Reading
            ? count => GC.KeepAlive(new TrainingSetReader(nameof(Row.Features), nameof(Row.Label), null)
                .Read(View(count), holdOut: null, RowStore.Unlimited(), () => { }).Training)
            : count => FitRuns.Trainer(mlContext, FitRuns.Choices.Single(choice => choice.Name == what).Choose, epochs: 1, rate: 1e-4)
                .Fit(View(count));
        // Code that has run once is in memory already.
        use(1000);
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        var before = process.WorkingSet64;
        use(rows);
        process.Refresh();
        Console.WriteLine(((process.PeakWorkingSet64 - before) / 1e6).ToString(CultureInfo.InvariantCulture));

        // A row that is read again and again, and kept nowhere but where it is read into.
        IDataView View(int count)
        {
            var row = Row.Of(new Random(1), Features);
            return mlContext.Data.LoadFromEnumerable(Enumerable.Repeat(row, count), Row.Schema(Features));
        }
    }

    private static void AddTarget(PerformanceRun run, string what, double? megabytes, string error, double block)
    {
        var allowed = Goal * block + ConstantMegabytes;
        var (name, goal) = ($"memory of {(what == Reading ? what : $"Fit, {what} engine")}, {Format.Number(block)} MB of features",
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
