using Microsoft.ML.LrScheduling.Schedules;
using static Microsoft.ML.LrScheduling.Schedules.LrSchedule;

namespace ScheduleGallery;

/// <summary>All that is on show, room by room.</summary>
internal static class Exhibits
{
    /// <summary>The rooms and what is in them.</summary>
    public static IReadOnlyList<(string Title, IReadOnlyList<Exhibit> Exhibits)> Rooms { get; } =
    [
        ("A function of the epoch", Functions()),
        ("In steps", Steps()),
        ("Smoothly down", Decays()),
        ("Up and down", Cycles()),
        ("By a metric", Plateaus()),
        ("Put together", Compositions()),
    ];

    private static Exhibit[] Functions() =>
    [
        Exhibit.Of("LambdaLR", "Any function of the epoch, here an expression that goes to files and back.",
            LambdaLR("0.95 ** epoch")),
        Exhibit.Of("LambdaLR-groups", "A function, and a rate to begin with, for each parameter group.",
            LambdaLR("0.97 ** epoch", "0.5 ** (epoch // 25)")) with { Rates = [0.1, 0.08], Groups = ["weights", "bias"] },
        Exhibit.Of("MultiplicativeLR", "Each rate is the one before times a factor.",
            MultiplicativeLR("1 - 0.1 * cos(epoch / 5) ** 2")),
    ];

    private static Exhibit[] Steps() =>
    [
        Exhibit.Of("StepLR", "A cut every 30 epochs.", StepLR(stepSize: 30, gamma: 0.3)),
        Exhibit.Of("MultiStepLR", "A cut at each milestone.", MultiStepLR(milestones: [30, 80], gamma: 0.3)),
        Exhibit.Of("ConstantLR", "A part of the rate at first, then all of it.", ConstantLR(factor: 0.5, totalIters: 20)),
        Exhibit.Of("PiecewiseLR", "Through given points, with jumps.",
            PiecewiseLR(milestones: [0, 20, 60, 80], factors: [0.2, 1.0, 0.5, 0.1])),
        Exhibit.Of("PiecewiseLR-linear", "Through given points, in straight lines.",
            PiecewiseLR(milestones: [0, 20, 60, 80], factors: [0.2, 1.0, 0.5, 0.1], Interpolation.Linear)),
        Exhibit.Of("PiecewiseLR-cosine", "Through given points, along cosines.",
            PiecewiseLR(milestones: [0, 20, 60, 80], factors: [0.2, 1.0, 0.5, 0.1], Interpolation.Cosine)),
    ];

    private static Exhibit[] Decays() =>
    [
        Exhibit.Of("LinearLR", "A straight line, here downwards.", LinearLR(startFactor: 1.0, endFactor: 0.1, totalIters: 80)),
        Exhibit.Of("ExponentialLR", "The same factor at every step: a straight line on a logarithmic axis.",
            ExponentialLR(gamma: 0.93)) with { Logarithmic = true },
        Exhibit.Of("ExponentialLR-staircase", "The same factor every ten epochs, all at once.",
            ExponentialLR(gamma: 0.7, decaySteps: 10, staircase: true)),
        Exhibit.Of("PolynomialLR", "To zero along a polynomial.", PolynomialLR(totalIters: 80, power: 2.0)),
        Exhibit.Of("PolynomialLR-cycle", "To an end above zero, and again over as many epochs more.",
            PolynomialLR(totalIters: 25, power: 1.0, endFactor: 0.1, cycle: true)),
        Exhibit.Of("InverseTimeLR", "Divided by a number that grows with time.", InverseTimeLR(decayRate: 0.1)),
        Exhibit.Of("InverseTimeLR-staircase", "The same, only at every tenth epoch.",
            InverseTimeLR(decayRate: 1, decaySteps: 10, staircase: true)),
        Exhibit.Of("InverseSquareRootLR", "A rise, then a fall with the square root of time.", InverseSquareRootLR(warmupSteps: 10)),
        Exhibit.Of("InverseSquareRootLR-timescale", "A fall that is slower than its rise.",
            InverseSquareRootLR(warmupSteps: 10, shift: 0, timescale: 40)),
        Exhibit.Of("CosineAnnealingLR", "Half a cosine to a minimum; past tMax it rises again.",
            CosineAnnealingLR(tMax: 75, etaMin: 0.005)),
        Exhibit.Of("CosineDecayLR", "Half a cosine that stays at its end; here it begins late.",
            CosineDecayLR(totalIters: 75, endFactor: 0.05, kDecay: 1.5)),
        Exhibit.Of("SWALR", "From wherever the rate is to another one, which stays.", SWALR(swaLr: 0.03, annealEpochs: 40)),
        Exhibit.Of("TanhLR", "Level for long, then down along a hyperbolic tangent.", TanhLR(totalIters: 80, endFactor: 0.05)),
    ];

