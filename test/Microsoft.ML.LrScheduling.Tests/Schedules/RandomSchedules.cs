using FsCheck;
using FsCheck.Fluent;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Tests.Schedules;

/// <summary>
/// Random schedules for some parameter groups: every kind, valid arguments from the ordinary to the extreme, nested up to four deep. Most
/// counts of steps are small, so that a short walk passes many milestones, restarts and ends.
/// </summary>
/// <param name="groups">The parameter groups, to which settings by group fit.</param>
/// <param name="open">Whether lengths that a training run fills in may be left out.</param>
internal sealed class RandomSchedules(int groups, bool open = false)
{
    /// <summary>Finite and not negative for every step.</summary>
    private static readonly Gen<ScheduleFunction> Function = Gen.Elements(
        new ScheduleFunction[]
        {
            "1", "0", "0.95 ** epoch", "0.5 ** (epoch // 5)", "epoch / 10", "1 / (1 + 0.1 * epoch)", "(epoch + 1) ** -0.5",
            "max(0, 1 - epoch / 20)", "abs(cos(pi * epoch / 7))", "1.5 - 0.5 * exp(-epoch)", "1 + epoch % 3", "1e-300", "1e308",
            "1e300 * (epoch % 2)", "min(1e308, exp(epoch))", "epoch < 5 ? epoch / 5 : clip(0.9 ** epoch, 0.01, 1)",
            "initial < 0.1 ? 1 : round(epoch / 3)",
        });

    /// <summary>The same, and some that take a length from the run.</summary>
    private static readonly Gen<ScheduleFunction> OpenFunction = Gen.OneOf(
        Function, Gen.Elements(new ScheduleFunction[] { "max(0, 1 - epoch / steps)", "epoch < epochs / 2 ? 1 : 0.1" }));

    private static readonly Gen<bool> Coin = Gen.Elements(false, true);

    // (0, 1), [0, 1), (0, 1], [0, 1], (0, ∞) and [0, ∞): mostly ordinary, sometimes at the very edge.
    private static readonly Gen<double> Fraction =
        Ordinary(Gen.Choose(1, 999).Select(n => n / 1000.0), double.Epsilon, Math.BitDecrement(1));
    private static readonly Gen<double> Momentum = Ordinary(Fraction, 0);
    private static readonly Gen<double> PositiveUpToOne = Ordinary(Fraction, 1);
    private static readonly Gen<double> UpToOne = Ordinary(Fraction, 0, 1);
    private static readonly Gen<double> Positive = Ordinary(
        Gen.Choose(-6000, 1000).Select(n => Math.Pow(10, n / 1000.0)), double.Epsilon, 1e-300, 1, 1e300, double.MaxValue);
    private static readonly Gen<double> NonNegative = Ordinary(Positive, 0);
    private static readonly Gen<double> Gamma =
        Ordinary(Gen.Choose(100, 1100).Select(n => n / 1000.0), 0, double.Epsilon, 1, double.MaxValue);
    private static readonly Gen<double> TMult = Ordinary(Gen.Choose(2, 6).Select(n => n / 2.0), 1, 1.0000001, 1.1, double.MaxValue);

    /// <summary>A schedule nested up to four deep, the rates to start it with, and the metrics of a walk along it.</summary>
    public static Arbitrary<ScheduleDraw> Nested { get; } = Draws(static random => random.Schedule(depth: 4));

    /// <summary>A schedule that is not made of others, and what goes with it.</summary>
    public static Arbitrary<ScheduleDraw> Simple { get; } = Draws(static random => random.Schedule(depth: 1));

    /// <summary>A schedule nested up to four deep that may take its length from a training run, and what goes with it.</summary>
    public static Arbitrary<ScheduleDraw> Open { get; } = Draws(static random => random.Schedule(depth: 4), open: true);

    /// <summary>Schedules nested at most this deep.</summary>
    public Gen<LrSchedule> Schedule(int depth)
    {
        var simple = Gen.OneOf(
            Lambda(), Multiplicative(), Step(), MultiStep(), Constant(), Linear(), Exponential(), Polynomial(), Cosine(), WarmRestarts(),
            Cyclic(), OneCycle(), InverseTime(), InverseSquareRoot(), WarmupStableDecay(), Piecewise(), CosineDecay(), Tanh(), Swa(),
            Custom());
        simple = Gen.Frequency((12, InIntervals(FromSomeStep(simple))), (2, Plateau()), (1, Greedy()), (1, InIntervals(CustomByMetric())));
        if (depth == 1) return simple;
        var parts = Schedule(depth - 1);
        return Gen.Frequency((3, simple), (3, InIntervals(Sequential(parts))), (2, Chained(parts)), (2, WarmedUp(parts)),
            (2, Floored(parts)), (2, Noisy(parts)));
    }

