namespace LrScheduling.Build;

/// <summary>
/// What the subset of TorchSharp needs of the machine: libtorch with its headers, and a C++ compiler; and, to be as fast as the packages, which bring their own, products of
/// matrices in vectors.
/// </summary>
public static class NativeTools
{
    /// <summary>Installs what is missing where that is possible without a question; says in a few words what it did, or what to do.</summary>
    public static string Prepare()
    {
        string[] needed = [.. Directory.Exists("/usr/include/ATen") ? Array.Empty<string>() : ["libtorch-dev"], .. Shell.Has("g++") ? Array.Empty<string>() : ["g++"]];
        string[] missing = [.. needed, .. HasOpenBlas() ? Array.Empty<string>() : ["libopenblas0-openmp"]];
        if (missing.Length == 0) return "libtorch, OpenBLAS and g++ are there";
        return Debian.Install(missing, needed.Length > 0 ? "the Torch engine" : "OpenBLAS, with which the Torch engine is faster,");
    }

    private static bool HasOpenBlas() =>
        !OperatingSystem.IsLinux() || Directory.EnumerateDirectories("/usr/lib", "*-linux-gnu*").Any(folder => Directory.EnumerateDirectories(folder, "openblas-*").Any());
}
