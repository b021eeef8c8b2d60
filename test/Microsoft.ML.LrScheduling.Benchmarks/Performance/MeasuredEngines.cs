using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Engines.Fused;
using Microsoft.ML.LrScheduling.Engines.Torch;

namespace Microsoft.ML.LrScheduling.Benchmarks.Performance;

/// <summary>The engines that are measured.</summary>
internal static class MeasuredEngines
{
    /// <summary>The name of the engine of fused loops.</summary>
    public const string Fused = "fused";

    /// <summary>The name of the engine over TorchSharp.</summary>
    public const string Torch = "Torch";

    private static readonly (string Name, Func<LinearProblem, ILinearEngine> Create)[] Known =
    [
        (Fused, problem => new FusedEngine(problem)),
        (Torch, problem => new TorchEngine(problem)),
    ];

    /// <summary>Why nothing of TorchSharp can run here; null where it can.</summary>
    public static string? TorchMissing { get; } = FindTorchMissing();

    /// <summary>Those that can run here, by the names that the tables call them.</summary>
    public static (string Name, Func<LinearProblem, ILinearEngine> Create)[] Here { get; } =
        [.. Known.Where(engine => engine.Name != Torch || TorchMissing is null)];

    /// <summary>Whether an engine can run here.</summary>
    public static bool Has(string name) => Here.Any(engine => engine.Name == name);

    /// <summary>Why an engine is not measured.</summary>
    public static string ReasonWithout(string name) => name == Torch ? TorchMissing! : $"there is no {name} engine";

    private static string? FindTorchMissing()
    {
        try
        {
            TorchRuntime.Check();
            return null;
        }
        catch (InvalidOperationException e)
        {
            return e.Message;
        }
    }
}