    private static Arbitrary<ScheduleDraw> Draws(Func<RandomSchedules, Gen<LrSchedule>> schedules, bool open = false)
    {
        var draws =
            from groups in Gen.Choose(1, 3)
            from schedule in schedules(new RandomSchedules(groups, open))
            from rates in NonNegative.ArrayOf(groups)
            from seed in Gen.Choose(0, 9999)
            select new ScheduleDraw(schedule, rates, seed);
        return Arb.From(draws, draw => draw.Schedule.Parts.Select(part => draw with { Schedule = part }));
    }

    private static Gen<T> Ordinary<T>(Gen<T> ordinary, params T[] edges) => Gen.Frequency((9, ordinary), (1, Gen.Elements(edges)));

    private static Gen<int> Whole(int minimum) => Ordinary(Gen.Choose(minimum, 12), minimum, 100_000, int.MaxValue);

    /// <summary>Steps, or where a run fills them in a part of it.</summary>
    private Gen<RunLength> Steps(int minimum)
    {
        var steps = Whole(minimum).Select(steps => (RunLength)steps);
        return open ? Gen.Frequency((3, steps), (1, PositiveUpToOne.Select(part => (RunLength)part))) : steps;
    }

    private Gen<ValueList<RunLength>> Milestones(int count)
    {
        var steps = Ordinary(Gen.Choose(0, 30), 0, int.MaxValue).ArrayOf(count)
            .Select(steps => (ValueList<RunLength>)steps.Order().Select(step => (RunLength)step).ToArray());
        var parts = PositiveUpToOne.ArrayOf(count)
            .Select(parts => (ValueList<RunLength>)parts.Order().Select(part => (RunLength)part).ToArray());
        return open ? Gen.OneOf(steps, parts) : steps;
    }

    private static Gen<LrSchedule> InIntervals(Gen<LrSchedule> schedules) =>
        from schedule in schedules
        from interval in Gen.Elements(ScheduleInterval.Epoch, ScheduleInterval.Batch)
        select schedule with { Interval = interval };

    private static Gen<LrSchedule> FromSomeStep(Gen<LrSchedule> schedules) =>
        from schedule in schedules
        from step in Gen.Frequency(
            (4, Gen.Constant(0)), (2, Gen.Choose(1, 20)),
            (1, Gen.Constant(schedule is MultiplicativeLR or CustomLR ? 1000 : int.MaxValue)))
        select schedule with { StartStep = step };

    private static Gen<LrSchedule> As<T>(Gen<T> schedules) where T : LrSchedule => schedules.Select(schedule => (LrSchedule)schedule);

    private Gen<PerGroup<T>> PerGroup<T>(Gen<T> values) =>
        Gen.OneOf(values.Select(value => (PerGroup<T>)value), values.ArrayOf(groups).Select(own => (PerGroup<T>)own));

    private Gen<long?> Length(int minimum)
    {
        var given = Whole(minimum).Select(steps => (long?)steps);
        return open ? Gen.OneOf(given, Gen.Constant((long?)null)) : Ordinary(given, (long?)long.MaxValue);
    }

    private Gen<LrSchedule> Lambda() =>
        As(PerGroup(open ? OpenFunction : Function).Select(lambdas => new LambdaLR { LrLambda = lambdas }));

    private Gen<LrSchedule> Multiplicative() => As(PerGroup(Function).Select(lambdas => new MultiplicativeLR { LrLambda = lambdas }));

    private Gen<LrSchedule> Step() => As(
        from stepSize in Steps(1)
        from gamma in Gamma
        select LrSchedule.StepLR(stepSize, gamma));

    private Gen<LrSchedule> MultiStep() => As(
        from count in Gen.Choose(0, 5)
        from milestones in Milestones(count)
        from gamma in Gamma
        select LrSchedule.MultiStepLR(milestones, gamma));

    private Gen<LrSchedule> Constant() => As(
        from factor in UpToOne
        from totalIters in Steps(0)
        select LrSchedule.ConstantLR(factor, totalIters));

    private Gen<LrSchedule> Linear() => As(
        from start in UpToOne
        from end in UpToOne
        from totalIters in Steps(1)
        select LrSchedule.LinearLR(start, end, totalIters));

    private Gen<LrSchedule> Exponential() => As(
        from gamma in Gamma
        from decaySteps in Steps(1)
        from staircase in Coin
        select LrSchedule.ExponentialLR(gamma, decaySteps, staircase));

    private Gen<LrSchedule> Polynomial() => As(
        from totalIters in Steps(1)
        from power in NonNegative
        from end in NonNegative
        from cycle in Coin
        select LrSchedule.PolynomialLR(totalIters, power, end, cycle));

    private Gen<LrSchedule> Cosine() => As(
        from tMax in Steps(1)
        from etaMin in NonNegative
        select LrSchedule.CosineAnnealingLR(tMax, etaMin));

