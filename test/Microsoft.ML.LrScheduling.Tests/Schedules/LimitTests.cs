using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Tests.Schedules;

/// <summary>
/// What is longer or deeper than a schedule may be is refused before it is built; what may be built can be written and read.
/// </summary>
[TestClass]
public sealed class LimitTests
{
    // Below the 256 MB that docs/reliability.md promises, by what is allocated in all, which is more than is held at once.
    private const long MostMemory = 128L << 20;

    public static IEnumerable<(string Name, string Json)> LongJson =>
    [
        ("functions", $$"""{"type":"LambdaLR","lrLambda":[{{Repeat("\"x\"", 300_000)}}]}"""),
        ("functions of parts", Chain(Repeat($$"""{"type":"LambdaLR","lrLambda":[{{Repeat("\"x\"", 1000)}}]}""", 900))),
        ("long functions",
            Chain(Repeat($$"""{"type":"LambdaLR","lrLambda":"{{string.Join('+', Enumerable.Repeat('x', 500))}}"}""", 900))),
        ("parts", Chain(Repeat("""{"type":"ConstantLR"}""", 300_000))),
        ("parts of parts", Chain(Repeat(Chain(Repeat("""{"type":"ConstantLR"}""", 900)), 900))),
        ("words", $$"""{"type":"MultiStepLR","milestones":[{{Repeat("\"x\"", 300_000)}}]}"""),
    ];

    public static IEnumerable<(string Name, string Text)> LongTexts =>
    [
        ("functions", $"LambdaLR([{Repeat("'x'", 249_000)}])"),
        ("functions without a name", $"LambdaLR({Repeat("'x'", 249_000)})"),
        ("long functions", $"ChainedScheduler([{Repeat($"LambdaLR('{string.Join('+', Enumerable.Repeat('x', 500))}')", 900)}])"),
        ("words", $"LambdaLR([{Repeat("x", 490_000)}])"),
        ("parts", $"ChainedScheduler([{Repeat("ConstantLR()", 500_000)}])"),
        ("colons", $"LambdaLR({new string(':', 5_000_000)})"),
        ("blanks", new string(' ', 4_000_000)),
    ];

    [TestMethod]
    [DynamicData(nameof(LongJson))]
    public void Json_that_is_too_long_is_refused_before_it_is_built(string name, string json) =>
        AssertRefused<JsonException>(name, () => LrSchedule.FromJson(json));

    [TestMethod]
    [DynamicData(nameof(LongJson))]
    public void Json_that_is_too_long_is_refused_in_a_document_too(string name, string json)
    {
        var bytes = Encoding.UTF8.GetBytes($$"""{"Schedule":{{json}}}""");
        AssertRefused<JsonException>(name, () => JsonSerializer.Deserialize<Plan>(bytes));
    }

    [TestMethod]
    [DynamicData(nameof(LongTexts))]
    public void Text_that_is_too_long_is_refused_before_it_is_built(string name, string text) =>
        AssertRefused<FormatException>(name, () => LrSchedule.Parse(text));

