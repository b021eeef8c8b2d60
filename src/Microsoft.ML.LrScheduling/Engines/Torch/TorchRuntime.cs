using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Microsoft.ML.LrScheduling.Engines.Torch;

/// <summary>Checks whether the native libraries of TorchSharp are available.</summary>
internal static class TorchRuntime
{
    private const string Binding = "LibTorchSharp";

    private static readonly Lazy<Exception?> Failure = new(Find);

    /// <summary>Throws an exception that says which package to add if TorchSharp or libtorch is missing.</summary>
    /// <param name="device">The device of the engine: "cpu", "cuda" or "cuda:N".</param>
    /// <exception cref="InvalidOperationException">TorchSharp or libtorch is missing, or cannot be loaded.</exception>
    public static void Check(string device = "cpu")
    {
        if (Failure.Value is { } failure) throw new InvalidOperationException(Describe(failure, device), failure);
    }

    /// <summary>Does the same check for a feature other than the engine.</summary>
    /// <param name="what">The feature that needs the libraries.</param>
    /// <inheritdoc cref="Check(string)" path="/exception"/>
    public static void CheckFor(string what)
    {
        if (Failure.Value is { } failure)
            throw new InvalidOperationException(Describe(failure, "cpu", what, $"or leave {what} out."), failure);
    }

    /// <summary>Returns the package that contains libtorch for a device.</summary>
    public static string PackageFor(string device) => device == "cpu"
        ? "TorchSharp-cpu 0.107.0"
        : $"TorchSharp-cuda-{(OperatingSystem.IsWindows() ? "windows" : "linux")} 0.107.0";

    /// <summary>The smaller package, which has libtorch for this machine's platform alone; null where there is none.</summary>
    private static string? SmallPackage => (OperatingSystem.IsLinux(), OperatingSystem.IsWindows(), OperatingSystem.IsMacOS(),
        RuntimeInformation.ProcessArchitecture) switch
    {
        (true, _, _, Architecture.X64) => "libtorch-cpu-linux-x64 2.10.0",
        (_, true, _, Architecture.X64) => "libtorch-cpu-win-x64 2.10.0",
        (_, _, true, Architecture.Arm64) => "libtorch-cpu-osx-arm64 2.10.0",
        _ => null,
    };

    /// <summary>Returns the message for an exception that loading the libraries has thrown: what is wrong and what to do.</summary>
    internal static string Describe(Exception failure, string device) => Describe(
        failure, device, "The Torch engine", device == "cpu" ? "or choose TrainingEngine.Fused." : "or choose the device \"cpu\".");

    private static Exception? Find()
    {
        try
        {
            Load();
            return null;
        }
        catch (Exception e) when (e is FileNotFoundException or FileLoadException or BadImageFormatException or DllNotFoundException
            or EntryPointNotFoundException or TypeInitializationException or NotSupportedException)
        {
            return e;
        }
    }

    private static string Describe(Exception failure, string device, string what, string choose) =>
        $"{what} cannot be used. " + failure.GetBaseException() switch
        {
            FileNotFoundException or FileLoadException =>
                "TorchSharp.dll is not beside the application, or is of another version.\n"
                + $"{Add(device)}, {choose}",
            { Message: var message } when message.Contains("GLIBCXX_", StringComparison.Ordinal) =>
                "TorchSharp's native library asks for a newer libstdc++ (GCC 13) than this machine has.\n"
                + "Build the application again with the property TorchSharpOnOlderLinux=true (docs/trainers.md), "
                + $"run it on Debian 13, Ubuntu 24.04 or newer, {choose}",
            { Message: var message } when message.Contains("undefined symbol", StringComparison.Ordinal) =>
                "The libtorch that was found is not the one that TorchSharp was built for, 2.10.\n"
                + $"{Add(device)}, which brings it, {choose}",
            _ =>
                "libtorch is not beside the application.\n"
                + $"{Add(device)}, {(device == "cpu" ? "or one for CUDA, " : "")}{choose}",
        };

    private static string Add(string device) => $"Add the package {PackageFor(device)} to the application"
        + (device == "cpu" && SmallPackage is { } small ? $", or the smaller {small} for this platform alone" : "");

    // Not inlined: if TorchSharp.dll is missing, the exception is thrown when this method is compiled. The libraries are loaded here and
    // not by TorchSharp, because TorchSharp writes its search to the console and hides the message of the loader.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Load()
    {
        var assembly = typeof(torch).Assembly;
        NativeLibrary.TryLoad("torch_cpu", assembly, searchPath: null, out _);
        NativeLibrary.Load(Binding, assembly, searchPath: null);
        using var tensor = Tensors.Zeros(TorchPlace.Cpu, 1);
    }
}
