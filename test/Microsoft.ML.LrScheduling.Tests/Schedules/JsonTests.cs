using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.LrScheduling.Schedules;
using static Microsoft.ML.LrScheduling.Schedules.LrSchedule;

namespace Microsoft.ML.LrScheduling.Tests.Schedules;

[TestClass]
public sealed class JsonTests
{
    [TestMethod]
    public void Every_kind_is_known_and_has_a_sample()
    {
        var kinds = typeof(LrSchedule).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(LrSchedule)) && !type.IsAbstract)
            .Select(type => type.Name).ToArray();
        CollectionAssert.AreEquivalent(kinds, ScheduleKind.All.Keys.ToArray());
        CollectionAssert.AreEquivalent(kinds, SampleSchedules.All.Select(schedule => schedule.GetType().Name).Distinct().ToArray());
    }

    [TestMethod]
    public void Every_kind_comes_back_equal()
    {
        foreach (var schedule in SampleSchedules.All)
        {
            Assert.AreEqual(schedule, FromJson(schedule.ToJson()), schedule.ToJson());
            Assert.AreEqual(schedule.GetHashCode(), FromJson(schedule.ToJson()).GetHashCode());
        }
    }

    [TestMethod]
    public void Every_kind_looks_the_same_by_its_own_type()
    {
        foreach (var schedule in SampleSchedules.All.Where(schedule => schedule != SampleSchedules.All[^1]))
        {
            var json = JsonSerializer.Serialize(schedule, schedule.GetType());
            Assert.IsTrue(JsonNode.DeepEquals(JsonNode.Parse(schedule.ToJson()), JsonNode.Parse(json)), json);
            Assert.AreEqual(schedule, JsonSerializer.Deserialize(json, schedule.GetType()));
        }

        StringAssert.Contains(
            Assert.ThrowsExactly<JsonException>(() => JsonSerializer.Deserialize<StepLR>("""{"type":"ConstantLR"}""")).Message,
            "type must be StepLR. Received: ConstantLR");
    }

    [TestMethod]
    public void Names_are_PyTorchs_in_camelCase_and_defaults_are_left_out()
    {
        Assert.AreEqual("""{"type":"StepLR","stepSize":30}""", StepLR(30).ToJson());
        Assert.AreEqual("""{"type":"CosineAnnealingWarmRestarts","t0":10,"tMult":2}""", CosineAnnealingWarmRestarts(10, 2).ToJson());
        Assert.AreEqual("""{"type":"LambdaLR","lrLambda":["0.95 ** epoch","1"]}""", LambdaLR("0.95 ** epoch", "1").ToJson());
        Assert.AreEqual(
            """{"type":"CyclicLR","baseLr":0.01,"maxLr":[0.1,0.2],"mode":"expRange","scaleMode":"iterations"}""",
            CyclicLR(0.01, [0.1, 0.2], mode: CyclicMode.ExpRange, scaleMode: ScaleMode.Iterations).ToJson());
        Assert.AreEqual(
            """{"type":"SequentialLR","schedules":[{"type":"LinearLR","startFactor":0.01,"totalIters":5},"""
            + """{"type":"StepLR","stepSize":3}],"milestones":[5]}""",
            SequentialLR([LinearLR(0.01, totalIters: 5), StepLR(3)], [5]).ToJson());
    }

    [TestMethod]
    public void What_people_write_is_read()
    {
        Assert.AreEqual(StepLR(30, 0.5), FromJson("""{ "gamma": 0.5, /* half */ "stepSize": 30, "type": "StepLR", }"""));
        Assert.AreEqual(CyclicLR(0.1, 0.2, mode: CyclicMode.ExpRange),
            FromJson("""{"type":"CyclicLR","baseLr":[0.1],"maxLr":0.2,"mode":"exp_range"}"""));
        Assert.AreEqual(StepLR(30), FromJson("""{"$schema":"docs/schedule.schema.json","type":"StepLR","stepSize":30}"""));
        Assert.AreEqual(OneCycleLR(0.1), FromJson("""{"type":"OneCycleLR","maxLr":0.1,"totalSteps":null}"""));
    }

    [TestMethod]
    public void It_works_in_a_document_of_the_users_under_any_options()
    {
        var plan = new Plan { Name = "a", Schedule = SequentialLR([LinearLR(), LambdaLR("0.9 ** epoch")], [5]), Fallbacks = [StepLR(3)] };
        JsonSerializerOptions[] options =
        [
            new(), new(JsonSerializerDefaults.Web), JsonSerializerOptions.Strict,
            new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseUpper, WriteIndented = true, IgnoreReadOnlyProperties = true },
        ];
        foreach (var option in options)
        {
            var json = JsonSerializer.Serialize(plan, option);
            StringAssert.Contains(json, "totalIters");
            var back = JsonSerializer.Deserialize<Plan>(json, option)!;
            Assert.AreEqual(plan.Schedule, back.Schedule);
            CollectionAssert.AreEqual(plan.Fallbacks, back.Fallbacks);
        }

        Assert.IsNull(JsonSerializer.Deserialize<Plan>("""{"Schedule":null}""")!.Schedule);
        var error = Assert.ThrowsExactly<JsonException>(
            () => JsonSerializer.Deserialize<Plan>("""{"Fallbacks":[{"stepSize":0,"type":"StepLR"}]}"""));
        Assert.AreEqual("$.stepSize: stepSize must be at least 1. Received: 0", error.Message);
        Assert.AreEqual("$.Fallbacks[0]", error.Path);
    }

    [TestMethod]
    [DataRow("[]", "$: expected a schedule. Received: []")]
    [DataRow("null", "$: expected a schedule. Received: null")]
    [DataRow("""{}""", "$: type must be one of ChainedScheduler, ConstantLR, ")]
    [DataRow("""{"type":"StepLr","stepSize":3}""",
        "$.type: unknown schedule StepLr. Did you mean StepLR? Expected one of ChainedScheduler, ConstantLR, ")]
    [DataRow("""{"type":"Constant"}""", "$.type: unknown schedule Constant. Did you mean ConstantLR? Expected one of ChainedScheduler, ")]
    [DataRow("""{"type":null}""", "$.type: type must be one of ")]
    [DataRow("""{"type":"StepLR"}""", "$: StepLR needs stepSize")]
    [DataRow("""{"type":"CyclicLR"}""", "$: CyclicLR needs baseLr, maxLr")]
    [DataRow("""{"type":"StepLR","stepsize":3}""",
        "$.stepsize: StepLR has no stepsize. Did you mean stepSize? It has stepSize, gamma, startStep, interval")]
    [DataRow("""{"type":"StepLR","stepSize":3,"zyxw":3}""", "$.zyxw: StepLR has no zyxw. It has stepSize, gamma, startStep, interval")]
    [DataRow("""{"type":"MultiStepLR","milestones":[80,30]}""",
        "$.milestones: milestones must be in ascending order. Received: 30 after 80")]
    [DataRow("""{"type":"StepLR","stepSize":3,"stepSize":3}""", "$.stepSize: stepSize must be given once. Received: twice")]
    [DataRow("""{"type":"StepLR","stepSize":0}""", "$.stepSize: stepSize must be at least 1. Received: 0")]
    [DataRow("""{"type":"StepLR","stepSize":1.5}""",
        "$.stepSize: stepSize must be a whole number, or a fraction of the run in (0, 1]. Received: 1.5")]
    [DataRow("""{"type":"StepLR","stepSize":"3"}""",
        "$.stepSize: stepSize must be a whole number, or a fraction of the run in (0, 1]. Received: \"3\"")]
    [DataRow("""{"type":"StepLR","stepSize":null}""",
        "$.stepSize: stepSize must be a whole number, or a fraction of the run in (0, 1]. Received: null")]
    [DataRow("""{"type":"StepLR","stepSize":3,"gamma":1e999}""", "$.gamma: gamma must be in [0, ∞). Received: ")]
    [DataRow("""{"type":"OneCycleLR","maxLr":{}}""",
        "$.maxLr: maxLr must be a number, or an array with one for each parameter group. Received: {}")]
    [DataRow("""{"type":"OneCycleLR","maxLr":[]}""", "$.maxLr: maxLr must hold one value, or one per parameter group. Received: none")]
    [DataRow("""{"type":"OneCycleLR","maxLr":1,"annealStrategy":"exp"}""",
        "$.annealStrategy: annealStrategy must be one of cos, linear. Received: \"exp\"")]
    [DataRow("""{"type":"OneCycleLR","maxLr":1,"annealStrategy":1}""",
        "$.annealStrategy: annealStrategy must be one of cos, linear. Received: 1")]
    [DataRow("""{"type":"OneCycleLR","maxLr":1,"threePhase":1}""", "$.threePhase: threePhase must be true or false. Received: 1")]
    [DataRow("""{"type":"MultiStepLR","milestones":[1,"2"]}""",
        "$.milestones: milestones must be an array, each a whole number, or a fraction of the run in (0, 1]. Received: [1,\"2\"]")]
    [DataRow("""{"type":"LambdaLR","lrLambda":["1","0.95 ** "]}""",
        "$.lrLambda: lrLambda: column 9: unexpected end of input, expected a number, a name or `(`")]
    [DataRow("""{"type":"LambdaLR","lrLambda":0.95}""",
        "$.lrLambda: lrLambda must be an expression in quotes, or an array with one for each parameter group. Received: 0.95")]
    [DataRow("""{"type":"ChainedScheduler","schedules":[]}""", "$.schedules: schedules must hold at least one schedule. Received: none")]
    [DataRow("""{"type":"ChainedScheduler","schedules":[null]}""", "$.schedules[0]: expected a schedule. Received: null")]
    [DataRow("""{"type":"ChainedScheduler","schedules":{"type":"StepLR"}}""",
        "$.schedules: schedules must be an array, each a schedule. Received: ")]
    [DataRow("""{"type":"ChainedScheduler","schedules":[{"type":"StepLR","stepSize":3},{"type":"StepLR","stepSize":-3}]}""",
        "$.schedules[1].stepSize: stepSize must be at least 1. Received: -3")]
    [DataRow("""{"type":"\ud800"}""", "$: the JSON holds text that is not Unicode.")]
    public void Errors_tell_the_path_the_name_and_what_is_allowed(string json, string message) =>
        StringAssert.StartsWith(Assert.ThrowsExactly<JsonException>(() => FromJson(json)).Message, message);

    [TestMethod]
    public void Nesting_is_bounded()
    {
        var deepest = SampleSchedules.Nested(levels: 31);
        Assert.AreEqual(deepest, FromJson(deepest.ToJson()));
        Assert.Throws<JsonException>(() => FromJson($$"""{"type":"ChainedScheduler","schedules":[{{deepest.ToJson()}}]}"""));
        Assert.Throws<JsonException>(() => FromJson(new string('[', 1_000_000)));

        const int Levels = 5_000;
        var tooDeep = string.Concat(
            Enumerable.Repeat("""{"type":"ChainedScheduler","schedules":[""", Levels)) + string.Concat(Enumerable.Repeat("]}", Levels));
        var error = Assert.ThrowsExactly<JsonException>(
            () => JsonSerializer.Deserialize<LrSchedule>(tooDeep, new JsonSerializerOptions { MaxDepth = 3 * Levels }));
        StringAssert.EndsWith(error.Message, ": schedules must be nested at most 32 deep. Received: more");
    }

    [TestMethod]
    public void A_delegate_says_that_it_cannot_be_written()
    {
        var schedule = ChainedScheduler([LambdaLR(epoch => 0.5)]);
        var error = Assert.ThrowsExactly<NotSupportedException>(schedule.ToJson);
        StringAssert.StartsWith(
            error.Message, "lrLambda of LambdaLR is a delegate, which exists only in memory. To write it, use an expression");
        Assert.ThrowsExactly<NotSupportedException>(CyclicLR(0.1, 0.2, scaleFn: ScheduleFunction.Of(x => x)).ToJson);
    }

    [TestMethod]
    [Timeout(300_000)]
    public void Mutated_JSON_is_read_or_refused()
    {
        var random = new Random(4);
        var read = 0;
        for (var i = 0; i < 10_000; i++)
        {
            var sample = SampleSchedules.All[random.Next(SampleSchedules.All.Length)].ToJson();
            var json = SampleSchedules.Mutate(sample, "0123456789.eE+-[]{}:,\" \\utrnfl\u00b2\ud800\0", random);
            try
            {
                var schedule = FromJson(json);
                Assert.AreEqual(schedule, FromJson(schedule.ToJson()), json);
                read++;
            }
            catch (JsonException)
            {
            }
        }

        Assert.IsTrue(read > 500, $"Only {read} were read.");
    }

    private sealed record Plan
    {
        public string Name { get; init; } = "";

        public LrSchedule? Schedule { get; init; }

        public LrSchedule[] Fallbacks { get; init; } = [];
    }
}