    [TestMethod]
    public void A_state_of_too_many_parts_is_refused_before_it_is_built()
    {
        var json = $"[{Repeat("""{"Kind":"ConstantLR","Step":0}""", 200_000)}]";
        AssertRefused<JsonException>("states", () => JsonSerializer.Deserialize<ScheduleState>(json));
    }

    [TestMethod]
    public void Too_many_functions_are_refused_and_the_most_are_written_and_read()
    {
        LrSchedule Chained(int count) => LrSchedule.ChainedScheduler(
            [.. Enumerable.Range(0, count).Select(_ => LrSchedule.LambdaLR("x", "1", "2", "3"))]);
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentException>(() => Chained(501)).Message,
            "functions must be at most 2000, all levels together. Received: 2004");
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentException>(() => LrSchedule.LambdaLR([.. Enumerable.Repeat("x", 2001)])).Message,
            "functions must be at most 2000, all levels together. Received: 2001");
        AssertReads(Chained(500));

        var longest = string.Join(" + ", Enumerable.Repeat("x", 249)) + " + 1000";
        StringAssert.StartsWith(
            Assert.ThrowsExactly<ArgumentException>(() => LrSchedule.LambdaLR([.. Enumerable.Repeat(longest, 101)])).Message,
            "functions must have at most 100000 characters, all levels together. Received: 101000");
        AssertReads(LrSchedule.LambdaLR([.. Enumerable.Repeat(longest, 100)]));
    }

    [TestMethod]
    public void The_most_schedules_are_written_and_read() => AssertReads(LrSchedule.ChainedScheduler(
        [.. Enumerable.Repeat(LrSchedule.ConstantLR(), CompositeSchedule.MaximumSize - 1)]));

    [TestMethod]
    public void Text_of_more_than_a_million_characters_is_written_and_read()
    {
        var cuts = LrSchedule.MultiStepLR([.. Enumerable.Range(int.MaxValue - 150_000, 150_000)]);
        var points = LrSchedule.PiecewiseLR(
            [.. Enumerable.Range(0, 50_000)], Enumerable.Range(1, 50_000).Select(i => Math.PI / i).ToArray());
        var before = GC.GetAllocatedBytesForCurrentThread();
        AssertReads(cuts);
        AssertReads(points);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.IsTrue(allocated < MostMemory, $"{allocated >> 20} MB");
    }

    [TestMethod]
    [DataRow("MultiStepLR([1, 2, 3.5, 4])",
        "column 13: milestones must be an array, each a whole number, or a fraction of the run in (0, 1]. Received: [1,2,3.5,4]")]
    [DataRow("MultiStepLR([1, 2, 3, 1])", "column 13: milestones must be in ascending order. Received: 1 after 3")]
    [DataRow("ChainedScheduler([1, 2, 3, 4])", "column 18: expected a schedule. Received: 1")]
    [DataRow("StepLR([1, 2, 3, 4])", "column 8: stepSize must be a whole number, or a fraction of the run in (0, 1]. Received: [1,2,3,4]")]
    [DataRow("MultiStepLR([1, 2, 3, +4], 1e999)", "column 28: 1e999 is larger than the largest number, ")]
    public void Errors_in_a_list_of_numbers_tell_the_column(string text, string message) =>
        StringAssert.StartsWith(Assert.ThrowsExactly<FormatException>(() => LrSchedule.Parse(text)).Message, message);

    [TestMethod]
    [DataRow(64)]
    [DataRow(128)]
    [DataRow(256)]
    [DataRow(640)]
    public void What_is_nested_deepest_fits_a_thread_with_a_small_stack(int kilobytes)
    {
        string[] expressions =
        [
            string.Concat(Enumerable.Repeat("min(1, ", 64)) + "x" + new string(')', 64),
            new string('(', 64) + "x" + new string(')', 64),
            new string('-', 998) + "x",
            string.Join("+", Enumerable.Repeat("x", 250)),
            string.Join("**", Enumerable.Repeat("x", 200)),
        ];
        LrSchedule schedule = LrSchedule.LambdaLR(expressions);
        while (schedule.Depth < CompositeSchedule.MaximumDepth) schedule = LrSchedule.ChainedScheduler([schedule]);
        var (text, json) = (schedule.ToString(), schedule.ToJson());
        // Or it says that the stack is too small: a process that ends says nothing.
        OnStack(kilobytes, () =>
        {
            foreach (var expression in expressions) _ = ScheduleFunction.Parse(expression).Invoke(0.5);
        });
        OnStack(kilobytes, () => Assert.AreEqual(schedule, LrSchedule.Parse(text)));
        OnStack(kilobytes, () => Assert.AreEqual(schedule, LrSchedule.FromJson(json)));
        OnStack(kilobytes, () => Assert.AreEqual((text, json), (schedule.ToString(), schedule.ToJson())));
        OnStack(kilobytes, () => Assert.AreEqual(schedule.GetHashCode(), LrSchedule.FromJson(json).GetHashCode()));
        OnStack(kilobytes, () =>
        {
            var scheduler = schedule.ForRun(3, 3).Start(1, 2, 3, 4, 5);
            schedule.Resume(JsonSerializer.Deserialize<LrSchedulerState>(JsonSerializer.Serialize(scheduler.Save()))!).Step();
        });
    }

    private static void OnStack(int kilobytes, Action action)
    {
        Exception? fault = null;
        var thread = new Thread(
            () =>
            {
                try
                {
                    action();
                }
                catch (Exception e)
                {
                    fault = e;
                }
            },
            kilobytes << 10);
        thread.Start();
        thread.Join();
        if (fault is not (null or InsufficientExecutionStackException)) Assert.Fail($"{kilobytes} KB: {fault}");
        if (kilobytes >= 256) Assert.IsNull(fault, $"{kilobytes} KB: {fault}");
    }

    private static void AssertReads(LrSchedule schedule)
    {
        Assert.IsTrue(schedule.Equals(LrSchedule.Parse(schedule.ToString())));
        Assert.IsTrue(schedule.Equals(LrSchedule.FromJson(schedule.ToJson())));
    }

    private static void AssertRefused<TException>(string name, Func<object?> read) where TException : Exception
    {
        var (clock, before) = (Stopwatch.StartNew(), GC.GetAllocatedBytesForCurrentThread());
        Assert.Throws<TException>(read);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.IsTrue(allocated < MostMemory, $"{name}: {allocated >> 20} MB");
        Assert.IsTrue(clock.Elapsed < TimeSpan.FromMinutes(1), $"{name}: {clock.Elapsed}");
    }

    private static string Chain(string parts) => $$"""{"type":"ChainedScheduler","schedules":[{{parts}}]}""";

    private static string Repeat(string text, int count) => string.Join(',', Enumerable.Repeat(text, count));

    private sealed record Plan(LrSchedule Schedule);
}
