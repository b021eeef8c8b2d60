using System.Runtime.CompilerServices;
using Spectre.Console;

namespace Samples;

/// <summary>Keeps escape codes out of files and pipes, into which Spectre.Console writes them on some build servers.</summary>
internal static class PlainOutput
{
    [ModuleInitializer]
    internal static void Prepare()
    {
        if (Console.IsOutputRedirected) AnsiConsole.Profile.Capabilities.Ansi = false;
    }
}
