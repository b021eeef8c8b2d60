#:property PublishAot=false
#:project setup/Setup.csproj
using LrScheduling.Build;

const string Help = """
    Kills (SIGKILL) the processes of a cluster while they sweep: workers, the silo with the study, the sweep, each at a random moment,
    and Redis twice. Sweeps at random and by halving follow one another until all kills are done. The exit code is 1 if a journal has
    not each trial once, or scores or weights are not those of one process, bit for bit. Needs Debian's redis-server.
      dotnet run build/kills.cs [-- --kills N] [--seed N] [-p:Name=Value …]
          N kills, 30 by default, beside those of Redis; the seed is 21 by default. Takes some minutes.
    """;

return Setup.Main(args, Help, () =>
{
    var (properties, rest) = Arguments.Split(args);
    return Shell.Run("dotnet", ["run", "--project", Repository.Tests, "-c", "Release", .. properties, "--", "kills", .. rest]);
});
