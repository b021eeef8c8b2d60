#:property PublishAot=false
#:project setup/Setup.csproj
using LrScheduling.Build;

const string Help = """
    Gives mutated and large inputs to everything that is read, and uses what is read: schedules as JSON and text are walked along, their
    states gone on from, options made trainers of, histories reported and written again, checkpoints trained on from, search spaces drawn
    from, journals and states of sweeps gone on from. Each reader has a process of its own, whose time and memory are measured. Prints a
    table; the exit code is 1 if anything was undocumented, took more than 2 s or more than 256 MB.
      dotnet run build/fuzz.cs [-- --cases N] [--seed N] [--only READER] [-p:Name=Value …]
          N mutated inputs for each reader, 5,000 by default, which take some minutes; of the readers whose names begin with READER.
    """;

return Setup.Main(args, Help, () =>
{
    var (properties, rest) = Arguments.Split(args);
    return Shell.Run("dotnet", ["run", "--project", Repository.Tests, "-c", "Release", .. properties, "--", "fuzz", .. rest]);
});
