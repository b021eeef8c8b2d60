using System.Diagnostics;

namespace LrScheduling.Build;

/// <summary>Runs other programs.</summary>
public static class Shell
{
    /// <summary>Runs a program in the repository, its output going where this program's goes; returns its exit code.</summary>
    public static int Run(string program, IEnumerable<string> arguments)
    {
        using var process = Process.Start(Command(program, arguments))!;
        process.WaitForExit();
        return process.ExitCode;
    }

    /// <summary>Runs a program in the repository and returns what it printed.</summary>
    public static (int ExitCode, string Output) Capture(string program, IEnumerable<string> arguments)
    {
        var command = Command(program, arguments);
        command.RedirectStandardOutput = command.RedirectStandardError = true;
        using var process = Process.Start(command)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd() + errors.GetAwaiter().GetResult();
        process.WaitForExit();
        return (process.ExitCode, output);
    }

    /// <summary>Whether a program can be found on the PATH.</summary>
    public static bool Has(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, program)));

    private static ProcessStartInfo Command(string program, IEnumerable<string> arguments)
    {
        var command = new ProcessStartInfo(program, arguments) { WorkingDirectory = Repository.Root, UseShellExecute = false };
        // Build servers would outlive this program; messages are read, so they have to be English.
        command.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        command.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        command.Environment["DEBIAN_FRONTEND"] = "noninteractive";
        return command;
    }
}
