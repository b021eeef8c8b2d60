using System.Xml.Linq;

namespace LrScheduling.Build;

/// <summary>How many tests ended how.</summary>
public readonly record struct TestCounts(int Passed, int Failed, int Skipped)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Passed} passed, {Failed} failed" + (Skipped > 0 ? $", {Skipped} skipped" : "");
}

/// <summary>Builds the solution, checks its format and runs its tests.</summary>
public static class TestRun
{
    /// <summary>Builds, checks the format and tests.</summary>
    /// <param name="properties">MSBuild properties to hand on.</param>
    /// <exception cref="BuildException">
    /// The build failed, the code is not formatted, no test ran, or the run ended before its end.
    /// </exception>
    public static TestCounts Run(string[] properties)
    {
        string[] common = ["-c", "Release", .. properties];
        if (Shell.Run("dotnet", ["build", "LrScheduling.sln", "--nologo", "-v", "quiet", .. common]) != 0)
            throw new BuildException("The build failed.");

        CheckFormat();
        var results = Directory.CreateTempSubdirectory("lrscheduling-tests-").FullName;
        try
        {
            // On a build server dotnet test writes escape codes into files and pipes too.
            string[] plain = Console.IsOutputRedirected ? ["--no-ansi"] : [];
            var exitCode = Shell.Run(
                "dotnet", ["test", "--project", Repository.Tests, "--no-build", .. common, "--output", "Detailed", "--no-progress",
                .. plain, "--report-trx", "--results-directory", results]);
            var report = Directory.GetFiles(results, "*.trx", SearchOption.AllDirectories).SingleOrDefault()
                ?? throw new BuildException("No test ran.");
            var counts = Read(report);
            // A test host that dies leaves a report of the tests before, none of them failed.
            return exitCode == 0 || counts.Failed > 0 ? counts : throw new BuildException($"The test run ended before its end ({counts}).");
        }
        finally
        {
            Directory.Delete(results, recursive: true);
        }
    }

    // The build has the findings of the analysers already: asking dotnet format for them again would take longer than all the rest of it.
    private static void CheckFormat()
    {
        foreach (var part in new[] { "whitespace", "style" })
            if (Shell.Run("dotnet", ["format", part, "LrScheduling.sln", "--verify-no-changes", "--no-restore"]) != 0)
                throw new BuildException("The code is not formatted: run `dotnet format LrScheduling.sln`.");
    }

    private static TestCounts Read(string report)
    {
        var outcomes = XDocument.Load(report).Descendants()
            .Where(e => e.Name.LocalName == "UnitTestResult").Select(e => (string?)e.Attribute("outcome")).ToArray();
        var passed = outcomes.Count(o => o == "Passed");
        var skipped = outcomes.Count(o => o is "NotExecuted" or "Inconclusive");
        return new(passed, outcomes.Length - passed - skipped, skipped);
    }
}
