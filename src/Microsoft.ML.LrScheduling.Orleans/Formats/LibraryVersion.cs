using System.Reflection;

namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>The version of the library.</summary>
internal static class LibraryVersion
{
    /// <summary>The version as that of its package, such as 0.1.0.</summary>
    public static string Text { get; } =
        typeof(LibraryVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
