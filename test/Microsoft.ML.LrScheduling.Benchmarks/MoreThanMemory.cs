using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.LrScheduling.Benchmarks.Performance;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Benchmarks;

/// <summary>Ten gigabytes of rows, trained on by a process that may have one gigabyte of memory.</summary>
internal static class MoreThanMemory
{
    /// <summary>The argument that has a process train, within what memory it has.</summary>
    public const string Argument = "file-here";

    private const int Features = 100;
    private const int Rows = 25_000_000;
    private const int Epochs = 2;
    private const long LimitBytes = 1L << 30;

    // Where Linux has the files of a control group, the one with the limit, in its second version and its first.
    private static readonly (string Parent, string Limit)[] ControlGroups =
        [("/sys/fs/cgroup", "memory.max"), ("/sys/fs/cgroup/memory", "memory.limit_in_bytes")];

    /// <summary>Has a process with so little memory train.</summary>
    public static int Measure()
    {
        var group = CreateGroup();
        Console.WriteLine(group is null
            ? "A control group with a limit of memory could not be made (Linux, as root): the process only limits itself."
            : $"A process in a control group of {LimitBytes >> 20} MB, files that it reads included:");
        var command = $"\"{Environment.ProcessPath}\" \"{typeof(MoreThanMemory).Assembly.Location}\" {Argument}";
        var start = group is null
            ? new ProcessStartInfo(Environment.ProcessPath!, [typeof(MoreThanMemory).Assembly.Location, Argument])
            : new ProcessStartInfo("/bin/sh", ["-c", $"echo $$ > {group}/cgroup.procs && exec {command}"]);
        if (group is null) start.Environment["DOTNET_GCHeapHardLimit"] = LimitBytes.ToString("X", CultureInfo.InvariantCulture);
        using var process = Process.Start(start)!;
        process.WaitForExit();
        if (group is not null) Directory.Delete(group);
        return process.ExitCode;
    }

    /// <summary>Trains in this process.</summary>
    public static void MeasureThis()
    {
        var mlContext = new MLContext(seed: 1);
        var files = FilesOfRows();
        var (peak, isOver) = (0L, false);
        var watch = new Thread(() =>
        {
            for (; !Volatile.Read(ref isOver); Thread.Sleep(50)) peak = Math.Max(peak, AnonymousBytes());
        });
        watch.Start();
        var started = Stopwatch.GetTimestamp();
        var ends = new List<TimeSpan>();
        var trainer = mlContext.Regression.Trainers.TorchLinearRegression(new TorchLinearRegressionTrainer.Options
        {
            NumberOfEpochs = Epochs,
            LearningRate = 1e-3,
            Seed = 1,
            Progress = new Ends(() => ends.Add(Stopwatch.GetElapsedTime(started))),
        });
        var model = trainer.Fit(mlContext.Data.LoadFromEnumerable(Generate(), Row.Schema(Features)));
        Volatile.Write(ref isOver, true);
        watch.Join();
        var first = model.History.Epochs[0];
        Console.WriteLine($"- {Rows:N0} rows of {Features} features, {(long)Rows * Features * sizeof(float) / 1e9:F1} GB; training loss "
            + $"{model.History.Epochs[0].TrainingLoss:G4}, then {model.History.Epochs[^1].TrainingLoss:G4}");
        Console.WriteLine($"- read and first epoch {ends[0].TotalSeconds:F0} s, every further one "
            + $"{(ends[^1] - ends[0]).TotalSeconds / (Epochs - 1):F0} s");
        Console.WriteLine($"- memory of its own at most {peak >> 20} MB; the garbage collector sees "
            + $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20} MB");
        Console.WriteLine($"- files left in the temp folder: {FilesOfRows() - files}");
    }

    // One array for all: what is measured is training, not the rows of somebody else.
    private static IEnumerable<Row> Generate()
    {
        var random = new Random(1);
        var row = new Row { Features = new float[Features] };
        for (var i = 0; i < Rows; i++)
        {
            var label = 0f;
            for (var j = 0; j < Features; j += 2)
            {
                var bits = random.Next();
                (row.Features[j], row.Features[j + 1]) = ((bits & 0x7FFF) / 16384f - 1, (bits >> 16) / 16384f - 1);
                label += row.Features[j] - 0.5f * row.Features[j + 1];
            }

            row.Label = label / 10;
            yield return row;
        }
    }

    private static string? CreateGroup()
    {
        foreach (var (parent, limit) in ControlGroups)
        {
            var group = Path.Combine(parent, $"lrscheduling-{Environment.ProcessId}");
            try
            {
                if (!Directory.Exists(parent)) continue;
                Directory.CreateDirectory(group);
                if (File.Exists(Path.Combine(group, limit)))
                {
                    File.WriteAllText(Path.Combine(group, limit), LimitBytes.ToString(CultureInfo.InvariantCulture));
                    return group;
                }

                Directory.Delete(group);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Not to be had here.
            }
        }

        return null;
    }

    private static int FilesOfRows() => Directory.GetFiles(Path.GetTempPath(), "lrscheduling-*.rows").Length;

    // Without the pages of files, which the system takes back when it needs them.
    private static long AnonymousBytes()
    {
        if (!OperatingSystem.IsLinux()) return Environment.WorkingSet;
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("RssAnon:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) << 10;
    }

    private sealed class Ends(Action end) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => end();
    }
}
