using System.Diagnostics;

namespace Microsoft.ML.LrScheduling.Tests.Packages;

/// <summary>The .NET SDK in a process of its own, as a person calls it on a command line.</summary>
internal static class Dotnet
{
    // Far beyond what anything here takes: a restore that waits for a feed must not wait forever.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);

    /// <summary>Runs <c>dotnet</c> and returns what it printed.</summary>
    /// <param name="folder">The working folder.</param>
    /// <param name="variables">Environment variables beside those of this process.</param>
    /// <param name="arguments">The arguments.</param>
    /// <exception cref="InvalidOperationException">It failed; the message is what it printed.</exception>
    public static string Run(string folder, IEnumerable<(string Name, string Value)> variables, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // What runs the tests may be a build, and leaves the paths of its own SDK.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
            start.Environment.Remove(name);
        // Build servers would outlive the test.
        (start.Environment["MSBUILDDISABLENODEREUSE"], start.Environment["UseSharedCompilation"]) = ("1", "false");
        foreach (var (name, value) in variables) start.Environment[name] = value;

        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        if (!process.WaitForExit(Longest)) process.Kill(entireProcessTree: true);
        var printed = (output.Result + errors.Result).ReplaceLineEndings("\n");
        return process.ExitCode == 0
            ? printed
            : throw new InvalidOperationException($"dotnet {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{printed}");
    }
}
