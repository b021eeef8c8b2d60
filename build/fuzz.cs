// Gives mutated inputs to everything that is read: schedules as JSON and text, expressions, options, histories, model files, checkpoints.
//   dotnet run build/fuzz.cs [-- --dependencies packages|subset] [-p:Name=Value …]
#:property PublishAot=false
#:project setup/Setup.csproj
using LrScheduling.Build;

return Setup.Main(() =>
{
    var arguments = Arguments.Parse(args, "packages", "subset");
    var dependencies = Setup.Prepare(arguments);
    return Shell.Run("dotnet",
        ["run", "--project", Repository.Tests, "-c", "Release", $"-p:DependencySource={dependencies.Source}", .. arguments.Properties, "--", "fuzz", "100000", $"{Random.Shared.Next()}"]);
});
