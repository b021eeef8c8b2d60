using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.ML.LrScheduling.Reports;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Tests.Samples;

/// <summary>The code in docs/schedules.md stands here too, so that it compiles and does what the text says.</summary>
[TestClass]
public sealed class SchedulesDocument
{
    private static readonly string Text = File.ReadAllText(TestData.PathOf("schedules/schedules.md")).ReplaceLineEndings("\n");

    private readonly List<double> _rates = [];

    [TestMethod]
    public void All_code_in_the_document_is_here()
    {
        var here = Lines(File.ReadAllText(TestData.PathOf("schedules/SchedulesDocument.cs.txt")));
        var blocks = Blocks("csharp");
        Assert.AreEqual(13, blocks.Length);
        foreach (var block in blocks) StringAssert.Contains(here, Lines(block), block);
    }

    [TestMethod]
    public void All_text_and_json_in_the_document_can_be_read()
    {
        foreach (var json in Blocks("json")) Assert.AreEqual(Expected(), LrSchedule.FromJson(json));
        foreach (var expression in Blocks("text").SelectMany(block => block.Trim().Split('\n'))) ScheduleFunction.Parse(expression);

        static LrSchedule Expected() =>
            LrSchedule.SequentialLR(
                [LrSchedule.LinearLR(startFactor: 0.01, totalIters: 5), LrSchedule.CosineAnnealingLR(tMax: 95)], milestones: [5]);
    }

    [TestMethod]
    public void Every_picture_is_shown_and_every_one_shown_is_there()
    {
        var shown = Regex.Matches(Text, @"\(schedules/([^)]+\.svg)\)").Select(match => match.Groups[1].Value);
        var there = Directory.GetFiles(TestData.PathOf("schedules"), "*.svg").Select(Path.GetFileName);
        CollectionAssert.AreEquivalent(there.ToArray(), shown.ToArray());
    }

    [TestMethod]
    public void The_loop_cuts_the_rate_every_thirty_epochs()
    {
        var scheduler = LrSchedule.StepLR(stepSize: 30, gamma: 0.1).Start(0.05);
        for (var epoch = 0; epoch < 90; epoch++)
        {
            TrainOneEpoch(scheduler.LearningRates[0]);
            scheduler.Step();
        }

        Assert.AreEqual((0.05, 0.005, 0.0005), (_rates[29], Math.Round(_rates[59], 12), Math.Round(_rates[89], 12)));
    }

    [TestMethod]
    public void A_warmup_goes_before_any_schedule()
    {
        var plateau = LrSchedule.ReduceLROnPlateau(factor: 0.3, patience: 5, threshold: 0.01).WithWarmup(steps: 10);
        var cosine = LrSchedule.CosineAnnealingLR(tMax: 90).WithWarmup(steps: 100, interval: ScheduleInterval.Batch);

        Assert.AreEqual(0.1, plateau.Preview(12, 1, [0.1], _ => 1).Rates()[^1], 1e-15);
        Assert.AreEqual(0.1, cosine.Preview(100, 10, 0.1).Rates().Max(), 1e-4);
    }

    [TestMethod]
    public void A_schedule_begins_in_its_middle()
    {
        var noPrefix = LrSchedule.SequentialLR(
            [
                LrSchedule.LinearLR(startFactor: 0, totalIters: 5),
                LrSchedule.CosineDecayLR(totalIters: 100) with { StartStep = 5 },
            ],
            milestones: [5]);
        var afterward = LrSchedule.StepLR(stepSize: 30).Start(0.1);
        afterward.StepTo(60);

        Assert.AreEqual(LrSchedule.CosineDecayLR(100).Preview(100, 1, 0.1)[50], noPrefix.Preview(100, 1, 0.1)[50]);
        Assert.AreEqual(0.001, afterward.LearningRates[0], 1e-15);
    }

    [TestMethod]
    public void Compositions_nest()
    {
        var nested = LrSchedule.SequentialLR(
            [
                LrSchedule.ChainedScheduler(
                    [LrSchedule.CosineAnnealingWarmRestarts(t0: 15, etaMin: 0.02), LrSchedule.ExponentialLR(gamma: 0.97)])
                    .WithWarmup(steps: 10),
                LrSchedule.ReduceLROnPlateau(factor: 0.5, patience: 3),
            ],
            milestones: [70]);

        Assert.AreEqual(nested, LrSchedule.Parse(nested.ToString()));
    }

    [TestMethod]
    public void An_interval_is_part_of_the_schedule()
    {
        var byMinibatch = LrSchedule.ExponentialLR(gamma: 0.999) with { Interval = ScheduleInterval.Batch };

        Assert.AreEqual(Math.Pow(0.999, 19), byMinibatch.Preview(2, 10, 1.0)[19], 1e-12);
    }

