#:property PublishAot=false
#:project setup/Setup.csproj
using LrScheduling.Build;

const string Help = """
    Builds everything and runs all tests. The last line is: N passed, N failed[, N skipped]
      dotnet run build/test.cs [-- -p:Name=Value …]
    """;

return Setup.Main(args, Help, () =>
{
    var properties = Arguments.Properties(args);
    Console.WriteLine($"Browser: {Browser.Prepare()}. Redis: {Redis.Prepare()}. Peers: {PythonPeers.Prepare()}.");
    var counts = TestRun.Run(properties);
    Console.WriteLine(counts);
    return counts is { Failed: 0, Passed: > 0 } ? 0 : 1;
});
