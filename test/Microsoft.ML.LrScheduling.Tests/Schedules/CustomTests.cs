using System.Text.Json;
using Microsoft.ML.LrScheduling.Schedules;
using static Microsoft.ML.LrScheduling.Schedules.LrSchedule;

namespace Microsoft.ML.LrScheduling.Tests.Schedules;

[TestClass]
public sealed class CustomTests
{
    // A plateau of patience 2 and factor a half: s0 is the best metric, s1 the bad epochs in a row.
    private static readonly CustomLR Plateau = CustomLR(
        rate: "metric < s0 * 0.9999 ? rate : (s1 < 2 ? rate : rate / 2)",
        state: ["metric < s0 * 0.9999 ? metric : s0", "metric < s0 * 0.9999 ? 0 : (s1 < 2 ? s1 + 1 : 0)"],
        initialState: [1e300, 0]);

    [TestMethod]
    public void A_plateau_of_ones_own_is_the_plateau()
    {
        var theirs = ReduceLROnPlateau(factor: 0.5, patience: 2, eps: 0);
        var (best, bad) = (double.MaxValue, 0);
        var delegates = CustomLR(
            step => IsBetter(step) || step.State[1] < 2 ? step.LearningRate : step.LearningRate / 2,
            [step => IsBetter(step) ? step.Metric : step.State[0], step => IsBetter(step) ? 0 : step.State[1] < 2 ? step.State[1] + 1 : 0],
            [best, bad]);
        for (var seed = 0; seed < 30; seed++)
        {
            var random = new Random(seed);
            var metrics = Enumerable.Range(0, 80).Select(i => 2 + random.NextDouble() - i / 60.0).ToArray();
            var expected = Rates(theirs, metrics);
            CollectionAssert.AreEqual(expected, Rates(Plateau, metrics));
            CollectionAssert.AreEqual(expected, Rates(delegates, metrics));
            Assert.IsTrue(expected[^2] < 0.1);
        }

        static bool IsBetter(LrStep step) => step.Metric < step.State[0] * (1 - 1e-4);
        static double[] Rates(LrSchedule schedule, double[] metrics) =>
            [.. schedule.Preview(80, 2, [0.1, 0.01], metrics) is var curve ? curve.Rates(0).Concat(curve.Rates(1)) : []];
    }

    [TestMethod]
    public void Its_functions_see_step_epoch_metric_and_rates()
    {
        var seen = new List<string>();
        var schedule = CustomLR(
            step =>
            {
                var (rate, initial, count) = (step.LearningRate, step.InitialLearningRate, step.LearningRates.Count);
                seen.Add(FormattableString.Invariant(
                    $"{step.Step} {step.Epoch} {step.Metric} {step.Group}: {rate} of {initial}, {count} {step.State[0]}"));
                return step.LearningRate / 2;
            },
            [step => step.State[0] + step.LearningRates[1]], [3]) with
        {
            Interval = ScheduleInterval.Batch,
        };
        var scheduler = schedule.Start(1, 0.5);
        scheduler.Advance(ScheduleInterval.Batch);
        scheduler.Advance(ScheduleInterval.Epoch, _ => 7);
        scheduler.Advance(ScheduleInterval.Batch);
        Assert.AreEqual(
            "1 0 NaN 0: 1 of 1, 2 3|1 0 NaN 1: 0.5 of 0.5, 2 3|2 1 7 0: 0.5 of 1, 2 3.5|2 1 7 1: 0.25 of 0.5, 2 3.5",
            string.Join('|', seen));

        // The same as expressions.
        var text = CustomLR("rate * 0 + x + 100 * epoch + 10 * initial + s0", ["s0 + rate"], [3]) with
        {
            Interval = ScheduleInterval.Batch,
        };
        var written = text.Start(1);
        written.Advance(ScheduleInterval.Batch);
        Assert.AreEqual(1 + 10 + 3, written.LearningRates[0]);
        written.Advance(ScheduleInterval.Epoch);
        written.Advance(ScheduleInterval.Batch);
        Assert.AreEqual(2 + 100 + 10 + 4, written.LearningRates[0]);
    }

    [TestMethod]
    public void It_goes_to_text_and_JSON_and_back()
    {
        Assert.AreEqual(Plateau, LrSchedule.Parse(Plateau.ToString()));
        Assert.AreEqual(Plateau, LrSchedule.FromJson(Plateau.ToJson()));
        Assert.AreEqual(
            "CustomLR(rate: \"rate * 0.9\", state: [\"s0 + 1\"], initialState: [2])", $"{CustomLR("rate*0.9", ["s0+1"], [2])}");
        var refused = Assert.ThrowsExactly<NotSupportedException>(() => CustomLR(step => step.LearningRate).ToJson());
        StringAssert.Contains(refused.Message, "rate of CustomLR is a delegate, which exists only in memory. To write it, use an expr");
        Assert.AreEqual("CustomLR(rate: delegate)", $"{CustomLR(step => step.LearningRate)}");

        // What could not be read is not written.
        LrSchedule contradiction = Plateau with { InitialState = [] };
        foreach (var schedule in new[] { contradiction, contradiction.WithWarmup(3) })
            StringAssert.StartsWith(
                Assert.ThrowsExactly<ArgumentException>(() => schedule.ToJson()).Message,
                "initialState must hold as many numbers as state has functions (2). Received: 0");
    }

