using System.Reflection;

namespace Microsoft.ML.LrScheduling.Tests;

/// <summary>The files in the folder Data, and what tests need of the machine.</summary>
internal static class TestData
{
    /// <summary>The folder of the repository, with a separator at its end.</summary>
    public static string RepositoryRoot { get; } = typeof(TestData).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(metadata => metadata.Key == "RepositoryRoot").Value!;

    /// <summary>The path of a file in the folder Data.</summary>
    public static string PathOf(string file) => Path.Combine(AppContext.BaseDirectory, "Data", file);

    /// <summary>The version of the package that a type comes from.</summary>
    public static string PackageVersionOf(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
