using System.Collections.Immutable;
using Microsoft.ML.LrScheduling.Reports;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Training;
using Microsoft.Playwright;

using LinearOptions = Microsoft.ML.LrScheduling.Trainers.TorchLinearRegressionTrainer.Options;

namespace Microsoft.ML.LrScheduling.Tests.Reports;
/// <summary>Reports of names and numbers that were chosen to break them.</summary>
[TestClass]
public sealed class HostileReportTests : ReportTests
{
    private const string Nasty = "</script><script>document.title='broken'</script><img src=x onerror=alert(1)>\"'`${1}";

    [TestMethod]
    public async Task Names_are_text_whatever_they_are()
    {
        string[] names = ["constructor", "toString", "__proto__", "hasOwnProperty", Nasty, "\u202Eevil"];
        ReportSamples.Study([.. Enumerable.Range(0, 12).Select(i => ReportSamples.Trial(
            i, [3.0, 2 + i / 12.0], new LinearOptions { LabelColumnName = Nasty }, StopReason.Completed,
            [.. names.Select((name, j) => (name, (object)(j % 2 == 0 ? (double)(i * j % 5) : i % 2 == 0 ? Nasty : "constructor")))]))])
            .SaveReport(Report, "{{data}} {{style}} " + Nasty);
        var page = await Open();
        Assert.AreEqual("{{data}} {{style}} " + Nasty, await page.TitleAsync());
        Assert.AreEqual("{{data}} {{style}} " + Nasty, await page.InnerTextAsync("h1"));
        CollectionAssert.AreEqual(
            new[] { "constructor", "toString", "__proto__", "hasOwnProperty", Nasty, "\\u202eevil" }
                .Where(name => name != "constructor").ToArray(),
            (await page.Locator("#board thead th").AllTextContentsAsync()).Where(name => name is not ("curve" or "rank" or "trial"
                or "Validation loss" or "ended")).ToArray());
        CollectionAssert.AreEquivalent(
            Enumerable.Range(0, 12).Select(i => i % 2 == 0 ? Nasty : "constructor").ToArray(), await Column(page, "toString"));
        Assert.IsFalse((await page.ContentAsync()).Contains("native code", StringComparison.Ordinal));
        await page.FillAsync("#filter", "tostring=constructor");
        await page.WaitForFunctionAsync("() => document.getElementById('count').textContent === '6 of 12'");
        await page.ClickAsync("#board tbody tr:first-child button");
        StringAssert.Contains(await page.TextContentAsync("dialog [data-code='C#']"), "onerror=alert(1)>\\\"'`${1}\"");
        Assert.AreEqual("", Complaints);
    }

