using Microsoft.ML.LrScheduling.Schedules;
using static Microsoft.ML.LrScheduling.Schedules.LrSchedule;

namespace Microsoft.ML.LrScheduling.Tests.Schedules;

/// <summary>Schedules of every kind, with settings of every sort, for the tests of the written forms.</summary>
internal static class SampleSchedules
{
    public static readonly LrSchedule[] All =
    [
        StepLR(stepSize: 30),
        StepLR(stepSize: 30, gamma: 1.0 / 3) with { Interval = ScheduleInterval.Batch },
        MultiStepLR([0, 30, 30, 80], gamma: 0.5),
        MultiStepLR([]),
        ConstantLR(factor: 0.25, totalIters: 4),
        LinearLR(),
        LinearLR(startFactor: 0.01, totalIters: 5),
        ExponentialLR(gamma: 0.1 + 0.2),
        PolynomialLR(totalIters: 7, power: 2),
        CosineAnnealingLR(tMax: 95, etaMin: 1e-300),
        CosineAnnealingWarmRestarts(t0: 10, tMult: 2),
        LambdaLR("0.95**epoch"),
        LambdaLR("0.5 ** (epoch // 5)", "min(1, (x + 1) / 10)"),
        MultiplicativeLR("0.95"),
        LambdaLR("epoch < 5 ? epoch / 5 : clip(1 - epoch / steps, 0.1, 1)", "initial > 0.01 ? tanh(1 / (1 + epoch)) : 1"),
        CyclicLR(baseLr: 0.01, maxLr: 0.1),
        CyclicLR([0.01, 0.02], [0.1, 0.2], stepSizeUp: 3, stepSizeDown: 5, mode: CyclicMode.ExpRange, gamma: 0.99, cycleMomentum: false),
        CyclicLR(0.01, 0.1, scaleFn: "1 / 2 ** (x - 1)", scaleMode: ScaleMode.Iterations, baseMomentum: (double[])[0.7, 0.75]),
        OneCycleLR(maxLr: 0.1),
        OneCycleLR(maxLr: 0.1, totalSteps: 10_000_000_000, annealStrategy: AnnealStrategy.Linear, threePhase: true,
            finalDivFactor: double.MaxValue),
        ReduceLROnPlateau(),
        ReduceLROnPlateau(patience: 2, thresholdMode: ThresholdMode.Abs, minLr: (double[])[1e-5, 1e-6]) with { Mode = PlateauMode.Max },
        InverseTimeLR(decayRate: 0.5),
        ReduceLROnPlateau(patience: 3, metric: Metric.RSquared, counting: PatienceCounting.Keras),
        GreedyLR(),
        GreedyLR(PlateauMode.Max, 0.5, patience: 1, warmup: 2, minLr: (double[])[1e-4, 1e-5], maxLr: 0.5, smooth: true, windowSize: 3),
        CosineDecayLR(totalIters: 1.0).WithNoise(noiseStart: 0.4, noiseEnd: 0.9, NoiseType.Uniform, noisePct: 0.1, noiseSeed: 3),
        ReduceLROnPlateau(patience: 1).WithNoise().WithWarmup(5),
        CustomLR("0.9 * rate"),
        CustomLR("metric < s0 ? rate : (s1 < 3 ? rate : rate / 2)", ["min(metric, s0)", "metric < s0 ? 0 : (s1 < 3 ? s1 + 1 : 0)"],
            [1e300, 0], Metric.LogLoss) with { Interval = ScheduleInterval.Batch },
        CosineDecayLR(totalIters: 1.0).WithWarmup(0.1, startFactor: 0),
        MultiStepLR([0.3, 0.8, 1.0]),
        PolynomialLR(totalIters: 7, power: 0.5, endFactor: 0.1, cycle: true),
        ExponentialLR(gamma: 0.96, decaySteps: 1000, staircase: true) with { Interval = ScheduleInterval.Batch },
        CosineAnnealingWarmRestarts(t0: 10, tMult: 1.5, cycleDecay: 0.5, cycleLimit: 3),
        CosineDecayLR(totalIters: 30, endFactor: 0.1, exponent: 2, kDecay: 1.5),
        TanhLR(totalIters: 30, lowerBound: -6, upperBound: 4, endFactor: 0.1),
        InverseSquareRootLR(warmupSteps: 10, shift: 0, timescale: 20, power: 0.25, startFactor: 0.5) with { StartStep = 3 },
        WarmupStableDecayLR(5, 10, 20, 0.1, 0.1, RampType.OneMinusSqrt, RampType.Cos, numCycles: 1.5),
        WarmupStableDecayLR(5, 10, 20, 0.1, 0.1, RampType.Exponential, RampType.Geometric),
        PiecewiseLR([0, 10, 20], [0, 1, 0.5], Interpolation.Cosine),
        SequentialLR([LinearLR(startFactor: 0, totalIters: 5), CosineAnnealingLR(tMax: 95) with { StartStep = 5 }], milestones: [5]),
        SWALR(0.02),
        SequentialLR([StepLR(3), SWALR((double[])[0.02, 0], annealEpochs: 4, AnnealStrategy.Linear)], milestones: [5]),
        InverseSquareRootLR(warmupSteps: 4000),
        WarmupStableDecayLR(warmupSteps: 5, decaySteps: 10),
        PiecewiseLR([0, 10, 20], [0, 1, 0.5], Interpolation.Linear),
        SequentialLR([LinearLR(startFactor: 0.01, totalIters: 5), CosineAnnealingLR(tMax: 95)], milestones: [5]),
        ChainedScheduler([StepLR(3), SequentialLR([LambdaLR("1"), ReduceLROnPlateau()], [4]) with { Interval = ScheduleInterval.Batch }]),
        CosineAnnealingLR(tMax: 95).WithFloor(1e-3),
        (StepLR(3) with { Interval = ScheduleInterval.Batch }).WithFloor((double[])[0.01, 0]).WithWarmup(5).WithFloor(0),
        ReduceLROnPlateau(patience: 3).WithWarmup(steps: 500, interval: ScheduleInterval.Batch),
        Nested(levels: 31),
    ];

    /// <summary>Composites within each other, around one cut.</summary>
    public static LrSchedule Nested(int levels) =>
        Enumerable.Range(0, levels).Aggregate((LrSchedule)LambdaLR("1", "2"), (part, _) => ChainedScheduler([part]));

    /// <summary>A text with a few random changes: characters put in, taken out and exchanged, stretches doubled and cut off.</summary>
    public static string Mutate(string text, string alphabet, Random random)
    {
        for (var changes = random.Next(1, 5); changes > 0; changes--)
        {
            var (at, letter) = (random.Next(text.Length + 1), alphabet[random.Next(alphabet.Length)]);
            var end = random.Next(at, text.Length + 1);
            text = random.Next(5) switch
            {
                0 => text.Insert(at, letter.ToString()),
                1 when at < text.Length => text.Remove(at, 1),
                2 when at < text.Length => text.Remove(at, 1).Insert(at, letter.ToString()),
                3 => text[..end] + text[at..],
                _ when random.Next(20) == 0 => text[..at],
                _ => text,
            };
        }

        return text;
    }
}
