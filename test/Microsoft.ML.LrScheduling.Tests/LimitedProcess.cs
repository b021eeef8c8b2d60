using System.Diagnostics;

namespace Microsoft.ML.LrScheduling.Tests;

/// <summary>What this assembly does as a program of its own, in a process whose files may not become larger than a limit.</summary>
internal static class LimitedProcess
{
    /// <summary>Runs it to its end; returns what it writes to its error output.</summary>
    /// <param name="kibibytes">The limit.</param>
    /// <param name="work">What to do, as <see cref="Program"/> takes it.</param>
    public static string Run(int kibibytes, params string[] work)
    {
        // A shell counts in blocks of 512 bytes. A process that writes more gets a signal that ends it unless it is ignored.
        var start = new ProcessStartInfo("/bin/sh",
            ["-c", $"trap '' XFSZ; ulimit -f {kibibytes * 2}; exec dotnet \"$@\"", "sh", typeof(LimitedProcess).Assembly.Location, .. work])
        {
            RedirectStandardError = true,
            // The runtime maps its own memory as a file otherwise.
            Environment = { ["DOTNET_EnableWriteXorExecute"] = "0" },
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return errors;
    }
}
