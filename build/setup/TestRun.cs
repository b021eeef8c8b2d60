using System.Xml.Linq;

namespace LrScheduling.Build;

/// <summary>How many tests ended how.</summary>
public readonly record struct TestCounts(int Passed, int Failed, int Skipped)
{
    /// <summary>The sums of both.</summary>
    public static TestCounts operator +(TestCounts a, TestCounts b) => new(a.Passed + b.Passed, a.Failed + b.Failed, a.Skipped + b.Skipped);

    /// <inheritdoc/>
    public override string ToString() => $"{Passed} passed, {Failed} failed" + (Skipped > 0 ? $", {Skipped} skipped" : "");
}

/// <summary>Builds the solution and runs its tests.</summary>
public static class TestRun
{
    /// <summary>Builds and tests with one source of dependencies.</summary>
    /// <exception cref="BuildException">The build failed, or no test ran.</exception>
    public static TestCounts Run(string source, string[] properties)
    {
        string[] common = ["-c", "Release", $"-p:DependencySource={source}", .. properties];
        if (Shell.Run("dotnet", ["build", "LrScheduling.sln", "--nologo", "-v", "quiet", .. common]) != 0)
            throw new BuildException($"The build with {source} failed.");

        var results = Directory.CreateTempSubdirectory("lrscheduling-tests-").FullName;
        try
        {
            var exitCode = Shell.Run("dotnet", ["test", Repository.Tests, "--no-build", "--nologo", .. common,
                "--logger", "console;verbosity=normal", "--logger", "trx", "--results-directory", results]);
            var reports = Directory.GetFiles(results, "*.trx");
            if (reports.Length == 0) throw new BuildException($"No test ran with {source}.");
            var counts = reports.Select(Read).Aggregate((a, b) => a + b);
            // A test host that dies leaves a report of the tests before, none of them failed.
            return exitCode == 0 || counts.Failed > 0 ? counts : throw new BuildException($"The test run with {source} ended before its end ({counts}).");
        }
        finally
        {
            Directory.Delete(results, recursive: true);
        }
    }

    private static TestCounts Read(string report)
    {
        var outcomes = XDocument.Load(report).Descendants().Where(e => e.Name.LocalName == "UnitTestResult")
            .Select(e => (string?)e.Attribute("outcome")).ToArray();
        var passed = outcomes.Count(o => o == "Passed");
        var skipped = outcomes.Count(o => o is "NotExecuted" or "Inconclusive");
        return new(passed, outcomes.Length - passed - skipped, skipped);
    }
}
