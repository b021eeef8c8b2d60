using System.Diagnostics;
using System.Text.Json;

namespace Microsoft.ML.LrScheduling.Tests.Schedules;

/// <summary>PyTorch as Debian has it, in a process of its own.</summary>
internal static class Torch
{
    private const string Python = "/usr/bin/python3";

    /// <summary>
    /// Has PyTorch work on configurations: the lines come back in their order, with what it gave. Null and the reason where there is none.
    /// </summary>
    /// <param name="script">The script in Data that does it.</param>
    /// <param name="configurations">One JSON object a line.</param>
    public static (string[]? Lines, string Version) Run(string script, IEnumerable<string> configurations)
    {
        if (!File.Exists(Python)) return (null, $"there is no {Python}");
        using var process = Process.Start(new ProcessStartInfo(Python, [TestData.PathOf(script)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        try
        {
            foreach (var line in configurations) process.StandardInput.WriteLine(line);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended already, and its errors tell why.
        }

        if (!process.WaitForExit(TimeSpan.FromMinutes(2))) process.Kill(entireProcessTree: true);
        var lines = output.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (process.ExitCode == 0) return (lines[1..], JsonDocument.Parse(lines[0]).RootElement.GetProperty("version").GetString()!);
        return errors.Result.Contains("No module named 'torch'", StringComparison.Ordinal)
            ? (null, $"{Python} has no torch")
            : throw new InvalidOperationException($"{Python} failed: {errors.Result}");
    }
}
