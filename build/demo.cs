// The main job, from nothing: prices of 53,940 diamonds, predicted with four learning-rate schedules.
//   dotnet run build/demo.cs [-- --dependencies packages|subset] [-p:Name=Value …]
#:property PublishAot=false
#:project setup/Setup.csproj
using LrScheduling.Build;

return Setup.Main(() =>
{
    var arguments = Arguments.Parse(args, "packages", "subset");
    var dependencies = Setup.Prepare(arguments);
    var exitCode = Shell.Run("dotnet",
        ["run", "--project", "samples/DiamondPrices", "-c", "Release", $"-p:DependencySource={dependencies.Source}", .. arguments.Properties]);
    if (exitCode == 0)
        Console.WriteLine($"Which schedule, which rate? 64 trials in seconds: dotnet run --project samples/SweepSchedules -c Release -p:DependencySource={dependencies.Source}");
    return exitCode;
});
