using System.Diagnostics;

namespace LrScheduling.Build;

/// <summary>Steps of the .NET SDK that take a while, each said in one line.</summary>
public static class Steps
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Runs <c>dotnet</c>. Says what is done before it starts, and how long it has taken: each second on a terminal, elsewhere at the end.
    /// </summary>
    /// <param name="what">What is done.</param>
    /// <param name="arguments">The arguments of dotnet.</param>
    /// <exception cref="BuildException">It failed; the message is what it printed.</exception>
    public static void Run(string what, IEnumerable<string> arguments)
    {
        Console.Write($"{what} … ");
        var started = Stopwatch.GetTimestamp();
        var step = Task.Run(() => Shell.Capture("dotnet", arguments));
        if (!Console.IsOutputRedirected)
            while (!step.Wait(Tick)) Console.Write($"\r{what} … {Seconds()}");
        var (exitCode, output) = step.GetAwaiter().GetResult();
        if (exitCode != 0) throw new BuildException($"failed.\n{output}");
        Console.WriteLine(Console.IsOutputRedirected ? Seconds() : $"\r{what} … {Seconds()}");

        string Seconds() => $"{Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s";
    }
}
