#:property PublishAot=false
#:project setup/Setup.csproj
using System.Text.RegularExpressions;
using LrScheduling.Build;

const string Help = """
    Writes the public surface of the packages anew: PublicAPI.Unshipped.txt of each project in src/, from what the analyser says is missing.
      dotnet run build/api.cs [-- -p:Name=Value …]
    """;

const string FileName = "PublicAPI.Unshipped.txt";

return Setup.Main(args, Help, () =>
{
    // The analyser compares with an empty file in place of each project's own, which stays as it is until all that it must hold is known.
    var empty = Directory.CreateTempSubdirectory("lrscheduling-api-").FullName;
    try
    {
        File.WriteAllText(Path.Combine(empty, FileName), Text([]));
        string[] options = ["--no-incremental", "--nologo", "-v", "quiet", "-tl:off", "-p:TreatWarningsAsErrors=false"];
        string[] properties = [$"-p:PublicApiFolder={empty}{Path.DirectorySeparatorChar}", .. Arguments.Properties(args)];
        var (exitCode, output) = Shell.Capture("dotnet", ["build", "build/packages.slnf", .. options, .. properties]);
        if (exitCode != 0) throw new BuildException($"The build failed; no file was changed.\n{output}");

        const string Missing = @": warning RS0016: Symbol '(?<symbol>.*)' is not part of the declared public API .*\[(?<project>.*)\]";
        var missing = Regex.Matches(output, Missing)
            .ToLookup(match => Path.GetDirectoryName(match.Groups["project"].Value), match => match.Groups["symbol"].Value);
        if (missing.Count == 0) throw new BuildException("The analyser told of no public members; no file was changed.");
        foreach (var file in Directory.GetFiles(Path.Combine(Repository.Root, "src"), FileName, SearchOption.AllDirectories))
        {
            string[] symbols = [.. missing[Path.GetDirectoryName(file)].Distinct().Order(StringComparer.Ordinal)];
            File.WriteAllText($"{file}.new", Text(symbols));
            File.Move($"{file}.new", file, overwrite: true);
            Console.WriteLine($"{Path.GetRelativePath(Repository.Root, file)}: {symbols.Length} members");
        }

        return 0;
    }
    finally
    {
        Directory.Delete(empty, recursive: true);
    }

    static string Text(string[] symbols) => string.Concat(symbols.Prepend("#nullable enable").Select(line => $"{line}\n"));
});
