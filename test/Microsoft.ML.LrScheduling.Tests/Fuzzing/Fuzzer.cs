using System.Diagnostics;

namespace Microsoft.ML.LrScheduling.Tests.Fuzzing;

/// <summary>
/// Everything that is read from outside, given mutated inputs: each is refused with the exception that is documented, or read and then
/// used, in bounded time and memory. <c>dotnet run build/fuzz.cs</c> runs many; a test runs some.
/// </summary>
internal static class Fuzzer
{
    public const long MostMemory = 256L << 20;

    public static readonly TimeSpan LongestTime = TimeSpan.FromSeconds(2);

    private const int MostFaults = 20;
    private const int LongestShown = 600;

    public static IReadOnlyList<FuzzReader> Readers { get; } = [.. ScheduleInputs.All, .. TrainingInputs.All, .. SweepInputs.All];

    /// <summary>Reads and uses good inputs, so that what has to be compiled and loaded is.</summary>
    /// <exception cref="AssertFailedException">One of them is refused.</exception>
    public static void WarmUp(FuzzReader reader)
    {
        var result = Run(reader, reader.Seeds, number => $"good input {number}", _ => { });
        Assert.AreEqual("", string.Join('\n', result.Faults), reader.Name);
        Assert.AreEqual(0, result.Refused, $"{reader.Name}: a good input is refused");
    }

    /// <summary>Reads and uses mutated inputs.</summary>
    /// <param name="reader">What reads them.</param>
    /// <param name="count">How many.</param>
    /// <param name="seed">The same seed gives the same inputs.</param>
    /// <param name="begin">Told of each case before it begins.</param>
    public static FuzzResult Run(FuzzReader reader, int count, int seed, Action<int> begin) =>
        Run(reader, Enumerable.Range(0, count).Select(i => Mutated(reader, i, seed)), number => $"input {number} of seed {seed}", begin);

    /// <summary>The input of a number.</summary>
    public static byte[] Mutated(FuzzReader reader, int number, int seed)
    {
        var mutator = new Mutator(unchecked(seed * 1_000_003 + number));
        return mutator.Mutate(mutator.Choose(reader.Seeds), reader.Seeds);
    }

    /// <summary>Reads and uses inputs.</summary>
    /// <param name="reader">What reads them.</param>
    /// <param name="inputs">The inputs.</param>
    /// <param name="nameOf">What one is called, by its number from 0.</param>
    /// <param name="begin">Told of each case before it begins.</param>
    public static FuzzResult Run(FuzzReader reader, IEnumerable<byte[]> inputs, Func<int, string> nameOf, Action<int> begin)
    {
        var scratch = Directory.CreateTempSubdirectory("lrscheduling-fuzz-");
        try
        {
            var (cases, refused, faults, reading, use) = (0, 0, new List<string>(), 0.0, 0.0);
            foreach (var input in inputs)
            {
                begin(cases);
                var (isRefused, fault, times) = Try(reader, input, scratch.FullName);
                (reading, use) = (Math.Max(reading, times.Reading), Math.Max(use, times.Use));
                if (isRefused) refused++;
                if (fault is not null && faults.Count < MostFaults)
                    faults.Add($"{reader.Name}, {nameOf(cases)}: {fault}: "
                        + Convert.ToBase64String(input.AsSpan(0, Math.Min(input.Length, LongestShown))));
                cases++;
                Empty(scratch);
            }

            return new FuzzResult
            {
                Reader = reader.Name,
                Cases = cases,
                Refused = refused,
                Accepted = cases - refused,
                Faults = faults,
                SlowestReading = reading,
                SlowestUse = use,
            };
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }

    private static (bool IsRefused, string? Fault, (double Reading, double Use) Times) Try(FuzzReader reader, byte[] input, string folder)
    {
        var (start, read) = (Now(), (Wall: 0.0, Processor: 0.0));
        try
        {
            Action use;
            try
            {
                use = reader.Read(input, folder);
            }
            catch (Exception e) when (reader.Refusal.IsInstanceOfType(e))
            {
                return (true, string.IsNullOrWhiteSpace(e.Message) ? "a message that says nothing" : null, (Between(start, Now()), 0));
            }

            read = Now();
            use();
            return (false, null, (Between(start, read), Between(read, Now())));
        }
        catch (Exception e)
        {
            return (false, e.ToString().ReplaceLineEndings(" "), (Between(start, Now()), 0));
        }
    }

    private static (double Wall, double Processor) Now() =>
        (Stopwatch.GetElapsedTime(0).TotalMilliseconds, Environment.CpuUsage.TotalTime.TotalMilliseconds);

    // On a machine that does much else a clock tells of that too; where it does not, the processors' time may be that of several.
    private static double Between((double Wall, double Processor) from, (double Wall, double Processor) to) =>
        Math.Min(to.Wall - from.Wall, to.Processor - from.Processor);

    private static void Empty(DirectoryInfo folder)
    {
        foreach (var file in folder.EnumerateFileSystemInfos())
            if (file is DirectoryInfo inner) inner.Delete(recursive: true);
            else file.Delete();
    }
}
