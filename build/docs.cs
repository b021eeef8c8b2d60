#:property PublishAot=false
#:project setup/Setup.csproj
using LrScheduling.Build;

const string Help = """
    Makes the reference site of the XML documentation, README.md and docs/*.md with DocFX: artifacts/site. A warning is an error: a link
    that leads nowhere, a parameter that is not there. Any web server shows it, such as: dotnet docfx serve artifacts/site
      dotnet run build/docs.cs
    """;

return Setup.Main(args, Help, () =>
{
    if (Arguments.Properties(args) is not []) throw new BuildException("DocFX reads the projects itself and takes no properties.");
    // Pages of types that are no longer there would stay.
    Delete("artifacts/site-api");
    Delete("artifacts/site");
    Steps.Run("dotnet tool restore", ["tool", "restore"]);
    Steps.Run("docfx", ["docfx", "build/site/docfx.json", "--warningsAsErrors"]);
    Console.WriteLine(Path.Combine(Repository.Root, "artifacts/site/index.html"));
    return 0;

    static void Delete(string folder)
    {
        var path = Path.Combine(Repository.Root, folder);
        if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
    }
});
