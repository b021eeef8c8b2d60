using BenchmarkDotNet.Attributes;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Benchmarks;

/// <summary>
/// What one step of a schedule costs: the target is 20 ns and nothing allocated, for any kind that is not made of others. Each measurement
/// is of a whole run from its start.
/// </summary>
[MemoryDiagnoser]
[MinColumn]
public class SteppingBenchmarks
{
    /// <summary>The steps of a run.</summary>
    internal const int Steps = 5_000_000;

    /// <summary>Every kind that is not made of others, by its name.</summary>
    internal static readonly Dictionary<string, LrSchedule> Schedules = new LrSchedule[]
    {
        LrSchedule.StepLR(stepSize: 5000, gamma: 0.99),
        LrSchedule.MultiStepLR([Steps / 4, Steps / 2, Steps * 3 / 4]),
        LrSchedule.ConstantLR(totalIters: Steps / 2),
        LrSchedule.LinearLR(totalIters: Steps),
        LrSchedule.ExponentialLR(gamma: 0.9999999),
        LrSchedule.PolynomialLR(totalIters: Steps, power: 0.9),
        LrSchedule.CosineAnnealingLR(tMax: Steps),
        LrSchedule.CosineAnnealingWarmRestarts(t0: 10, tMult: 2),
        LrSchedule.CyclicLR(baseLr: 0.001, maxLr: 0.1, mode: CyclicMode.ExpRange, gamma: 0.9999999),
        LrSchedule.OneCycleLR(maxLr: 0.1, totalSteps: Steps),
        LrSchedule.ReduceLROnPlateau(),
        LrSchedule.GreedyLR(),
        LrSchedule.CustomLR("metric < s0 ? rate : 0.9999999 * rate", ["min(s0, metric)"], [3]),
        LrSchedule.LambdaLR(epoch => 1 / (1 + 0.001 * epoch)),
        LrSchedule.LambdaLR("0.9999999 ** epoch"),
        LrSchedule.MultiplicativeLR(_ => 0.9999999),
        LrSchedule.InverseTimeLR(decayRate: 0.001),
        LrSchedule.InverseSquareRootLR(warmupSteps: 4000),
        LrSchedule.WarmupStableDecayLR(warmupSteps: Steps / 10, decaySteps: Steps / 2, stableSteps: Steps / 10 * 4),
        LrSchedule.CosineDecayLR(totalIters: Steps, endFactor: 0.1),
        LrSchedule.TanhLR(totalIters: Steps),
        LrSchedule.SWALR(swaLr: 0.05, annealEpochs: Steps),
        LrSchedule.PiecewiseLR([0, Steps / 3, Steps], [1, 0.5, 0], Interpolation.Linear),
    }.ToDictionary(schedule =>
        schedule.GetType().Name + (schedule is LambdaLR { LrLambda: [{ Expression: not null }] } ? " of an expression" : ""));

    private double[] _rates = [];
    private LrScheduler _scheduler = LrSchedule.ConstantLR().Start(1);

    /// <summary>Every kind that is not made of others.</summary>
    public static IEnumerable<string> Kinds => Schedules.Keys;

    /// <summary>The kind of schedule.</summary>
    [ParamsSource(nameof(Kinds))]
    public string Kind { get; set; } = "";

    /// <summary>The parameter groups.</summary>
    [Params(1, 2)]
    public int Groups { get; set; }

    /// <summary>One rate a group.</summary>
    [GlobalSetup]
    public void ChooseRates() => _rates = [.. Enumerable.Repeat(0.1, Groups)];

    /// <summary>Each run from its start.</summary>
    [IterationSetup]
    public void Start() => _scheduler = Schedules[Kind].Start(_rates);

    /// <summary>A step, with a metric that improves now and then (and is ignored by most kinds).</summary>
    [Benchmark(OperationsPerInvoke = Steps)]
    public void Step()
    {
        for (var step = 0; step < Steps; step++) _scheduler.Step(step % 7);
    }
}
