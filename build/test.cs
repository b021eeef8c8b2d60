// Builds everything and runs all tests; the last line is `N passed, N failed[, N skipped]`.
//   dotnet run build/test.cs [-- --dependencies packages|subset|all] [-p:Name=Value …]
// all: the subset always, and the packages as well where the feed has them.
#:property PublishAot=false
#:project setup/Setup.csproj
using LrScheduling.Build;

return Setup.Main(() =>
{
    var arguments = Arguments.Parse(args, "packages", "subset", "all");
    var found = Setup.Prepare(arguments);
    Console.WriteLine($"Browser: {Browser.Prepare()}.");
    string[] sources = [found.Source];
    if (arguments.Dependencies == "all" && found.Source == "packages")
    {
        Setup.Prepare(arguments with { Dependencies = "subset" });
        sources = ["subset", "packages"];
    }

    var total = new TestCounts(0, 0, 0);
    foreach (var source in sources) total += TestRun.Run(source, [.. arguments.Properties, .. Dependencies.FindAutoML(source, arguments)]);
    Console.WriteLine(total);
    return total is { Failed: 0, Passed: > 0 } ? 0 : 1;
});
