using System.Text.Json;
using Microsoft.ML.LrScheduling.Reports;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Tests.Schedules;

namespace Microsoft.ML.LrScheduling.Tests.Fuzzing;

/// <summary>
/// Schedules, their states and their functions. What is read is written and read again, started, walked along, saved and gone on from,
/// previewed and drawn.
/// </summary>
internal static class ScheduleInputs
{
    private const int Steps = 20;

    private static readonly double[][] Groups = [[0.1, 0.2], [0.1], [0.1, 0.2, 0.3]];

    public static IEnumerable<FuzzReader> All =>
    [
        new("schedule JSON", () => FuzzText.Bytes(SampleSchedules.All.Select(schedule => schedule.ToJson())),
            (bytes, _) => UseOf(LrSchedule.FromJson(FuzzText.Of(bytes))), typeof(JsonException))
        {
            Large =
            [
                ("100,000 functions", () => FuzzText.List("{\"type\":\"LambdaLR\",\"lrLambda\":[", "\"x\"", 100_000, "]}")),
                ("1,000,000 functions", () => FuzzText.List("{\"type\":\"LambdaLR\",\"lrLambda\":[", "\"x\"", 1_000_000, "]}")),
                ("1,000,000 parts", () => FuzzText.List(
                    "{\"type\":\"ChainedScheduler\",\"schedules\":[", "{\"type\":\"ConstantLR\"}", 1_000_000, "]}")),
                ("250,000 milestones", () => FuzzText.List("{\"type\":\"MultiStepLR\",\"milestones\":[", "7", 250_000, "]}")),
            ],
        },
        new("schedule text", () => FuzzText.Bytes(SampleSchedules.All.Select(schedule => schedule.ToString())),
            (bytes, _) => UseOf(LrSchedule.Parse(FuzzText.Of(bytes))), typeof(FormatException))
        {
            Large =
            [
                ("249,000 functions", () => FuzzText.List("LambdaLR([", "'x'", 249_000, "])")),
                ("490,000 words", () => FuzzText.List("LambdaLR([", "x", 490_000, "])")),
                ("1,000,000 parts", () => FuzzText.List("ChainedScheduler([", "ConstantLR()", 1_000_000, "])")),
                ("250,000 milestones", () => FuzzText.List("MultiStepLR([", "7", 250_000, "])")),
            ],
        },
        new("state of a schedule", () => FuzzText.Bytes(States()), (bytes, _) => GoOn(bytes), typeof(JsonException))
        {
            Large =
            [
                ("1,000,000 parts", () => FuzzText.List(
                    "{\"StepCount\":1,\"InitialLearningRates\":[1],\"LearningRates\":[1],\"Schedule\":[",
                    "{\"Kind\":\"ConstantLR\",\"Step\":0}", 1_000_000, "]}")),
                ("1,000,000 rates", () => FuzzText.List(
                    "{\"StepCount\":1,\"Schedule\":[{\"Kind\":\"ConstantLR\",\"Step\":0}],\"InitialLearningRates\":[1],\"LearningRates\":[",
                    "1", 1_000_000, "]}")),
            ],
        },
        new("expression",
            () => FuzzText.Bytes(
                ["0.95 ** epoch", "0.5 ** (epoch // 5)", "min(1, (epoch + 1) / 10) * max(0.1, cos(pi * epoch / 100))", "-2 ** -x % 3",
                "epoch < 5 ? pow(epoch / 5, 2) : epoch <= steps / 2 ? clip(initial, 0.1, 1) : round(tanh(epoch)) != 0",
                "metric < s0 ? rate : rate / (1 + s1)"]),
            (bytes, _) => UseOf(ScheduleFunction.Parse(FuzzText.Of(bytes))), typeof(FormatException))
        {
            Large =
            [
                ("1,000,000 terms", () => FuzzText.Repeat("x", "+x", 1_000_000, "")),
                ("1,000,000 parentheses", () => FuzzText.Repeat("", "(", 1_000_000, "x")),
            ],
        },
    ];

    /// <summary>Walks along a schedule from its start, or as far as it goes.</summary>
    public static Action UseOf(LrSchedule schedule) => () =>
    {
        Assert.AreEqual(schedule, LrSchedule.Parse(schedule.ToString()));
        Assert.AreEqual(schedule, LrSchedule.FromJson(schedule.ToJson()));
        foreach (var rates in Groups)
        {
            if (Started(schedule, rates) is { } scheduler) Walk(scheduler);
            Preview(schedule, rates);
        }
    };

