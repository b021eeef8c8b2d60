#:property PublishAot=false
#:project setup/Setup.csproj
using LrScheduling.Build;

const string Help = """
    Measures. Slow measurements belong here, never in a test.
      dotnet run build/bench.cs [-- --quick] [--only part,part] [-p:Name=Value …]
          The machine, our engines, their peers, Fit, memory, growth, quality: as ratios taken in one run, into the tables of
          docs/performance.md.
      dotnet run build/bench.cs -- fits
          Four thousand fits of each engine in one process: memory and handles stay where they are.
      dotnet run build/bench.cs -- cluster
          Sweeps on workers of Orleans with Debian's redis-server: trials a second, what a batch costs beside its training, how long the
          trials of a killed worker wait, and simulated workers: the figures of docs/cluster.md. With "simulated" or
          "ledger" behind it these, or the size of a large study, alone.
      dotnet run build/bench.cs -- file
          10 GB of rows, trained on in 1 GB of memory.
      dotnet run build/bench.cs -- quality FOLDER
          The defaults of the trainers on files of FOLDER, rows held out, beside other settings and ML.NET's own trainers: the tables of
          docs/trainers.md. The files, of those that are there: airquality.csv, boston.csv, swiss.csv, pima2.csv, titanic.csv, iris.csv,
          penguins.csv, vehicle.csv; each is a data set of an R package as write.csv writes it, with row names.
      dotnet run build/bench.cs -- schedules
          Schedules on the files of samples/data, short and long runs, three rates, rows held out: the tables of docs/which-schedule.md.
          A few minutes; the same figures again on the same kind of processor.
      dotnet run build/bench.cs -- finder FOLDER [FILE.svg]
          The rates that LearningRateFinder suggests for the data sets in a folder, and scores beside the best of a grid of rates; or
          its curves for one of them as a picture. docs/sweeps.md says which data sets.
    """;

return Setup.Main(args, Help, () =>
{
    var (properties, rest) = Arguments.Split(args);
    if (rest is [] or ["--quick" or "--only", ..])
    {
        Console.WriteLine($"Peers: {PythonPeers.Prepare()}.");
        rest = ["performance", "--output", "docs/performance.md", .. rest];
    }

    return Shell.Run(
        "dotnet", ["run", "--project", "test/Microsoft.ML.LrScheduling.Benchmarks", "-c", "Release", .. properties, "--", .. rest]);
});
