using System.Runtime.CompilerServices;

namespace LrScheduling.Build;

/// <summary>Where things are.</summary>
public static class Repository
{
    /// <summary>The project of the tests, which needs all packages.</summary>
    public const string Tests = "test/Microsoft.ML.LrScheduling.Tests";

    /// <summary>The folder of the repository.</summary>
    public static string Root { get; } = FindRoot();

    private static string FindRoot([CallerFilePath] string here = "")
    {
        // Deterministic builds on CI replace the path of the sources, so the working folder is asked too.
        foreach (var start in new[] { Path.GetDirectoryName(here), Environment.CurrentDirectory })
            for (var folder = start; folder is not null; folder = Path.GetDirectoryName(folder))
                if (File.Exists(Path.Combine(folder, "LrScheduling.sln")))
                    return folder;
        throw new BuildException("Run this from within the repository: LrScheduling.sln was not found.");
    }
}