    private static Action UseOf(ScheduleFunction function) => () =>
    {
        foreach (var argument in new[] { 0, 7, -1, 0.5, 1e300, double.NaN }) _ = function.Invoke(argument);
        Assert.AreEqual(function, ScheduleFunction.Parse(function.ToString()));
        if (Of(function) is { } schedule) UseOf(schedule)();
    };

    /// <summary>A schedule that has the function; null where it names more numbers of a state than there are.</summary>
    private static LrSchedule? Of(ScheduleFunction function)
    {
        if (!function.NeedsStep) return LrSchedule.LambdaLR(function.Expression!);
        try
        {
            return LrSchedule.CustomLR(function.Expression!, ["metric", "s0 + 1"], [0, 1]);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static LrScheduler? Started(LrSchedule schedule, double[] rates)
    {
        try
        {
            return schedule.ForRun(Steps, 1).Start(rates);
        }
        // The settings do not fit the groups or the run, or a function gives no factor.
        catch (Exception e) when (e is ArgumentException or ScheduleException)
        {
            return null;
        }
    }

    /// <summary>Takes steps; half way one that was saved as JSON goes on beside it.</summary>
    private static void Walk(LrScheduler scheduler)
    {
        _ = scheduler.ToString();
        LrScheduler? resumed = null;
        for (var step = 0; step < Steps; step++)
        {
            if (step == Steps / 2)
            {
                var saved = scheduler.Save();
                var read = JsonSerializer.Deserialize<LrSchedulerState>(JsonSerializer.Serialize(saved))!;
                Assert.AreEqual(saved, read);
                resumed = scheduler.Schedule.Resume(read);
            }

            try
            {
                scheduler.Step(1.0 / (step + 1));
            }
            catch (ScheduleException)
            {
                return;
            }

            foreach (var rate in scheduler.LearningRates) Assert.IsTrue(rate is >= 0 and <= double.MaxValue, $"a rate of {rate}");
            foreach (var momentum in scheduler.Momenta) Assert.IsTrue(momentum is >= 0 and < 1, $"a momentum of {momentum}");
            resumed?.Step(1.0 / (step + 1));
            if (resumed is not null) CollectionAssert.AreEqual(scheduler.LearningRates.ToArray(), resumed.LearningRates.ToArray());
            if (resumed is not null) CollectionAssert.AreEqual(scheduler.Momenta.ToArray(), resumed.Momenta.ToArray());
        }
    }

    private static void Preview(LrSchedule schedule, double[] rates)
    {
        LrCurve curve;
        try
        {
            curve = schedule.Preview(epochs: 5, stepsPerEpoch: Steps / 5, rates, epoch => 1.0 / (epoch + 1));
        }
        catch (Exception e) when (e is ArgumentException or ScheduleException)
        {
            return;
        }

        _ = curve.ToText();
        _ = curve.ToSvg();
        _ = curve.ToString();
    }

    private static IEnumerable<string> States()
    {
        foreach (var schedule in SampleSchedules.All)
        {
            var scheduler = schedule.ForRun(100, 10).Start(0.1, 0.2);
            for (var step = 0; step < 7; step++) scheduler.Step(step % 3);
            yield return JsonSerializer.Serialize(scheduler.Save());
        }
    }

    /// <summary>Each schedule takes the state, with its text and without, or refuses it.</summary>
    private static Action GoOn(byte[] bytes)
    {
        var state = JsonSerializer.Deserialize<LrSchedulerState>(FuzzText.Of(bytes)) ?? throw new JsonException("There is no state.");
        var resumed = new List<LrScheduler>();
        foreach (var schedule in SampleSchedules.All)
            foreach (var own in new[] { state, state with { ScheduleText = null } })
                try
                {
                    resumed.Add(schedule.ForRun(100, 10).Resume(own));
                }
                catch (ArgumentException)
                {
                    // It is one of another schedule, or damaged.
                }

        if (resumed.Count == 0) throw new JsonException("No schedule goes on from the state.");
        return () =>
        {
            _ = state.ToString();
            foreach (var scheduler in resumed) Walk(scheduler);
        };
    }
}
