using System.Diagnostics;

namespace LrScheduling.Build;

/// <summary>What the subset of TorchSharp needs of the machine: libtorch with its headers, and a C++ compiler.</summary>
public static class NativeTools
{
    /// <summary>Installs what is missing where that is possible without a question; says in a few words what it did, or what to do.</summary>
    public static string Prepare()
    {
        var missing = Missing();
        if (missing.Length == 0) return "libtorch and g++ are there";
        var packages = string.Join(' ', missing);
        if (!(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && Shell.Has("apt-get")))
            return $"without the Torch engine: install {packages} (on Debian: sudo apt-get install {packages}), then run this again";

        var started = Stopwatch.GetTimestamp();
        var update = Shell.Capture("apt-get", ["update"]);
        var install = Shell.Capture("apt-get", ["install", "-y", "--no-install-recommends", .. missing]);
        return install.ExitCode == 0
            ? $"installed {packages} by apt-get in {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s"
            : throw new BuildException($"apt-get could not install {packages}:\n{(update.ExitCode == 0 ? "" : update.Output)}{install.Output}");
    }

    private static string[] Missing() =>
    [
        .. Directory.Exists("/usr/include/ATen") ? Array.Empty<string>() : ["libtorch-dev"],
        .. Shell.Has("g++") ? Array.Empty<string>() : ["g++"],
    ];
}