    [TestMethod]
    public void Its_state_is_saved_with_it()
    {
        var running = Plateau.Start(0.1);
        foreach (var metric in new[] { 1.0, 2, 2 }) running.Step(metric);
        var state = JsonSerializer.Serialize(running.Save());
        StringAssert.Contains(state, "\"Values\":[3,2,1,2]");
        var resumed = Plateau.Resume(JsonSerializer.Deserialize<LrSchedulerState>(state)!);
        resumed.Step(2);
        Assert.AreEqual(0.05, resumed.LearningRates[0]);
        Assert.ThrowsExactly<ArgumentException>(() => CustomLR("rate + 0 * metric").Resume(running.Save() with { ScheduleText = null }));
    }

    [TestMethod]
    public void It_asks_for_a_metric_where_a_function_does()
    {
        Assert.IsFalse(CustomLR("rate * 0.9").NeedsMetric);
        Assert.IsTrue(CustomLR("rate", ["s0 + metric"], [0]).NeedsMetric);
        Assert.IsTrue(CustomLR(step => 1).NeedsMetric);
        CustomLR("rate * 0.9").Start(1).Step();
        StringAssert.Contains(
            Assert.ThrowsExactly<InvalidOperationException>(() => Plateau.Start(1).Step()).Message,
            "CustomLR needs the value of the metric it watches at each step. Call Step(metric).");
        StringAssert.EndsWith(
            Assert.ThrowsExactly<InvalidOperationException>(() => Plateau.Start(1).Advance(ScheduleInterval.Epoch)).Message,
            "Call Advance(ScheduleInterval.Epoch, metrics).");
        var missing = Assert.ThrowsExactly<InvalidOperationException>(
            () => Plateau.Start(1).Advance(ScheduleInterval.Epoch, _ => null));
        Assert.AreEqual("CustomLR watches ValidationLoss, which was not measured.", missing.Message);
        Assert.AreEqual(0.5, (CustomLR("rate / (1 + metric)", metric: Metric.RSquared)).Preview(2, 1, [1.0], [1, 1]).Rates()[1]);
    }

    [TestMethod]
    public void It_goes_on_from_the_rate_it_finds()
    {
        var rates = SequentialLR([StepLR(2), CustomLR("rate / 2")], [3]).Preview(6, 1, 1.0).Rates();
        CollectionAssert.AreEqual((double[])[1, 1, 0.1, 0.1, 0.05, 0.025], rates.ToArray());
    }

    [TestMethod]
    public void A_state_that_overflows_is_refused_and_one_of_an_infinite_metric_is_kept()
    {
        // 2^1024 is above the largest double, which the 1,024th step doubles to.
        var doubling = CustomLR("rate", ["2 * s0"], [1]);
        Assert.HasCount(1024, doubling.Preview(1024, 1, 1.0).Rates());
        Assert.AreEqual(
            "state \"2 * s0\" of CustomLR returned Infinity for 1024. A number of the state must not become infinite.",
            Assert.ThrowsExactly<ScheduleException>(() => doubling.Preview(1025, 1, 1.0)).Message);
        var last = CustomLR("s0 < 1 ? rate / 2 : rate", ["metric", "s0"], [0, 0]);
        CollectionAssert.AreEqual(
            (double[])[1, 0.5, 0.5, 0.5, 0.5, 0.25],
            last.Preview(6, 1, [1.0], [double.PositiveInfinity, double.NaN, 3, 0, 2, 2]).Rates().ToArray());
    }

    [TestMethod]
    public void What_cannot_be_is_refused()
    {
        Assert.AreEqual(
            "rate \"1 - epoch\" of CustomLR returned -1 for 2. A rate must be in [0, ∞).",
            Assert.ThrowsExactly<ScheduleException>(() => CustomLR("1 - epoch").Preview(4, 1, 1.0)).Message);
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentException>(() => CustomLR("rate", ["s0"])).Message,
            "initialState must hold as many numbers as state has functions (1). Received: 0");
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentException>(() => CustomLR("rate * s1", ["s0"], [0])).Message,
            "rate must name s0 of the state alone. Received: rate * s1");
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentException>(() => CustomLR("rate * s2", ["s0", "s1"], [0, 0])).Message,
            "rate must name s0 to s1 of the state alone. Received: rate * s2");
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentException>(() => LambdaLR("1 / metric")).Message,
            "lrLambda must not name metric, rate or s0, s1 …, which only the functions of CustomLR know. Received: 1 / metric");
        StringAssert.Contains(
            Assert.ThrowsExactly<FormatException>(() => LrSchedule.Parse("CyclicLR(0.01, 0.1, scaleFn: 's3 + 1e5')")).Message,
            "scaleFn must not name metric, rate or s0");
        Assert.ThrowsExactly<FormatException>(() => CustomLR("loss"));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => CustomLR("rate", ["s0"], [double.NaN]));
    }
}