    private static Exhibit[] Cycles() =>
    [
        Exhibit.Of("CosineAnnealingWarmRestarts", "A cosine that begins again, each time twice as long.",
            CosineAnnealingWarmRestarts(t0: 14, tMult: 2)),
        Exhibit.Of("CosineAnnealingWarmRestarts-decay", "Four periods, each by half longer and with a lower peak.",
            CosineAnnealingWarmRestarts(t0: 10, tMult: 1.5, cycleDecay: 0.7, cycleLimit: 4)),
        Exhibit.Of("CyclicLR", "Up and down by the minibatch, each cycle half as high; momentum the other way.",
            CyclicLR(baseLr: 0.01, maxLr: 0.1, stepSizeUp: 100, stepSizeDown: 150, mode: CyclicMode.Triangular2)),
        Exhibit.Of("CyclicLR-expRange", "Cycles that shrink at every step.",
            CyclicLR(baseLr: 0.01, maxLr: 0.1, stepSizeUp: 100, mode: CyclicMode.ExpRange, gamma: 0.998, cycleMomentum: false)),
        Exhibit.Of("CyclicLR-scaleFn", "The height as a function of the cycle: here every second one is a third lower.",
            CyclicLR(baseLr: 0.01, maxLr: 0.1, stepSizeUp: 100, scaleFn: "1 - (x - 1) % 2 / 3", cycleMomentum: false)),
        Exhibit.Of("CyclicLR-top", "A cycle that begins at its top, where its fiftieth step is.",
            CyclicLR(baseLr: 0.01, maxLr: 0.1, stepSizeUp: 50, stepSizeDown: 150, cycleMomentum: false) with { StartStep = 50 }),
        Exhibit.Of("OneCycleLR", "One cycle as long as the training run; momentum the other way.", OneCycleLR(maxLr: 0.1)),
        Exhibit.Of("OneCycleLR-threePhase", "Up, back as fast, then to nothing, in straight lines.",
            OneCycleLR(maxLr: 0.1, pctStart: 0.4, annealStrategy: AnnealStrategy.Linear, cycleMomentum: false, threePhase: true)),
        Exhibit.Of("OneCycleLR-groups", "A highest rate for each parameter group.",
            OneCycleLR(maxLr: [0.1, 0.04], cycleMomentum: false)) with { Rates = [0.1, 0.1], Groups = ["weights", "bias"] },
    ];

