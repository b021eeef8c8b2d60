#:property PublishAot=false
#:project setup/Setup.csproj
using System.Text.RegularExpressions;
using LrScheduling.Build;

const string Help = """
    Writes the public surface of the packages anew: PublicAPI.Unshipped.txt of each project in src/, from what the analyser says is missing.
      dotnet run build/api.cs [-- -p:Name=Value …]
    """;

return Setup.Main(args, Help, () =>
{
    string[] files = Directory.GetFiles(Path.Combine(Repository.Root, "src"), "PublicAPI.Unshipped.txt", SearchOption.AllDirectories);
    foreach (var file in files) Write(file, []);
    string[] options = ["--no-incremental", "--nologo", "-v", "quiet", "-tl:off", "-p:TreatWarningsAsErrors=false"];
    var (exitCode, output) = Shell.Capture("dotnet", ["build", "build/packages.slnf", .. options, .. Arguments.Properties(args)]);
    if (exitCode != 0) throw new BuildException(output);

    const string Missing = @": warning RS0016: Symbol '(?<symbol>.*)' is not part of the declared public API .*\[(?<project>.*)\]";
    var missing = Regex.Matches(output, Missing)
        .ToLookup(match => Path.GetDirectoryName(match.Groups["project"].Value), match => match.Groups["symbol"].Value);
    foreach (var file in files)
    {
        string[] symbols = [.. missing[Path.GetDirectoryName(file)].Distinct().Order(StringComparer.Ordinal)];
        Write(file, symbols);
        Console.WriteLine($"{Path.GetRelativePath(Repository.Root, file)}: {symbols.Length} members");
    }

    return 0;

    static void Write(string file, string[] symbols) =>
        File.WriteAllText(file, string.Concat(symbols.Prepend("#nullable enable").Select(line => $"{line}\n")));
});