    [TestMethod]
    public async Task Numbers_at_the_end_of_all_numbers_are_drawn()
    {
        double[] ends = [1e308, -1e308, double.MaxValue, double.MinValue, double.Epsilon, -double.Epsilon, 0, 1, 1e-300, -1e300];
        ReportSamples.Study([.. Enumerable.Range(0, 10).Select(i => ReportSamples.Trial(
            i, [ends[i], ends[(i + 1) % 10], ends[(i + 3) % 10]], drawn: [("end", ends[i]), ("same", ends[i % 2])]))]).SaveReport(Report);
        var page = await Open();
        await page.ClickAsync("section:has(h2:text-is('Trials')) button:text-is('log')");
        foreach (var chart in new[] { "metric", "losses" })
        {
            await page.ClickAsync($"[data-chart={chart}] button:text-is('log')");
            CollectionAssert.AreEqual(new[] { 3, 3, 3, 3, 3 }, (await Curves(page, chart)).Select(curve => curve.Length).ToArray(), chart);
        }

        var ticks = await page.Locator("figure g[aria-label$='tick label'] text").AllTextContentsAsync();
        Assert.IsTrue(ticks.Any(tick => tick.Contains("e308", StringComparison.Ordinal)), string.Join(" ", ticks));
        Assert.IsFalse((await page.InnerTextAsync("main")).Contains("Infinity", StringComparison.Ordinal));
        foreach (var chart in new[] { "history", "factor-0", "factor-1" })
            Assert.AreEqual(10, await Count(page, $"[data-chart={chart}] g[aria-label=dot] :is(circle, path)"), chart);
        Assert.AreEqual(10, await Count(page, "[data-chart=parallel] g[aria-label=line] path"));
        var svgs = await page.EvalOnSelectorAllAsync<string[]>("figure svg", "all => all.map(svg => svg.outerHTML)");
        foreach (var svg in svgs)
        {
            Assert.IsFalse(svg.Contains("NaN", StringComparison.Ordinal) || svg.Contains("Infinity", StringComparison.Ordinal), svg[..200]);
        }

        // Near the end of numbers, linear and logarithmic, and where a zoom goes to the edge.
        double[] largest = [1.79e308, 1.5e308, double.MaxValue, 1.6e308];
        TrainingReport.Compare(
            ("up", ReportSamples.History(largest)), ("down", ReportSamples.History([.. largest.Select(value => -value)]))).Save(Report);
        page = await Open();
        StringAssert.Contains(await page.InnerTextAsync(".tiles"), "over 1.79e308\nthan the second best");
        foreach (var scale in new[] { "linear", "log", "zoom" })
        {
            if (scale == "log") await page.ClickAsync("[data-chart=metric] button:text-is('log')");
            if (scale == "zoom")
            {
                await Hover(page, "metric", 0.5, 0.01);
                await page.Mouse.DownAsync();
                await Hover(page, "metric", 0.9, 0.4);
                await page.Mouse.UpAsync();
            }

            ticks = await page.Locator("[data-chart=metric] g[aria-label='y-axis tick label'] text").AllTextContentsAsync();
            Assert.IsGreaterThan(1, ticks.Count, scale);
            CollectionAssert.AllItemsAreUnique(ticks.ToArray(), scale);
            Assert.IsTrue(ticks.All(tick => double.IsFinite(double.Parse(
                tick.Replace('−', '-'), System.Globalization.CultureInfo.InvariantCulture))), $"{scale}: {string.Join(" ", ticks)}");
        }

        Assert.AreEqual("", Complaints);
    }

    [TestMethod]
    public async Task Titles_and_names_show_characters_that_are_not_seen()
    {
        const string Hidden = "a\u202Eb\u200Bc\u0007d\uFEFFe", Shown = "a\\u202eb\\u200bc\\u0007d\\ufeffe";
        var history = ReportSamples.History([2, 1]) with { Trainer = Hidden, ScheduleText = Hidden };
        history.SaveReport(Report, $"{Hidden}\nof two lines");
        var page = await Open();
        Assert.AreEqual($"{Shown} of two lines", await page.TitleAsync());
        Assert.AreEqual($"{Shown} of two lines", await page.InnerTextAsync("h1"));
        StringAssert.StartsWith(await page.InnerTextAsync("#summary"), $"{Shown} · {Shown}");
        StringAssert.Contains(await page.InnerTextAsync("main"), $"Schedule: {Shown}.");
        TrainingReport.Compare((Hidden, history), ("b", history)).Save(Report, Hidden);
        page = await Open();
        CollectionAssert.AreEquivalent(new[] { Shown, "b" }, await Column(page, "training"));
        ReportSamples.Study([.. Enumerable.Range(0, 9).Select(i => ReportSamples.Trial(
            i, [2, 1 + i], drawn: [(Hidden, (double)i), ("word", $"{Hidden}{i % 2}")]) with
        {
            Failure = i == 8 ? $"It failed:\r\n{Hidden}" : null,
        })]).SaveReport(Report, Hidden);
        page = await Open();
        StringAssert.Contains(await page.InnerTextAsync("#board"), $"failed: It failed: {Shown}");
        foreach (var hidden in "\u202E\u200B\u0007\uFEFF")
            Assert.IsFalse((await page.InnerHTMLAsync("main")).Contains(hidden, StringComparison.Ordinal), $"{(int)hidden:x4}");
        Assert.AreEqual("", Complaints);
    }

