#:property PublishAot=false
#:project setup/Setup.csproj
using LrScheduling.Build;

const string Help = """
    Gives mutated inputs to everything that is read: schedules as JSON and text, their states, expressions, options, histories, model files,
    checkpoints, search spaces, journals and states of sweeps.
      dotnet run build/fuzz.cs [-- -p:Name=Value …]
    """;

return Setup.Main(args, Help, () => Shell.Run("dotnet",
    ["run", "--project", Repository.Tests, "-c", "Release", .. Arguments.Properties(args), "--", "fuzz", "100000",
        $"{Random.Shared.Next()}"]));
