using System.Text.RegularExpressions;

namespace LrScheduling.Build;

/// <summary>Where Microsoft.ML and TorchSharp come from, and what finding that out took.</summary>
/// <param name="Source">packages or subset; see build/Dependencies.props.</param>
/// <param name="Reason">Why, in a few words.</param>
public sealed record Dependencies(string Source, string Reason)
{
    // NuGet's codes for "no such package", "no such version", "only a prerelease" and "a near version instead".
    private static readonly Regex Lacks = new(@"error (NU1101|NU1102|NU1103|NU1603): .*?\b(?<id>(Microsoft\.ML|TorchSharp)(?!\.LrScheduling)([.-]\w+)*)");

    /// <summary>The packages where the feed has them; else the subset.</summary>
    /// <exception cref="BuildException">The restore failed for another reason than a package that the feed lacks.</exception>
    public static Dependencies Find(Arguments arguments)
    {
        if (arguments.Dependencies is "packages" or "subset") return new(arguments.Dependencies, "asked for");
        var restore = FindLacking(Repository.Tests, arguments);
        return restore.Length == 0 ? new("packages", "the feed has them") : new("subset", Lacking(restore));
    }

    /// <summary>What a build of the whole solution is to be told of Microsoft.ML.AutoML, which not every feed has that has the others; says what is left out for want of it.</summary>
    /// <param name="source">packages or subset.</param>
    /// <param name="arguments">The arguments.</param>
    /// <exception cref="BuildException">The restore failed for another reason than a package that the feed lacks.</exception>
    public static string[] FindAutoML(string source, Arguments arguments)
    {
        var lacking = source == "packages" ? FindLacking("samples/AutoMLSweep", arguments) : [];
        if (source == "packages" && lacking.Length == 0) return [];
        Console.WriteLine($"samples/AutoMLSweep is left out: {(source == "packages" ? Lacking(lacking) : "Microsoft.ML.AutoML has no subset")}.");
        return ["-p:HasAutoML=false"];
    }

    private static string Lacking(string[] packages) => $"the feed lacks {string.Join(", ", packages)} in the version asked for";

    private static string[] FindLacking(string project, Arguments arguments)
    {
        // Exactly the versions the project is made for: whether a near one will do is the user's to say, with -p:MicrosoftMLVersion=…
        string[] exact = [.. ReadVersions().Where(version => !arguments.Properties.Any(p => p.StartsWith($"-p:{version.Name}=", StringComparison.Ordinal)))
            .Select(version => $"-p:{version.Name}=[{version.Value}]")];
        var restore = Shell.Capture("dotnet", ["restore", project, "-p:DependencySource=packages", .. exact, .. arguments.Properties]);
        if (restore.ExitCode == 0) return [];
        var lacking = Lacks.Matches(restore.Output).Select(match => match.Groups["id"].Value).Distinct().Order().ToArray();
        return lacking.Length > 0 ? lacking : throw new BuildException($"The restore failed, and not for want of a package:\n{restore.Output}");
    }

    private static IEnumerable<(string Name, string Value)> ReadVersions() =>
        from property in System.Xml.Linq.XDocument.Load(Path.Combine(Repository.Root, "build", "Dependencies.props")).Descendants()
        where property.Name.LocalName.EndsWith("Version", StringComparison.Ordinal)
        select (property.Name.LocalName, property.Value);
}