    private static Exhibit[] Plateaus() =>
    [
        Exhibit.Of("ReduceLROnPlateau", "A cut when the loss has stalled for more than 5 epochs.",
            ReduceLROnPlateau(factor: 0.3, patience: 5, threshold: 0.01)) with { Metric = Stalling, ShowMetric = true },
        Exhibit.Of("GreedyLR", "Up while the loss improves, down while it does not.",
            GreedyLR(factor: 0.8, patience: 2, threshold: 0.002, minLr: 0.005, maxLr: 0.2)) with { Metric = Stalling },
        Exhibit.Of("CustomLR", "A rule of one's own with a state: half the rate after 5 bad epochs, and a little more after each good one.",
            CustomLR(
                rate: "metric < s0 - 0.01 ? min(0.1, 1.02 * rate) : (s1 < 5 ? rate : rate / 2)",
                state: ["metric < s0 - 0.01 ? metric : s0", "metric < s0 - 0.01 ? 0 : (s1 < 5 ? s1 + 1 : 0)"],
                initialState: [1e300, 0])) with { Metric = Stalling },
        Exhibit.Of("WarmupPlateau", "The same after a warmup: any schedule can have one.",
            ReduceLROnPlateau(factor: 0.3, patience: 5, threshold: 0.01).WithWarmup(steps: 10)) with { Metric = Stalling },
    ];

    private static Exhibit[] Compositions() =>
    [
        Exhibit.Of("WarmupCosine", "A warmup by the minibatch before a cosine by the epoch.",
            CosineAnnealingLR(tMax: 90).WithWarmup(steps: 100, interval: ScheduleInterval.Batch)),
        Exhibit.Of("WarmupStableDecayLR", "Up, level, down: the level part takes what the run leaves.",
            WarmupStableDecayLR(warmupSteps: 10, decaySteps: 25)),
        Exhibit.Of("WarmupStableDecayLR-shapes", "Up along a cosine, and down fast at first.",
            WarmupStableDecayLR(
                warmupSteps: 20, decaySteps: 40, endFactor: 0.05, decayType: RampType.OneMinusSqrt, warmupType: RampType.Cos)),
        Exhibit.Of("StartStep", "A warmup in place of the first steps of a cosine.",
            SequentialLR([LinearLR(startFactor: 0, totalIters: 10), CosineDecayLR(totalIters: 100) with { StartStep = 10 }], [10])),
        Exhibit.Of("SequentialLR", "One after another, each from its own beginning.",
            SequentialLR(
                [ConstantLR(factor: 0.3, totalIters: 20), ExponentialLR(gamma: 0.97), LinearLR(0.2, 0.01, 20)],
                milestones: [20, 75])),
        Exhibit.Of("ChainedScheduler", "At the same time: the factors are multiplied.",
            ChainedScheduler([LinearLR(startFactor: 0.1, totalIters: 20), ExponentialLR(gamma: 0.98), StepLR(stepSize: 40, gamma: 0.5)])),
        Exhibit.Of("FloorLR", "A least rate under any schedule, here under a wave that falls.",
            ChainedScheduler([CosineAnnealingWarmRestarts(t0: 20), ExponentialLR(gamma: 0.98)]).WithFloor(minLr: 0.015)),
        Exhibit.Of("NoiseLR", "Noise from a seed on any schedule, here on a plateau from epoch 20 to 80.",
            ReduceLROnPlateau(factor: 0.3, patience: 5, threshold: 0.01).WithNoise(noiseStart: 20, noiseEnd: 80, noisePct: 0.3)) with
        {
            Metric = Stalling,
        },
        Exhibit.Of("Nested", "A composition of compositions: cosine waves under a falling roof, then a plateau.",
            SequentialLR(
                [
                    ChainedScheduler([CosineAnnealingWarmRestarts(t0: 15, etaMin: 0.02), ExponentialLR(gamma: 0.97)])
                        .WithWarmup(steps: 10),
                    ReduceLROnPlateau(factor: 0.5, patience: 3),
                ],
                milestones: [70])) with { Metric = Stalling },
    ];

    /// <summary>A made-up loss: it falls, stalls, falls a little more after some time, and stalls for good.</summary>
    private static double Stalling(int epoch) =>
        0.3 + 0.7 * Math.Exp(-epoch / 8.0) + (epoch < 50 ? 0.2 : 0.2 * Math.Exp(-(epoch - 50) / 4.0)) + 0.004 * Math.Sin(2.4 * epoch);
}
