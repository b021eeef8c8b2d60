#:property PublishAot=false
#:project setup/Setup.csproj
using LrScheduling.Build;

const string Help = """
    Prices of 53,940 diamonds, predicted with several learning-rate schedules and on
    both engines. Restores packages, compiles and runs samples/DiamondPrices.
      dotnet run build/demo.cs
      dotnet run build/demo.cs -- [--help] [-p:Name=Value …]
    -p:Name=Value   an MSBuild property for restore and build
    """;

return Setup.Main(args, Help, () =>
{
    var properties = Arguments.Properties(args);
    string[] options = ["samples/DiamondPrices", "-c", "Release", .. properties];
    Steps.Run("dotnet restore (the first time 307 MB, mostly libtorch)", ["restore", "samples/DiamondPrices", .. properties]);
    Steps.Run("dotnet build", ["build", .. options, "--no-restore", "-v", "quiet"]);
    var exitCode = Shell.Run("dotnet", ["run", "--project", .. options, "--no-build"]);
    if (exitCode == 0) Console.WriteLine("64 trials of schedules: dotnet run --project samples/SweepSchedules -c Release");
    return exitCode;
});
