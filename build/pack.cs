#:property PublishAot=false
#:project setup/Setup.csproj
using LrScheduling.Build;

const string Help = """
    Makes the NuGet packages LrScheduling.ML, LrScheduling.ML.Orleans and LrScheduling.ML.Terminal.
      dotnet run build/pack.cs [-- FOLDER] [--no-build] [-p:Name=Value …]
    FOLDER          where they go; artifacts/packages by default
    --no-build      packs what the last Release build made
    -p:Name=Value   an MSBuild property, such as MinVerVersionOverride=0.1.0
    The version is that of the last git tag (v0.1.0), counted on from it; without a tag it is 0.1.0-alpha.0.COMMITS.
    """;

return Setup.Main(args, Help, () =>
{
    var (properties, rest) = Arguments.Split(args);
    var noBuild = rest.Contains("--no-build");
    var folder = rest.Except(["--no-build"]).ToArray() switch
    {
        [] => Path.Combine(Repository.Root, "artifacts", "packages"),
        [var named] when !named.StartsWith('-') => Path.GetFullPath(named),
        _ => throw new BuildException($"Arguments must be FOLDER, --no-build, --help or -p:Name=Value. Received: {string.Join(' ', rest)}"),
    };
    string[] options = ["-c", "Release", "-o", folder, "--nologo", "-v", "minimal", "-tl:off", .. properties];
    return Shell.Run("dotnet", ["pack", "build/packages.slnf", .. options, .. noBuild ? ["--no-build"] : Array.Empty<string>()]);
});
