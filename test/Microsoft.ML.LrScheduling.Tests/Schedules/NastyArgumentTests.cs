using System.Reflection;
using FsCheck.Fluent;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Tests.Schedules;

/// <summary>
/// Every factory of <see cref="LrSchedule"/> with arguments of which some are zero, negative, not a number, infinite, the largest, the
/// smallest or an empty list. Either they are accepted, and then every rate is one, or an <see cref="ArgumentException"/> names the
/// argument and what was received.
/// </summary>
[TestClass]
public sealed class NastyArgumentTests
{
    private static readonly double[] Doubles =
    [
        0, -0.0, -1, double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.MaxValue, -double.MaxValue, 1e308,
        5e-324, -5e-324, 1, 0.5,
    ];

    private static readonly int[] Integers = [0, -1, 1, 2, int.MaxValue, int.MinValue];

    private static readonly MethodInfo[] Factories =
    [
        .. from method in typeof(LrSchedule).GetMethods(BindingFlags.Public | BindingFlags.Static)
           where method.ReturnType.IsSubclassOf(typeof(LrSchedule))
           select method,
    ];

    // WithWarmup, WithNoise and their like.
    private static readonly MethodInfo[] Wrappers =
    [
        .. from method in typeof(LrSchedule).GetMethods(BindingFlags.Public | BindingFlags.Instance)
           where method.ReturnType.IsSubclassOf(typeof(LrSchedule))
           select method,
    ];

    [TestMethod]
    [Timeout(300_000)]
    public void Arguments_are_refused_by_name_or_give_rates()
    {
        // One a kind, and one more for each of the three that also take delegates.
        Assert.HasCount(SampleSchedules.All.Select(schedule => schedule.GetType()).Distinct().Count() + 3, Factories);
        CollectionAssert.AreEquivalent(new[] { "WithFloor", "WithNoise", "WithWarmup" }, Wrappers.Select(method => method.Name).ToArray());
        var seeds = Gen.Choose(0, int.MaxValue).ToArbitrary();
        foreach (var factory in Factories.Concat(Wrappers))
            Draws.Hold(Prop.ForAll(seeds, seed => AssertTotalOrRefused(factory, new Random(seed))), 500);
    }

    [TestMethod]
    [Timeout(300_000)]
    public void Rates_to_start_with_are_refused_by_name_or_give_rates() => ScheduleDraw.Check(RandomSchedules.Simple, 500, draw =>
    {
        var random = new Random(draw.Seed);
        double[] rates = [.. draw.Rates.Select(rate => random.Next(2) == 0 ? rate : Any(random, Doubles))];
        var mustRefuse = rates.Any(rate => !(rate >= 0 && double.IsFinite(rate)));
        if (mustRefuse) AssertNames(Assert.Throws<ArgumentException>(() => draw.Schedule.Start(rates)), ["learningRates"]);
        else AssertTotal((draw with { Rates = rates }).Start(), draw);
    });

    [TestMethod]
    public void A_wrong_number_of_groups_is_refused_by_name() => ScheduleDraw.Check(RandomSchedules.Nested, 500, draw =>
    {
        double[] rates = [.. draw.Rates, 0.1, 0.1, 0.1];
        try
        {
            AssertTotal((draw with { Rates = rates }).Start(), draw);
        }
        catch (ArgumentException error)
        {
            AssertNames(error, ["lrLambda", "baseLr", "maxLr", "baseMomentum", "maxMomentum", "minLr", "swaLr"]);
        }
    });

