using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Microsoft.ML.LrScheduling.Tests.Fuzzing;

/// <summary>
/// The program of build/fuzz.cs: a process for each reader, and for each large input, whose memory and time are measured; and a table of
/// what came of them.
/// </summary>
internal static class FuzzProgram
{
    private const string Mutated = "mutated";
    private const string Large = "large";
    private const string Made = "made";
    private const int DefaultCases = 5_000;

    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(2);

    /// <summary>Runs the program, or a process of it.</summary>
    /// <param name="args">None, or <c>--cases N</c> and <c>--seed N</c>; or what a process is to do.</param>
    /// <returns>The exit code: 1 where there was a fault, or one took too long or too much memory.</returns>
    public static int Run(string[] args)
    {
        switch (args)
        {
            case [Mutated, var reader, var cases, var seed, var place]:
                Child(Of(reader), place, (own, begin) => Fuzzer.Run(own, Number(cases), Number(seed), begin));
                return 0;
            case [Made, var reader, var input, var file]:
                File.WriteAllBytes(file, Of(reader).Large.Single(large => large.Name == input).Make());
                return 0;
            case [Large, var reader, var input, var file, var place]:
                var bytes = File.ReadAllBytes(file);
                Child(Of(reader), place,
                    (own, begin) => Fuzzer.Run(own, [bytes], _ => input, begin) with { Reader = $"{own.Name}: {input}" });
                return 0;
            default:
                var options = args.Chunk(2).ToDictionary(pair => pair[0], pair => pair[^1]);
                return Parent(
                    Number(options.GetValueOrDefault("--cases", $"{DefaultCases}")),
                    Number(options.GetValueOrDefault("--seed", $"{Random.Shared.Next()}")),
                    options.GetValueOrDefault("--only", ""));
        }
    }

    private static int Parent(int cases, int seed, string only)
    {
        var readers = Fuzzer.Readers.Where(reader => reader.Name.StartsWith(only, StringComparison.Ordinal)).ToArray();
        (string Name, string[] Work)[] work =
        [
            .. readers.Select(reader => (reader.Name, (string[])[Mutated, reader.Name, $"{cases}", $"{seed}"])),
            .. readers.SelectMany(
                reader => reader.Large.Select(large => ($"{reader.Name}: {large.Name}", (string[])[Large, reader.Name, large.Name]))),
        ];
        var results = new FuzzResult[work.Length];
        Parallel.For(0, work.Length, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, i =>
        {
            results[i] = Start(work[i].Name, work[i].Work);
            Console.Error.WriteLine($"{Row(results[i])} {results[i].SlowestReading:F0} + {results[i].SlowestUse:F0} ms");
            foreach (var fault in results[i].Faults) Console.Error.WriteLine($"  {fault}");
        });
        Console.WriteLine("| reader | cases | refused | accepted | undocumented exceptions | slowest (ms) | peak memory (MB) |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        foreach (var result in results) Console.WriteLine(Row(result));
        var bad = results.Count(result => !result.IsGood);
        Console.WriteLine(
            $"\nseed {seed}; " + (bad == 0 ? "all held" : $"of {bad} not: a fault, more than 2 s, or more than 256 MB"));
        return bad == 0 ? 0 : 1;
    }

    private static string Row(FuzzResult result) => string.Create(
        CultureInfo.InvariantCulture,
        $"| {result.Reader} | {result.Cases:N0} | {result.Refused:N0} | {result.Accepted:N0} | {result.Faults.Count} | "
        + $"{result.Slowest:F0} | {result.PeakMemory:F0} |");

    private static FuzzResult Start(string name, string[] work)
    {
        var (place, input) = (Path.GetTempFileName(), Path.GetTempFileName());
        try
        {
            // A large input is made in a process of its own, so that making it does not count.
            if (work is [Large, ..])
            {
                Process([Made, .. work[1..], input]);
                work = [.. work, input];
            }

            var (exitCode, output) = Process([.. work, place]);
            var last = output.TrimEnd().Split('\n')[^1];
            return exitCode == 0 && last.StartsWith('{')
                ? JsonSerializer.Deserialize<FuzzResult>(last)!
                : new FuzzResult
                {
                    Reader = name,
                    Faults = [$"{name}: the process ended with {exitCode} in case {File.ReadAllText(place)}: {output}"],
                };
        }
        finally
        {
            File.Delete(place);
            File.Delete(input);
        }
    }

    private static (int ExitCode, string Output) Process(string[] work)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(FuzzProgram).Assembly.Location, "fuzz", .. work])
        {
            RedirectStandardOutput = true,
        };
        // Else a processor with a large cache has hundreds of megabytes of garbage lie about before it is collected.
        start.Environment["DOTNET_GCgen0size"] = "1000000";
        // Checkpoints and journals are flushed to the disk, for which the files of others would be waited for.
        if (Directory.Exists("/dev/shm")) start.Environment["TMPDIR"] = "/dev/shm";
        using var process = System.Diagnostics.Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }

    /// <summary>What a process does: it measures itself, and prints the result.</summary>
    private static void Child(FuzzReader reader, string place, Func<FuzzReader, Action<int>, FuzzResult> run)
    {
        Fuzzer.WarmUp(reader);
        GC.Collect();
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        var before = process.WorkingSet64;
        // It is read there if the process ends without a word.
        using var file = File.OpenHandle(place, FileMode.Create, FileAccess.Write);
        var (current, begun) = (0, Stopwatch.GetTimestamp());
        using var watch = new Timer(_ =>
        {
            if (Stopwatch.GetElapsedTime(Volatile.Read(ref begun)) > LongestWait)
                Environment.FailFast($"{reader.Name}, case {current}: no end after {LongestWait}.");
        }, null, LongestWait, TimeSpan.FromSeconds(1));
        var result = run(reader, number =>
        {
            current = number;
            Volatile.Write(ref begun, Stopwatch.GetTimestamp());
            RandomAccess.Write(file, FuzzText.Bytes($"{number,10}"), fileOffset: 0);
        });
        process.Refresh();
        Console.WriteLine(JsonSerializer.Serialize(
            result with { PeakMemory = Math.Max(0, process.PeakWorkingSet64 - before) / (double)(1 << 20) }));
    }

    private static FuzzReader Of(string name) => Fuzzer.Readers.Single(reader => reader.Name == name);

    private static int Number(string text) => int.Parse(text, NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
}