    [TestMethod]
    public async Task A_trainer_of_another_name_gives_no_code_and_hidden_characters_are_seen()
    {
        var history = ReportSamples.History([2, 1], new LinearOptions { LabelColumnName = "a\u202Eb\u200Bc" });
        (history with { Trainer = "Process.Start(\"sh\");//" }).SaveReport(Report);
        var page = await Open();
        Assert.AreEqual(0, await Count(page, "[data-code='C#']"));
        Assert.AreEqual(0, await Count(page, "button:text-is('Copy C#')"));
        StringAssert.Contains(await page.TextContentAsync("[data-code=JSON]"), "\"labelColumnName\": \"a\\u202eb\\u200bc\"");
        history.SaveReport(Report);
        page = await Open();
        StringAssert.Contains(await page.TextContentAsync("[data-code='C#']"), "LabelColumnName = \"a\\u202eb\\u200bc\",");
        Assert.AreEqual("", Complaints);
    }

    [TestMethod]
    public async Task Its_policy_lets_no_other_script_run()
    {
        ReportSamples.History([2, 1]).SaveReport(Report);
        var page = await Open();
        Assert.AreEqual("", Complaints);
        var policy = (await page.GetAttributeAsync("meta[http-equiv]", "content"))!;
        StringAssert.Contains(policy, "default-src 'none'");
        Assert.IsFalse(policy.Contains("unsafe-eval", StringComparison.Ordinal));
        Assert.IsFalse(policy[..policy.IndexOf("style-src", StringComparison.Ordinal)].Contains("unsafe", StringComparison.Ordinal));
        // As if a title or a name had got through.
        File.WriteAllText(Report, File.ReadAllText(Report).Replace(
            "</main>", "</main><script>window.ran = 1</script><img src=data: onerror=\"window.ran = 1\">", StringComparison.Ordinal));
        page = await Open();
        Assert.IsTrue(await page.EvaluateAsync<bool>("window.ran === undefined"));
        StringAssert.Contains(Complaints, "Content Security Policy");
    }

    [TestMethod]
    public async Task Trainings_without_an_epoch_a_score_a_rate_or_a_whole_name_have_a_report()
    {
        var nothing = new TrainingHistory { Epochs = [], StopReason = StopReason.Diverged };
        nothing.SaveReport(Report);
        Assert.AreEqual("Training", await TitleOf("section"));
        TrainingReport.Compare(("nothing", nothing), ("one", ReportSamples.History([1]))).Save(Report);
        var page = await Open();
        CollectionAssert.AreEqual(new[] { "1", "–" }, await Column(page, "Validation loss"));
        var halved = ReportSamples.History([2, 1]);
        (halved with
        {
            Trainer = "half \ud83d",
            Options = "{\"a\":\"\\ud83d\"}",
            ScheduleText = "\ud83d",
            Epochs = [.. halved.Epochs.Select(epoch => epoch with { LearningRates = [], BatchLearningRates = [] })],
        }).SaveReport(Report);
        Assert.AreEqual("Losses and learning rate", await TitleOf("section"));
        ReportSamples.Study(
            [.. Enumerable.Range(0, 9).Select(i => ReportSamples.Trial(
                i, [double.NaN], stopReason: StopReason.Diverged, drawn: [("rate", i + 1.0)]))]).SaveReport(Report);
        Assert.AreEqual("Leaderboard", await TitleOf("section"));
        Assert.AreEqual("", Complaints);

        async Task<string> TitleOf(string selector)
        {
            var page = await Open(waitFor: selector);
            return (await page.InnerTextAsync("h2"))!;
        }
    }