    [TestMethod]
    public void A_GreedyLR_whose_least_rate_is_above_its_largest_is_refused()
    {
        // Its default minLr is 0.001: it would rise and never fall.
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => LrSchedule.GreedyLR(maxLr: 5e-4));
        StringAssert.StartsWith(error.Message, "maxLr must be at least minLr (0.001). Received: 0.0005");
        Assert.Throws<ArgumentException>(() => LrSchedule.GreedyLR(minLr: (double[])[0.1, 0.2], maxLr: (double[])[1, 1, 1]));
    }

    [TestMethod]
    public void A_part_that_grows_without_end_hands_over_a_number()
    {
        // The rate is 2e308 on the step on which SWALR takes over from it.
        var schedule = LrSchedule.SequentialLR(
            [LrSchedule.StepLR(stepSize: 1, gamma: 1e308), LrSchedule.SWALR(double.MaxValue, annealEpochs: 0)], milestones: [1]);
        Curve.AssertIs([2, double.MaxValue, double.MaxValue], Curve.Of(schedule, 2, 3));
        schedule = schedule with { Schedules = [schedule.Schedules[0], LrSchedule.ReduceLROnPlateau(factor: 0.5, patience: 0)] };
        Curve.AssertIs([2, double.MaxValue, double.MaxValue, double.MaxValue / 2], Curve.OfMetrics(schedule, 2, [1, 1, 1]));
    }

    private static void AssertTotalOrRefused(MethodInfo factory, Random random)
    {
        var arguments = factory.GetParameters().Select(parameter => Argument(parameter, random)).ToArray();
        var names = factory.GetParameters().Select(parameter => parameter.Name!).ToArray();
        var shown = $"{factory.Name}({string.Join(", ", names.Zip(arguments, (name, argument) => $"{name}: {argument ?? "null"}"))})";
        try
        {
            var of = factory.IsStatic ? null : LrSchedule.CosineAnnealingLR(tMax: 0.5);
            var schedule = (LrSchedule)factory.Invoke(of, BindingFlags.DoNotWrapExceptions, null, arguments, null)!;
            var draw = new ScheduleDraw(schedule.ForRun(epochs: 3, stepsPerEpoch: 4), [0.1, 1e-3], random.Next());
            AssertTotal(draw.Start(), draw);
        }
        catch (ArgumentException error)
        {
            AssertNames(error, names, shown);
        }
        catch (Exception error) when (error is not AssertFailedException)
        {
            Assert.Fail($"{shown}: {error}");
        }
    }

    private static void AssertNames(ArgumentException error, string[] names, string what = "")
    {
        CollectionAssert.Contains(names, error.ParamName, $"{what}: {error}");
        StringAssert.StartsWith(error.Message, $"{error.ParamName} must ", what);
        StringAssert.Contains(error.Message, "Received: ", what);
    }

    private static void AssertTotal(LrScheduler scheduler, ScheduleDraw draw)
    {
        for (var time = 0; time < 100; draw.Step(scheduler, time++))
        {
            Assert.IsTrue(scheduler.LearningRates.All(rate => rate >= 0 && double.IsFinite(rate)), $"rates after step {time} of {draw}");
            Assert.IsTrue(scheduler.Momenta.All(momentum => momentum is >= 0 and < 1), $"momenta after step {time} of {draw}");
        }
    }

    /// <summary>For a parameter with a default, half the time that; else a nasty value of its type.</summary>
    private static object? Argument(ParameterInfo parameter, Random random)
    {
        var type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        if (parameter.HasDefaultValue && random.Next(2) == 0)
            // Reflection has the default of an enum as its number.
            return parameter.RawDefaultValue is int number && type.IsEnum ? Enum.ToObject(type, number) : parameter.RawDefaultValue;
        if (type == typeof(double)) return Any(random, Doubles);
        if (type == typeof(int)) return Any(random, Integers);
        if (type == typeof(long)) return random.Next(4) == 0 ? Any(random, long.MinValue, long.MaxValue) : (long)Any(random, Integers);
        if (type == typeof(bool)) return random.Next(2) == 0;
        if (type.IsEnum) return Enum.ToObject(type, random.Next(4) == 0 ? Any(random, Integers) : random.Next(2));
        if (type == typeof(PerGroup<double>)) return (PerGroup<double>)Many(random, Doubles);
        if (type == typeof(ValueList<double>)) return (ValueList<double>)Many(random, Doubles);
        if (type == typeof(RunLength)) return AnyLength(random);
        if (type == typeof(ValueList<RunLength>))
            return (ValueList<RunLength>)[.. Many<Func<RunLength>>(random, [() => AnyLength(random)]).Select(any => any())];
        if (type == typeof(ScheduleFunction)) return (ScheduleFunction)"1 / x";
        if (type == typeof(string)) return Any(random, "rate", "0 * x", "abs(sin(s0))", "min(rate, abs(s1))");
        if (type == typeof(double[])) return Many(random, Doubles);
        if (type == typeof(Func<LrStep, double>)) return (Func<LrStep, double>)(step => step.LearningRate);
        if (type == typeof(Func<LrStep, double>[])) return Many<Func<LrStep, double>>(random, [step => step.Metric, step => step.State[0]]);
        if (type == typeof(string[])) return Many(random, ["0.5", "1e308", "5e-324 * epoch"]);
        if (type == typeof(Func<int, double>[])) return Many<Func<int, double>>(random, [_ => 0.5, _ => double.MaxValue, epoch => epoch]);
        if (type == typeof(LrSchedule)) return Any<LrSchedule>(random, LrSchedule.StepLR(1), LrSchedule.OneCycleLR(1e308));
        if (type == typeof(ValueList<LrSchedule>))
            return (ValueList<LrSchedule>)Many<LrSchedule>(random, [LrSchedule.StepLR(1), LrSchedule.OneCycleLR(1e308)]);
        throw new NotSupportedException($"an argument of type {type}");
    }

    private static RunLength AnyLength(Random random) =>
        random.Next(4) == 0 ? (RunLength)Any(random, [.. Doubles, double.Epsilon, 2.0, 1e300]) : (RunLength)Any(random, Integers);

    private static T Any<T>(Random random, params T[] values) => values[random.Next(values.Length)];

    private static T[] Many<T>(Random random, T[] values) => [.. Enumerable.Range(0, random.Next(4)).Select(_ => Any(random, values))];
}
