using System;
using System.IO;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TorchSharp.Interop;

// Finds the native library, and says what to install where there is none.
internal static class NativeLoader
{
    internal const string Library = "LrSchedulingTorch";

    private const string FileName = "libLrSchedulingTorch.so";

    // A static constructor would wrap the reason in a TypeInitializationException; this only registers, and fails at the first call.
#pragma warning disable CA2255 // The analyser fears work at load time; this is one entry in a table.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Register() => NativeLibrary.SetDllImportResolver(typeof(NativeLoader).Assembly, Resolve);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? searchPath)
    {
        if (name != Library) return 0;
        // An assembly inside a single file has no place of its own.
        var folder = assembly.Location.Length > 0 ? Path.GetDirectoryName(assembly.Location) : AppContext.BaseDirectory;
        return Load(Path.Combine(folder, FileName));
    }

    private static nint Load(string path)
    {
        DllNotFoundException reason = null;
        try
        {
            if (File.Exists(path)) return NativeLibrary.Load(path);
        }
        catch (DllNotFoundException e)
        {
            reason = e;
        }
        var missing = reason is null ? $"{FileName} was not built" : $"{FileName} does not load";
        throw new DllNotFoundException(
            $"The Torch engine needs libtorch, and {missing}. On Debian: apt-get install libtorch-dev g++, then build again. " +
            "Elsewhere on Linux: unpack libtorch (C++11 ABI), set LIBTORCH to its folder, then build again.", reason);
    }
}