    [TestMethod]
    public void A_curve_is_seen_before_training()
    {
        var folder = Directory.CreateTempSubdirectory();
        var (before, output) = (Directory.GetCurrentDirectory(), Console.Out);
        Directory.SetCurrentDirectory(folder.FullName);
        Console.SetOut(TextWriter.Null);
        try
        {
            var curve = LrSchedule.OneCycleLR(maxLr: 0.1).Preview(epochs: 20, stepsPerEpoch: 100, 0.1);
            double highest = curve.Rates().Max(), last = curve[curve.Steps - 1];
            IReadOnlyList<double> momenta = curve.Momenta();
            Console.WriteLine(curve.ToText(width: 60, height: 8));
            File.WriteAllText("one-cycle.svg", curve.ToSvg());

            Assert.AreEqual((0.1, 4e-7, 2000), (Math.Round(highest, 12), Math.Round(last, 12), momenta.Count));
        }
        finally
        {
            Directory.SetCurrentDirectory(before);
            Console.SetOut(output);
            folder.Delete(recursive: true);
        }

        var stalled = LrSchedule.ReduceLROnPlateau(patience: 2).Preview(20, 100, [0.1], epoch => Math.Max(0.5, Math.Exp(-epoch / 5.0)));

        Assert.AreEqual((0.1, 0.01), (stalled[799], Math.Round(stalled[800], 12)));
    }

    [TestMethod]
    public void A_scheduler_goes_on_where_it_stood()
    {
        var schedule = LrSchedule.CosineAnnealingLR(tMax: 95).WithWarmup(steps: 5);
        var running = schedule.Start(0.1);
        for (var epoch = 0; epoch < 7; epoch++) running.Step();
        var saved = JsonSerializer.Serialize(running.Save());

        var resumed = schedule.Resume(JsonSerializer.Deserialize<LrSchedulerState>(saved)!);

        Assert.AreEqual(running.Save(), resumed.Save());
    }

    [TestMethod]
    public void Schedules_are_read_from_text_and_JSON()
    {
        var fromText = LrSchedule.Parse(
            "SequentialLR([LinearLR(startFactor: 0.01, totalIters: 5), CosineAnnealingLR(tMax: 95)], milestones: [5])");
        var byPlace = LrSchedule.Parse("StepLR(30, gamma: 0.5, interval: batch)");
        var fromJson = LrSchedule.FromJson("""{ "type": "StepLR", "stepSize": 30, "gamma": 0.5, "interval": "batch" }""");

        Assert.AreEqual(LrSchedule.StepLR(30, 0.5) with { Interval = ScheduleInterval.Batch }, fromJson);
        Assert.AreEqual(fromJson, byPlace);
        Assert.AreEqual(fromText, LrSchedule.FromJson(fromText.ToJson()));
        foreach (var text in new[]
            {
                "MultiStepLR([30, 80], 0.1)", "LambdaLR('0.95 ** epoch', '1')", "SequentialLR([LinearLR(), StepLR(30)], [5])",
                "StepLR(step_size=30, gamma=0.5)", "CosineAnnealingLR(T_max=95)",
                "SequentialLR(schedulers=[LinearLR(), StepLR(30)], milestones=[5])",
                "OneCycleLR(max_lr=0.1, epochs=10, steps_per_epoch=100)", "StepLR(30, last_epoch=9)",
                "SequentialLR([LinearLR(), StepLR(30)], [5], interval: batch)",
            })
        {
            StringAssert.Contains(Text, $"`{text}`");
            LrSchedule.Parse(text);
        }
    }

    [TestMethod]
    public void Lengths_are_parts_of_the_run()
    {
        var half = LrSchedule.CosineDecayLR(totalIters: 0.5);
        var cuts = LrSchedule.MultiStepLR(milestones: [0.6, 0.85], gamma: 0.1);
        var warm = LrSchedule.PolynomialLR(totalIters: 1.0).WithWarmup(steps: 0.1, startFactor: 0);

        Assert.AreEqual((0.0, 0.01), (half.Preview(100, 1, 0.1)[50], Math.Round(cuts.Preview(100, 1, 0.1)[60], 12)));
        Assert.AreEqual(LrSchedule.PolynomialLR(90).WithWarmup(10, startFactor: 0), warm.ForRun(100, 1));
    }

