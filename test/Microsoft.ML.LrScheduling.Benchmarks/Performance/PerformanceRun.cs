using System.Diagnostics;

namespace Microsoft.ML.LrScheduling.Benchmarks.Performance;

/// <summary>One run of all measurements: what they share, and what they found.</summary>
internal sealed class PerformanceRun : IDisposable
{
    /// <summary>What the tables call the loop of PyTorch.</summary>
    public const string PyTorchName = "PyTorch eager";

    /// <summary>What the tables call scikit-learn's trainer.</summary>
    public const string ScikitLearnName = "scikit-learn SGDRegressor, one row a step";

    private static readonly (string Name, Action<PerformanceRun> Measure)[] Parts =
    [
        ("machine", Machine.Measure),
        ("throughput", Throughput.Measure),
        ("losses", Throughput.MeasureLosses),
        ("sparse", SparseRuns.Measure),
        ("sparse-fit", SparseFits.Measure),
        ("sparse-growth", SparseGrowth.Measure),
        ("limits", Limits.Measure),
        ("models", ManyModels.Measure),
        ("sweep", Sweeps.Measure),
        ("fit", FitRuns.Measure),
        ("standardize", StandardizeRuns.Measure),
        ("growth", Growth.Measure),
        ("memory", MemoryRuns.Measure),
        ("quality", Quality.Measure),
        ("stepping", SteppingRuns.Measure),
    ];

    private readonly Lazy<PythonPeer> _pyTorch = new(() => new PythonPeer("pytorch_eager.py"));
    private readonly Lazy<PythonPeer> _scikitLearn = new(() => new PythonPeer("sklearn_sgd.py"));
    private readonly Lazy<PythonPeer> _sparseScikitLearn = new(() => new PythonPeer("sklearn_sparse.py"));
    private readonly string _arguments;
    private readonly string _output;

    private PerformanceRun(bool isQuick, string arguments, string output)
    {
        (IsQuick, _arguments, _output) = (isQuick, arguments, output);
        Measurement = isQuick ? new(Rounds: 5, TimeSpan.FromMilliseconds(25)) : new(Rounds: 9, TimeSpan.FromMilliseconds(150));
    }

    /// <summary>Whether the run is to be short.</summary>
    public bool IsQuick { get; }

    /// <summary>How often and for how long contestants run.</summary>
    public Measurement Measurement { get; }

    /// <summary>What was to be reached, so far.</summary>
    public List<Target> Targets { get; } = [];

    /// <summary>PyTorch, from Python.</summary>
    public PythonPeer PyTorch => _pyTorch.Value;

    /// <summary>scikit-learn.</summary>
    public PythonPeer ScikitLearn => _scikitLearn.Value;

    /// <summary>scikit-learn on sparse rows.</summary>
    public PythonPeer SparseScikitLearn => _sparseScikitLearn.Value;

    /// <summary>Measures.</summary>
    /// <param name="args"><c>[--quick] [--only part,part] --output path</c>.</param>
    /// <returns>0; 1 where the arguments are not these.</returns>
    public static int MeasureAll(string[] args)
    {
        var (isQuick, output, only) = (false, "", Parts.Select(part => part.Name).ToArray());
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] == "--quick") isQuick = true;
            else if (args[i] == "--output" && i + 1 < args.Length) output = args[++i];
            else if (args[i] == "--only" && i + 1 < args.Length && args[i + 1].Split(',') is var names && names.All(only.Contains))
                (only, i) = (names, i + 1);
            else return Refuse(args);
        }

        if (output.Length == 0) return Refuse(args);
        var isWhole = only.Length == Parts.Length;
        using var run = new PerformanceRun(
            isQuick, (isQuick ? " --quick" : "") + (isWhole ? "" : $" --only {string.Join(',', only)}"), output);
        foreach (var (name, measure) in Parts.Where(part => only.Contains(part.Name)))
        {
            var started = Stopwatch.GetTimestamp();
            measure(run);
            Console.WriteLine($"{name}: {Stopwatch.GetElapsedTime(started).TotalSeconds:F0} s\n");
        }

        var targets = Target.Table(run.Targets);
        if (isWhole) run.Add(targets);
        else Console.WriteLine($"{targets}\n");
        return 0;
    }

    /// <summary>Adds a table: prints it, and puts it into the document.</summary>
    public void Add(Table table)
    {
        Console.WriteLine($"{table}\n");
        var command = $"`dotnet run build/bench.cs{(_arguments.Length > 0 ? $" --{_arguments}" : "")}`";
        Document.Write(_output, table, $"{command}, {Machine.Name}, {Environment.ProcessorCount} cores, "
            + $"libtorch {Version.Parse(TorchSharp.torch.__version__).ToString(2)}:");
    }

    /// <summary>Why a peer is not measured.</summary>
    public string ReasonWithout(string peer) => (peer == PyTorchName ? PyTorch : ScikitLearn).Missing!;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_pyTorch.IsValueCreated) PyTorch.Dispose();
        if (_scikitLearn.IsValueCreated) ScikitLearn.Dispose();
        if (_sparseScikitLearn.IsValueCreated) SparseScikitLearn.Dispose();
    }

    private static int Refuse(string[] args)
    {
        Console.Error.WriteLine(
            "Arguments of performance must be --output path and, if wanted, --quick and --only "
            + $"{string.Join(',', Parts.Select(part => part.Name))}. Received: {string.Join(' ', args)}");
        return 1;
    }
}