    [TestMethod]
    public async Task A_thousand_trials_of_a_hundred_epochs_are_a_small_file_that_opens_at_once()
    {
        var random = new Random(1);
        ReportSamples.Study([.. Enumerable.Range(0, 1000).Select(i =>
        {
            var (rate, decay) = (Math.Pow(10, -4 * random.NextDouble()), random.NextDouble());
            var options = new LinearOptions
            {
                LearningRate = rate,
                L2Regularization = random.NextDouble(),
                LearningRateSchedule =
                    i % 3 == 0 ? LrSchedule.ExponentialLR(0.8 + 0.2 * decay) : i % 3 == 1 ? LrSchedule.CosineAnnealingLR(100) : null,
            };
            return ReportSamples.Trial(
                i, [.. Enumerable.Range(1, 100).Select(epoch => 1 + random.NextDouble() + rate / epoch)], options, StopReason.Completed,
                [("rate", rate), ("l2", options.L2Regularization.Value), ("decay", decay), ("kind", $"kind {i % 3}")]);
        })]).SaveReport(Report);
        var size = new FileInfo(Report).Length;
        Console.WriteLine($"{size / 1e6:F2} MB");
        Assert.IsLessThan(5_000_000, size);

        // The processor's time, which other tests do not make longer.
        ICDPSession? session = null;
        var page = await Open(first: async page =>
        {
            session = await page.Context.NewCDPSessionAsync(page);
            await session.SendAsync("Performance.enable", new() { ["timeDomain"] = "threadTicks" });
        });
        await page.WaitForSelectorAsync("[data-chart=factor-3] svg");
        var metrics = (await session!.SendAsync("Performance.getMetrics"))!.Value.GetProperty("metrics");
        var seconds = metrics.EnumerateArray().Single(metric => metric.GetProperty("name").GetString() == "ThreadTime")
            .GetProperty("value").GetDouble();
        Console.WriteLine(
            $"drawn after {await page.EvaluateAsync<double>("performance.now()") / 1000:F2} s, {seconds:F2} of the processor");
        Assert.IsInRange(0.01, 2.0, seconds);
        Assert.AreEqual(1000, await Count(page, "[data-chart=history] g[aria-label=dot] :is(circle, path)"));
        Assert.AreEqual(200, await Count(page, "#board tbody tr"));
        await page.ClickAsync("button:text-is('Show all 1,000')");
        Assert.AreEqual(1000, await Count(page, "#board tbody tr"));
        Assert.AreEqual("", Complaints);
    }

    [TestMethod]
    public async Task Long_trainings_keep_their_file_small_and_one_epoch_more_leaves_out_no_half()
    {
        var random = new Random(1);
        ReportSamples.Study([.. Enumerable.Range(0, 100).Select(i =>
        {
            double[] losses = [.. Enumerable.Range(1, 3000).Select(epoch => 1 + random.NextDouble() / epoch)];
            var options = new LinearOptions
            {
                LearningRate = random.NextDouble(),
                LearningRateSchedule = LrSchedule.CosineAnnealingLR(3000),
            };
            var trial = ReportSamples.Trial(i, losses, options, drawn: [("rate", options.LearningRate.Value)]);
            // All that a regression measures, and a rate of the bias that is another one.
            return trial with
            {
                History = trial.History with
                {
                    Epochs = [.. trial.History.Epochs.Select(epoch => epoch with
                    {
                        LearningRates = [epoch.LearningRates[0], epoch.LearningRates[0] / 3],
                        ValidationMetrics = ImmutableSortedDictionary.CreateRange(new[]
                        {
                            Metric.ValidationLoss, Metric.RootMeanSquaredError, Metric.MeanAbsoluteError, Metric.RSquared,
                        }.Select(metric => KeyValuePair.Create(metric, random.NextDouble()))),
                    })],
                },
            };
        })]).SaveReport(Report);
        var size = new FileInfo(Report).Length;
        Console.WriteLine($"{size / 1e6:F2} MB");
        Assert.IsLessThan(5_000_000, size);
        Assert.IsGreaterThan(300, await Points());

        // Points by epochs of one training, and by trainings of 700 epochs.
        foreach (var (epochs, expected) in new[] { (599, 599), (600, 600), (601, 600), (1201, 600) })
        {
            ReportSamples.Study(Trial(0, epochs)).SaveReport(Report);
            Assert.AreEqual(expected, await Points(), $"{epochs} epochs");
        }

        var points = new List<int>();
        foreach (var count in new[] { 90, 100, 101, 150 })
        {
            ReportSamples.Study([.. Enumerable.Range(0, count).Select(i => Trial(i, 700))]).SaveReport(Report);
            points.Add(await Points());
        }

        CollectionAssert.AreEqual(points.OrderDescending().ToArray(), points, string.Join(", ", points));
        Assert.AreEqual("", Complaints);

        static StudyTrial<LinearOptions> Trial(int number, int epochs)
        {
            double[] losses = [.. Enumerable.Range(1, epochs).Select(epoch => 1 + 1.0 / epoch)];
            return ReportSamples.Trial(number, losses, drawn: [("x", (double)number)]) with
            {
                History = ReportSamples.History(losses, new LinearOptions { LearningRateSchedule = LrSchedule.StepLR(100) }),
            };
        }

        async Task<int> Points() => (await Curves(await Open(), "metric"))[0].Length;
    }
}