    private Gen<LrSchedule> WarmRestarts() => As(
        from t0 in Steps(1)
        from tMult in TMult
        from etaMin in NonNegative
        from decay in PositiveUpToOne
        from limit in Gen.Elements(new int?[] { null, 1, 2, 3, int.MaxValue })
        select LrSchedule.CosineAnnealingWarmRestarts(t0, tMult, etaMin, decay, limit));

    private Gen<LrSchedule> Cyclic() => As(
        from low in PerGroup(NonNegative)
        from height in PerGroup(NonNegative)
        from up in Steps(1)
        from down in Steps(1)
        from asUp in Coin
        from mode in Gen.Elements(Enum.GetValues<CyclicMode>())
        from gamma in UpToOne
        from scale in Function.Where(function => !function.ToString().Contains("initial"))
        from hasScale in Coin
        from scaleMode in Gen.Elements(Enum.GetValues<ScaleMode>())
        from cycles in Coin
        from lowMomentum in PerGroup(Momentum)
        from highMomentum in PerGroup(Momentum)
        select LrSchedule.CyclicLR(
            low, Higher(low, height), up, asUp ? null : down, mode, gamma, hasScale ? scale : null, scaleMode, cycles,
            lowMomentum, highMomentum));

    private PerGroup<double> Higher(PerGroup<double> low, PerGroup<double> height) => Enumerable.Range(0, groups)
        .Select(group => Math.Min(low.ForGroup(group) + height.ForGroup(group), double.MaxValue)).ToArray();

    private Gen<LrSchedule> OneCycle() => As(
        from maxLr in PerGroup(Positive)
        from totalSteps in Length(1)
        from pctStart in UpToOne
        from strategy in Gen.Elements(Enum.GetValues<AnnealStrategy>())
        from cycles in Coin
        from lowMomentum in PerGroup(Momentum)
        from highMomentum in PerGroup(Momentum)
        from divFactor in Positive
        from finalDivFactor in Positive
        from threePhase in Coin
        select LrSchedule.OneCycleLR(
            maxLr, totalSteps, pctStart, strategy, cycles, lowMomentum, highMomentum, divFactor, finalDivFactor, threePhase));

    private Gen<LrSchedule> Plateau() => As(
        from metric in Gen.Elements(new Metric?[] { null, null, Metric.TrainingLoss, Metric.ValidationLoss, Metric.RSquared })
        from mode in Gen.Elements(new PlateauMode?[] { null, PlateauMode.Min, PlateauMode.Max })
        from factor in Fraction
        from patience in Ordinary(Gen.Choose(0, 3), int.MaxValue)
        from threshold in NonNegative
        from thresholdMode in Gen.Elements(Enum.GetValues<ThresholdMode>())
        from cooldown in Ordinary(Gen.Choose(0, 3), int.MaxValue)
        from minLr in PerGroup(NonNegative)
        from eps in Gen.Elements(0, 1e-8, 1e-3, double.MaxValue)
        from nanPolicy in Gen.Elements(Enum.GetValues<NanPolicy>())
        from counting in Gen.Elements(Enum.GetValues<PatienceCounting>())
        select LrSchedule.ReduceLROnPlateau(
            metric is null ? mode : null, factor, patience, threshold, thresholdMode, cooldown, minLr, eps, metric, nanPolicy, counting));

    private Gen<LrSchedule> Greedy() => As(
        from mode in Gen.Elements(new PlateauMode?[] { null, PlateauMode.Min, PlateauMode.Max })
        from factor in Fraction
        from patience in Ordinary(Gen.Choose(0, 2), int.MaxValue)
        from threshold in NonNegative
        from thresholdMode in Gen.Elements(Enum.GetValues<ThresholdMode>())
        from cooldown in Ordinary(Gen.Choose(0, 3), int.MaxValue)
        from warmup in Ordinary(Gen.Choose(0, 3), int.MaxValue)
        from minLr in PerGroup(NonNegative)
        from most in PerGroup(NonNegative)
        let maxLr = (PerGroup<double>)[.. most.Select(rate => Math.Max(rate, minLr.Max()))]
        from eps in Gen.Elements(0, 1e-8, 1e-3, double.MaxValue)
        from smooth in Coin
        from window in Whole(1)
        from reset in Ordinary(Gen.Choose(1, 4), int.MaxValue)
        from nanPolicy in Gen.Elements(Enum.GetValues<NanPolicy>())
        select LrSchedule.GreedyLR(
            mode, factor, patience, threshold, thresholdMode, cooldown, warmup, minLr, maxLr, eps, smooth, window, reset,
            nanPolicy: nanPolicy));

