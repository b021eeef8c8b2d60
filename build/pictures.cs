#:property PublishAot=false
#:project setup/Setup.csproj
using LrScheduling.Build;

const string Help = """
    Takes the pictures of reports in docs/reports again, light and dark: runs the samples that write the reports, and opens them in
    Chromium.
      dotnet run build/pictures.cs [-- -p:Name=Value …]
    """;

return Setup.Main(args, Help, () =>
{
    Console.WriteLine($"Browser: {Browser.Prepare()}.");
    var reports = Directory.CreateTempSubdirectory("lrscheduling-reports-").FullName;
    try
    {
        foreach (var (project, argument) in new[]
            { ("samples/SweepSchedules", Path.Combine(reports, "sweep.html")), ("samples/BreastCancer", reports) })
            if (Run(project, argument) is not 0 and var failed)
                return failed;
        return Run(Repository.Tests, "pictures", reports, "docs/reports");
    }
    finally
    {
        Directory.Delete(reports, recursive: true);
    }

    int Run(string project, params string[] arguments) =>
        Shell.Run("dotnet", ["run", "--project", project, "-c", "Release", .. Arguments.Properties(args), "--", .. arguments]);
});
