using System.Diagnostics;

namespace LrScheduling.Build;

/// <summary>Packages of Debian.</summary>
public static class Debian
{
    /// <summary>Installs packages where that is possible without a question; says in a few words what it did, or what to do.</summary>
    /// <param name="packages">The packages, at least one.</param>
    /// <param name="without">What there is not as long as they are missing.</param>
    /// <exception cref="BuildException">apt-get could not install them.</exception>
    public static string Install(string[] packages, string without)
    {
        var names = string.Join(' ', packages);
        if (!(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && Shell.Has("apt-get")))
            return $"without {without}: install {names} (on Debian: sudo apt-get install {names}), then run this again";

        var started = Stopwatch.GetTimestamp();
        var update = Shell.Capture("apt-get", ["update"]);
        var install = Shell.Capture("apt-get", ["install", "-y", "--no-install-recommends", .. packages]);
        return install.ExitCode == 0
            ? $"installed {names} by apt-get in {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s"
            : throw new BuildException(
                $"apt-get could not install {names}:\n{(update.ExitCode == 0 ? "" : update.Output)}{install.Output}");
    }
}