    private static Gen<LrSchedule> Custom() => Gen.Elements<LrSchedule>(
        LrSchedule.CustomLR("0.9 * rate"),
        LrSchedule.CustomLR("x % 7 < 3 ? initial : rate / 2"),
        LrSchedule.CustomLR("initial / (1 + s0)", ["s0 + s1", "min(s1 + 1, 1e6)"], [0, 0.5]));

    private static Gen<LrSchedule> CustomByMetric() => Gen.Elements<LrSchedule>(
        LrSchedule.CustomLR("metric < s0 ? rate : rate / 2", ["metric < s0 ? metric : s0"], [1e300]),
        LrSchedule.CustomLR(
            "s1 > 2 ? initial / (1 + epoch) : rate", ["metric", "metric < s0 ? 0 : s1 + 1"], [0, 0], Metric.TrainingLoss));

    private static Gen<LrSchedule> Noisy(Gen<LrSchedule> parts) => As(
        from schedule in parts
        from start in Gen.Choose(0, 10)
        from end in Gen.Elements(new RunLength?[] { null, 20, int.MaxValue })
        from type in Gen.Elements(Enum.GetValues<NoiseType>())
        from pct in Gen.Elements(0.01, 0.3, 0.67, 1)
        from seed in Gen.Elements(0, 42, int.MaxValue)
        select schedule.WithNoise(start, end, type, pct, seed));

    private Gen<LrSchedule> InverseTime() => As(
        from decayRate in NonNegative
        from decaySteps in Steps(1)
        from staircase in Coin
        select LrSchedule.InverseTimeLR(decayRate, decaySteps, staircase));

    private Gen<LrSchedule> InverseSquareRoot() => As(
        from warmup in Steps(0)
        from shift in Whole(0)
        from timescale in Positive
        from asWarmup in Coin
        from power in NonNegative
        from start in UpToOne
        select LrSchedule.InverseSquareRootLR(warmup, shift, asWarmup ? null : timescale, power, start));

    private Gen<LrSchedule> CosineDecay() => As(
        from totalIters in Steps(1)
        from end in NonNegative
        from exponent in NonNegative
        from kDecay in Positive
        select LrSchedule.CosineDecayLR(totalIters, end, exponent, kDecay));

    private Gen<LrSchedule> Tanh() => As(
        from totalIters in Steps(1)
        from low in Positive
        from high in Positive
        from end in UpToOne
        select LrSchedule.TanhLR(totalIters, -low, high, end));

    private Gen<LrSchedule> Swa() => As(
        from rate in PerGroup(NonNegative)
        from steps in Steps(0)
        from shape in Gen.Elements(Enum.GetValues<AnnealStrategy>())
        select LrSchedule.SWALR(rate, steps, shape));

    private Gen<LrSchedule> WarmupStableDecay() => As(
        from warmup in Steps(0)
        from decay in Steps(0)
        from stable in Length(0)
        from start in PositiveUpToOne
        from end in PositiveUpToOne
        from fall in Gen.Elements(Enum.GetValues<RampType>())
        from rise in Gen.Elements(Enum.GetValues<RampType>())
        from cycles in NonNegative
        select LrSchedule.WarmupStableDecayLR(
            warmup, decay, stable, rise == RampType.Geometric ? start : 1 - start, fall == RampType.Geometric ? end : 1 - end, fall, rise,
            cycles));

    private Gen<LrSchedule> Piecewise() => As(
        from count in Gen.Choose(1, 4)
        from milestones in Milestones(count)
        from factors in NonNegative.ArrayOf(count)
        from interpolation in Gen.Elements(Enum.GetValues<Interpolation>())
        select LrSchedule.PiecewiseLR(milestones, factors, interpolation));

    private Gen<LrSchedule> Sequential(Gen<LrSchedule> parts) =>
        from count in Gen.Choose(1, 4)
        from schedules in parts.ArrayOf(count)
        from milestones in Milestones(count - 1)
        select (LrSchedule)LrSchedule.SequentialLR(schedules, milestones);

    private static Gen<LrSchedule> Chained(Gen<LrSchedule> parts) =>
        from count in Gen.Choose(1, 3)
        from schedules in parts.ArrayOf(count)
        select (LrSchedule)LrSchedule.ChainedScheduler(schedules);

    private Gen<LrSchedule> Floored(Gen<LrSchedule> parts) => As(
        from schedule in parts
        from minLr in PerGroup(NonNegative)
        select schedule.WithFloor(minLr));

    private Gen<LrSchedule> WarmedUp(Gen<LrSchedule> parts) =>
        from schedule in parts
        from steps in Steps(1)
        from startFactor in UpToOne
        from interval in Gen.Elements(new ScheduleInterval?[] { null, ScheduleInterval.Epoch, ScheduleInterval.Batch })
        select (LrSchedule)schedule.WithWarmup(steps, startFactor, interval);
}
