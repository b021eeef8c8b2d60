// Measures. Slow measurements belong here, never in a test.
//   dotnet run build/bench.cs [-- --dependencies packages|subset] [-p:Name=Value …]
// Four thousand fits in one process: memory and handles stay where they are.
#:property PublishAot=false
#:project setup/Setup.csproj
using LrScheduling.Build;

return Setup.Main(() =>
{
    var arguments = Arguments.Parse(args, "packages", "subset");
    var dependencies = Setup.Prepare(arguments);
    return Shell.Run("dotnet",
    [
        "run", "--project", "test/Microsoft.ML.LrScheduling.Benchmarks", "-c", "Release", $"-p:DependencySource={dependencies.Source}", .. arguments.Properties,
        "--", "fits",
    ]);
});