    [TestMethod]
    public void Every_line_from_another_library_is_read_and_runs()
    {
        var section = Text[Text.IndexOf("## If you come from", StringComparison.Ordinal)..];
        section = section[..section.IndexOf("## What others do", StringComparison.Ordinal)];
        var lines = Regex.Matches(section, "^\\|([^|]*)\\|[^|]*\\| `(.*)` \\|$", RegexOptions.Multiline);
        Assert.IsTrue(lines.Count > 70, $"{lines.Count} lines");
        Assert.IsTrue(lines.Select(line => line.Groups[1].Value.Trim()).Where(library => library.Length > 0).Distinct().Count() >= 19);
        Assert.AreEqual(lines.Count + 2, section.Split('\n').Count(line => line.StartsWith('|')));
        foreach (Match line in lines)
        {
            var schedule = LrSchedule.Parse(line.Groups[2].Value);
            var rates = schedule.Preview(10, 100, [0.1], epoch => 1.0 / (1 + epoch)).Rates();
            Assert.IsTrue(rates.All(double.IsFinite) && rates.Max() is > 0 and <= 0.1 + 1e-12, line.Value);
            Assert.AreEqual(schedule, LrSchedule.FromJson(schedule.ToJson()), line.Value);
        }
    }

    [TestMethod]
    public void A_rule_of_ones_own_is_two_expressions_or_two_delegates()
    {
        var halving = LrSchedule.CustomLR(
            rate: "(metric < s0) + (s1 < 3) ? rate : rate / 2",
            state: ["metric < s0 ? metric : s0", "metric < s0 ? 0 : (s1 < 3 ? s1 + 1 : 0)"],
            initialState: [1e300, 0]);
        var byDelegates = LrSchedule.CustomLR(
            step => step.Metric < step.State[0] || step.State[1] < 3 ? step.LearningRate : step.LearningRate / 2,
            [
                step => step.Metric < step.State[0] ? step.Metric : step.State[0],
                step => step.Metric < step.State[0] ? 0 : step.State[1] < 3 ? step.State[1] + 1 : 0,
            ],
            initialState: [1e300, 0]);

        double[] metrics = [2, 1, 1, 1, 1, 1, 1, 1, 1, 1];
        // The fourth bad epoch is number 6.
        double[] expected = [1, 1, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5];
        foreach (var schedule in new[] { halving, byDelegates })
            CollectionAssert.AreEqual(expected, schedule.Preview(10, 1, [1.0], metrics).Rates().ToArray());
    }

    [TestMethod]
    public void Any_schedule_has_noise()
    {
        var noisy = LrSchedule.ReduceLROnPlateau(patience: 5).WithNoise(noiseStart: 0.4, noiseEnd: 0.9, noisePct: 0.3, noiseSeed: 7);

        var rates = noisy.Preview(100, 1, [0.1], epoch => 1.0 / (1 + epoch)).Rates();
        Assert.AreEqual((40, 50), (rates.TakeWhile(rate => rate == 0.1).Count(), rates.Count(rate => rate != 0.1)));
    }

    [TestMethod]
    public void Any_schedule_has_a_floor()
    {
        var falling = LrSchedule.ExponentialLR(gamma: 0.9).WithFloor(minLr: 0.001);
        var whole = LrSchedule.ChainedScheduler([LrSchedule.CosineAnnealingLR(tMax: 20), LrSchedule.StepLR(stepSize: 5)]).WithFloor(0.001);

        Assert.AreEqual((0.001, 0.001), (falling.Preview(100, 1, 0.1)[99], whole.Preview(40, 1, 0.1).Rates().Min()));
        // The chain that the text speaks of, whose metric never improves.
        var chain = LrSchedule.ChainedScheduler([LrSchedule.StepLR(2, 0.1), LrSchedule.ReduceLROnPlateau(minLr: 0.04)]);
        Assert.AreEqual(0.04, chain.Preview(40, 1, [0.1], _ => 1).Rates().Min());
    }

    [TestMethod]
    public void What_is_said_of_errors_is_what_they_say()
    {
        StringAssert.Contains(
            Assert.ThrowsExactly<FormatException>(() => LrSchedule.Parse("Constant()")).Message,
            Said("unknown schedule Constant. Did you mean ConstantLR?"));
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => LrSchedule.StepLR(1).Resume(LrSchedule.StepLR(3).Start(0.1).Save())).Message,
            Said("stepSize of StepLR was 3 and is 1"));

        static string Said(string message)
        {
            StringAssert.Contains(Text, $"`{message}`");
            return message;
        }
    }

    private static string[] Blocks(string language) =>
        [.. Regex.Matches(Text, $"```{language}\n(.*?)```", RegexOptions.Singleline).Select(match => match.Groups[1].Value)];

    private static string Lines(string code) => string.Join('\n', code.ReplaceLineEndings("\n").Split('\n').Select(line => line.Trim()));

    private void TrainOneEpoch(double learningRate) => _rates.Add(learningRate);
}
