namespace LrScheduling.Build;

/// <summary>What the subset of TorchSharp needs of the machine: libtorch with its headers, and a C++ compiler.</summary>
public static class NativeTools
{
    /// <summary>Installs what is missing where that is possible without a question; says in a few words what it did, or what to do.</summary>
    public static string Prepare() => Missing() is { Length: > 0 } missing ? Debian.Install(missing, "the Torch engine") : "libtorch and g++ are there";

    private static string[] Missing() =>
    [
        .. Directory.Exists("/usr/include/ATen") ? Array.Empty<string>() : ["libtorch-dev"],
        .. Shell.Has("g++") ? Array.Empty<string>() : ["g++"],
    ];
}
