using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Microsoft.ML.LrScheduling.Tests;

/// <summary>The libraries of Debian's Python (<c>python3-torch</c>, <c>python3-sklearn</c>), in a process of their own.</summary>
internal static partial class Python
{
    private const string Program = "/usr/bin/python3";

    /// <summary>
    /// Has a script work on configurations: the lines come back in their order, with what it gave. Null and the reason where there is none.
    /// </summary>
    /// <param name="script">The script in Data that does it.</param>
    /// <param name="configurations">One JSON object a line.</param>
    public static (string[]? Lines, string Version) Run(string script, IEnumerable<string> configurations)
    {
        if (!File.Exists(Program)) return (null, $"there is no {Program}");
        using var process = Process.Start(new ProcessStartInfo(Program, [TestData.PathOf(script)])
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
        return MissingModule().Match(errors.Result) is { Success: true } missing
            ? (null, $"{Program} has no {missing.Groups["module"].Value}")
            : throw new InvalidOperationException($"{Program} failed: {errors.Result}");
    }

    [GeneratedRegex("No module named '(?<module>[^']+)'")]
    private static partial Regex MissingModule();
}
