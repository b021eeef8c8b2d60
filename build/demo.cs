#:property PublishAot=false
#:project setup/Setup.csproj
using LrScheduling.Build;

const string Help = """
    The main job, from nothing: prices of 53,940 diamonds, predicted with several learning-rate schedules.
      dotnet run build/demo.cs [-- -p:Name=Value …]
    """;

return Setup.Main(args, Help, () =>
{
    string[] options = ["samples/DiamondPrices", "-c", "Release", .. Arguments.Properties(args)];
    Steps.Run("Restoring packages (about 1.5 GB the first time: libtorch is large)", ["restore", "samples/DiamondPrices", .. Arguments.Properties(args)]);
    Steps.Run("Compiling", ["build", .. options, "--no-restore", "-v", "quiet"]);
    var exitCode = Shell.Run("dotnet", ["run", "--project", .. options, "--no-build"]);
    if (exitCode == 0) Console.WriteLine("Which schedule, which rate? 64 trials in seconds:\n  dotnet run --project samples/SweepSchedules -c Release");
    return exitCode;
});
