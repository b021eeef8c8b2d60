using System.Diagnostics;

namespace LrScheduling.Build;

/// <summary>Steps of the .NET SDK that take a while, each said in one line.</summary>
public static class Steps
{
    /// <summary>Runs <c>dotnet</c>, and says before what is done, and after how long it took.</summary>
    /// <param name="what">What is done.</param>
    /// <param name="arguments">The arguments of dotnet.</param>
    /// <exception cref="BuildException">It failed; the message is what it printed.</exception>
    public static void Run(string what, IEnumerable<string> arguments)
    {
        Console.Write($"{what} … ");
        var started = Stopwatch.GetTimestamp();
        var (exitCode, output) = Shell.Capture("dotnet", arguments);
        if (exitCode != 0) throw new BuildException($"failed.\n{output}");
        Console.WriteLine($"{Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s");
        foreach (var line in output.Split('\n').Where(line => line.Contains("TorchSharp:", StringComparison.Ordinal)))
            Console.WriteLine(line.Trim());
    }
}
