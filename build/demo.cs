// The main job, from nothing: prices of 53,940 diamonds, predicted with four learning-rate schedules.
//   dotnet run build/demo.cs [-- --dependencies packages|subset] [-p:Name=Value …]
#:property PublishAot=false
#:project setup/Setup.csproj
using LrScheduling.Build;

return Setup.Main(() =>
{
    var arguments = Arguments.Parse(args, "packages", "subset");
    var dependencies = Setup.Prepare(arguments);
    return Shell.Run("dotnet",
        ["run", "--project", "samples/DiamondPrices", "-c", "Release", $"-p:DependencySource={dependencies.Source}", .. arguments.Properties]);
});
