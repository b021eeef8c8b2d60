using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.ML.LrScheduling.Reports;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Training;
using Microsoft.Playwright;

using LinearOptions = Microsoft.ML.LrScheduling.Trainers.TorchLinearRegressionTrainer.Options;

namespace Microsoft.ML.LrScheduling.Tests.Reports;
/// <summary>The report of a sweep.</summary>
[TestClass]
public sealed class SweepReportTests : ReportTests
{
    [TestMethod]
    public async Task It_says_how_trials_ended_what_was_best_and_by_how_much()
    {
        var study = ReportSamples.Sweep();
        study.SaveReport(Report, "Rates & <schedules>");
        var page = await Open();
        Assert.AreEqual("Rates & <schedules>", await page.TitleAsync());
        Assert.AreEqual("Rates & <schedules>", await page.InnerTextAsync("h1"));
        Assert.AreEqual(
            "TorchLinearRegressionTrainer · compared by Validation loss (lower is better)", await page.InnerTextAsync("#summary"));
        var tiles = await page.InnerTextAsync(".tiles");
        StringAssert.Contains(tiles, "20 completed · 4 diverged");
        StringAssert.Contains(tiles, $"Trial {study.Best.Number}");
        var (best, second) = (study.Leaderboard[0].Score!.Value, study.Leaderboard[1].Score!.Value);
        StringAssert.Contains(tiles, $"{(second - best).ToString("G3", CultureInfo.InvariantCulture)}\nthan the second best");
        StringAssert.Contains(tiles, "12,345\nand 678 for validation");
        // 101 + … + 120 ms, which all trials tell of the same epochs.
        StringAssert.Contains(tiles, "2.2 s");
        Assert.AreEqual("", Complaints);
    }

    [TestMethod]
    public async Task Only_what_varies_has_a_column_and_the_schedule_comes_first()
    {
        ReportSamples.Sweep().SaveReport(Report);
        var page = await Open();
        CollectionAssert.AreEqual(
            new[] { "curve", "rank", "trial", "Validation loss", "full schedule", "noise", "rate", "schedule", "epochs", "ended" },
            (await page.Locator("#board thead th").AllTextContentsAsync()).ToArray());
        CollectionAssert.Contains(await Column(page, "full schedule"), "CosineAnnealingLR(tMax: 20)");
        StringAssert.Contains(string.Join("\n", await Column(page, "ended")), "diverged");
        // The legend names each chosen trial by its schedule.
        var legend = await page.Locator(".legend li").AllInnerTextsAsync();
        Assert.HasCount(5, legend);
        Assert.IsTrue(
            legend.Any(line => line.Contains("StepLR(stepSize: 5, gamma: 0.3)", StringComparison.Ordinal)), string.Join("\n", legend));
    }

    [TestMethod]
    public async Task The_leaderboard_sorts_and_filters_by_words_and_bounds()
    {
        var study = ReportSamples.Sweep();
        study.SaveReport(Report);
        var page = await Open();
        CollectionAssert.AreEqual(study.Leaderboard.Select(trial => $"{trial.Number}").ToArray(), await Column(page, "trial"));
        await page.ClickAsync("th button:text-is('rate')");
        var byRate = study.Trials.Select(trial => $"{trial.Number}").ToArray();
        CollectionAssert.AreEqual(byRate, await Column(page, "trial"));
        Assert.AreEqual("ascending", await page.GetAttributeAsync("th:has(button:text-is('rate'))", "aria-sort"));
        await page.ClickAsync("th button:text-is('rate')");
        CollectionAssert.AreEqual(byRate.Reverse().ToArray(), await Column(page, "trial"));

        await Filter("schedule=step diverged", study.Trials.Where(
            trial => trial.Options.LearningRateSchedule is StepLR && trial.History.StopReason == StopReason.Diverged));
        await Filter("rate<0.01", study.Trials.Where(trial => trial.Options.LearningRate < 0.01));
        await Filter("rate>=0.01 validationloss<2", study.Trials.Where(trial => trial is { Score: < 2, Options.LearningRate: >= 0.01 }));
        await Filter("no such trial", []);
        Assert.AreEqual("", Complaints);

        async Task Filter(string text, IEnumerable<StudyTrial<LinearOptions>> left)
        {
            var numbers = left.Select(trial => $"{trial.Number}").ToArray();
            await page.FillAsync("#filter", text);
            await page.WaitForFunctionAsync("n => document.getElementById('count').textContent === `${n} of 24`", numbers.Length);
            CollectionAssert.AreEquivalent(numbers, await Column(page, "trial"), text);
        }
    }

    [TestMethod]
    public async Task Curves_have_all_their_points_and_rates_are_stepped_from_the_same_beginning()
    {
        var study = ReportSamples.Sweep();
        study.SaveReport(Report);
        var page = await Open();
        var chosen = study.Leaderboard.Take(5).ToArray();
        foreach (var chart in new[] { "metric", "losses" })
            CollectionAssert.AreEqual(new[] { 20, 20, 20, 20, 20 }, (await Curves(page, chart)).Select(curve => curve.Length).ToArray());
        var rates = await Curves(page, "rates");
        Assert.HasCount(1, rates.Select(curve => curve[0].X).Distinct().ToArray(), "all begin together, those by minibatch too");
        foreach (var (curve, trial) in rates.Zip(chosen))
        {
            // A line by default is sampled once an epoch, all others hold each rate until the next.
            if (trial.Options.LearningRateSchedule is null) continue;
            foreach (var (before, after) in curve.Zip(curve.Skip(1)))
                Assert.IsTrue(before.X == after.X || before.Y == after.Y, $"{trial.Options.LearningRateSchedule}: {before} to {after}");
        }

        // 20 epochs of four rates each: two corners a change.
        foreach (var (curve, trial) in rates.Zip(chosen))
            if (trial.Options.LearningRateSchedule is StepLR)
                Assert.HasCount(8, curve.Distinct().ToArray());

        // One more is chosen, one less.
        await page.Locator("#board tr:nth-child(9) input").CheckAsync();
        Assert.HasCount(6, await Curves(page, "metric"));
        Assert.AreEqual(6, await Count(page, ".legend li"));
        await page.Keyboard.PressAsync("Space");
        Assert.HasCount(5, await Curves(page, "metric"), "the keyboard is where it was");
        Assert.AreEqual("", Complaints);
    }

    [TestMethod]
    public async Task A_logarithm_hides_no_point_of_zero_or_below()
    {
        // As a Poisson loss, which falls below zero, and R², which rises through it.
        double[] losses = [.. Enumerable.Range(0, 40).Select(i => 3.0 - i / 5.0)];
        var trials = Enumerable.Range(0, 3).Select(i => ReportSamples.Trial(i, losses, drawn: [("x", (double)i)]) with
        {
            History = ReportSamples.History(losses, rSquared: epoch => epoch / 10.0 - 2),
        });
        new Study<LinearOptions>(Metric.RSquared, [.. trials], bestModel: null, []).SaveReport(Report);
        var page = await Open();
        foreach (var chart in new[] { "metric", "losses" })
        {
            CollectionAssert.AreEqual(new[] { 40, 40, 40 }, (await Curves(page, chart)).Select(curve => curve.Length).ToArray(), chart);
            var log = page.Locator($"[data-chart={chart}] button:text-is('log')");
            Assert.AreEqual("false", await log.GetAttributeAsync("aria-pressed"), chart);
            await log.ClickAsync();
            Assert.AreEqual("true", await log.GetAttributeAsync("aria-pressed"), chart);
            var curves = await Curves(page, chart);
            CollectionAssert.AreEqual(new[] { 40, 40, 40 }, curves.Select(curve => curve.Length).ToArray(), chart);
            // It stays in order, and within the picture.
            var ys = curves[0].Select(point => chart == "losses" ? point.Y : -point.Y).ToArray();
            CollectionAssert.AreEqual(ys.Order().ToArray(), ys, chart);
            Assert.IsTrue(curves[0].All(point => point.Y is >= 0 and <= 270), chart);
        }

        Assert.AreEqual("", Complaints);
    }

    [TestMethod]
    public async Task A_trial_that_exploded_sets_no_limits_and_is_noted_and_large_ticks_are_whole()
    {
        double[] calm = [.. Enumerable.Range(0, 20).Select(i => 1.5e9 + 1e8 * Math.Sin(i))];
        double[] wild = [.. Enumerable.Range(0, 20).Select(i => i == 10 ? 1e15 : 1.6e9 + i * 1e7)];
        ReportSamples.Study(
            ReportSamples.Trial(0, calm, drawn: [("x", 1.0)]), ReportSamples.Trial(1, wild, drawn: [("x", 2.0)]),
            ReportSamples.Trial(2, [2e9, 1e12, 1e20], stopReason: StopReason.Diverged, drawn: [("x", 3.0)])).SaveReport(Report);
        var page = await Open();
        Assert.AreEqual("Beyond the limits: 4 values above, up to 1e20.", await page.InnerTextAsync("[data-chart=metric] .note"));
        // The calm curve has most of the height.
        var ys = (await Curves(page, "metric"))[0].Select(point => point.Y).ToArray();
        Assert.IsGreaterThan(60, ys.Max() - ys.Min());
        var ticks = await page.Locator("[data-chart=metric] g[aria-label='y-axis tick label'] text").AllTextContentsAsync();
        CollectionAssert.Contains(ticks.ToArray(), "1.6e9");
        Assert.IsTrue(await page.EvaluateAsync<bool>("""
            () => [...document.querySelectorAll("figure svg")].every(svg => [...svg.querySelectorAll("text")].every(text => {
              const [a, b] = [text.getBoundingClientRect(), svg.getBoundingClientRect()];
              return a.left >= b.left - 1 && a.right <= b.right + 1 && a.top >= b.top - 1 && a.bottom <= b.bottom + 1;
            }))
            """), "no text leaves its picture");
        await page.ClickAsync("[data-chart=metric] button:text-is('all')");
        Assert.AreEqual("", await page.InnerTextAsync("[data-chart=metric] .note"));
        ys = [.. (await Curves(page, "metric"))[0].Select(point => point.Y)];
        Assert.IsLessThan(10, ys.Max() - ys.Min());
        Assert.AreEqual("", Complaints);
    }

    [TestMethod]
    public async Task The_pointer_shows_values_and_a_click_anywhere_opens_the_trial()
    {
        var study = ReportSamples.Sweep();
        study.SaveReport(Report);
        var page = await Open();
        var best = study.Best;

        // Along the curves: the values of all after the same epoch.
        await Hover(page, "metric", 0.6, 0.8);
        var shown = await page.InnerTextAsync("#tip");
        var epoch = int.Parse(Regex.Match(shown, @"after epoch (\d+)").Groups[1].Value, CultureInfo.InvariantCulture);
        Assert.IsInRange(1, 20, epoch, shown);
        foreach (var trial in study.Leaderboard.Take(5))
            StringAssert.Contains(shown, Shown(trial.History.Epochs[epoch - 1][Metric.ValidationLoss]!.Value));
        await page.Mouse.MoveAsync(5, 5);
        Assert.IsFalse(await page.IsVisibleAsync("#tip"));

        // A point of a scatter, its curve, a row of the leaderboard, the legend, a line through all axes.
        var rate = await PlaceOf(page.Locator("[data-chart=factor-1] circle[r='5.5']").First);
        await page.Mouse.MoveAsync(rate.X, rate.Y);
        StringAssert.Contains(await page.InnerTextAsync("#tip"), "rate");
        await Opens(() => page.Mouse.ClickAsync(rate.X, rate.Y), null);
        var history = await PlaceOf(page.Locator("[data-chart=history] circle[r='5.5']").First);
        await Opens(() => page.Mouse.ClickAsync(history.X, history.Y), null);
        await Opens(() => page.ClickAsync("#board tbody tr:first-child td:nth-child(4)"), best.Number);
        await Opens(() => page.ClickAsync(".legend li:nth-child(2) button"), study.Leaderboard[1].Number);
        await page.Locator("[data-chart=metric] svg").ScrollIntoViewIfNeededAsync();
        var curve = (await Curves(page, "metric"))[0][^1];
        var box = (await page.Locator("[data-chart=metric] svg").BoundingBoxAsync())!;
        await Opens(() => page.Mouse.ClickAsync(box.X + (float)curve.X, box.Y + (float)curve.Y), best.Number);

        // The trial's own view has what its options were.
        await page.ClickAsync($"#board tbody tr[data-number='{best.Number}'] button");
        var json = await page.TextContentAsync("dialog [data-code=JSON]");
        Assert.AreEqual(best.Options.ToJson(), LinearOptions.FromJson(json!).ToJson());
        Assert.AreEqual(OptionsCode.Write(best.Options), await page.TextContentAsync("dialog [data-code='C#']"));
        Assert.AreEqual(20, (await Curves(page, "loss"))[0].Length);
        Assert.AreEqual("", Complaints);

        async Task Opens(Func<Task> act, int? number)
        {
            await act();
            await page.WaitForSelectorAsync("dialog[open]");
            StringAssert.StartsWith(await page.InnerTextAsync("#details-title"), number is null ? "Trial" : $"Trial {number}");
            await page.Keyboard.PressAsync("Escape");
            Assert.IsFalse(await page.IsVisibleAsync("dialog"));
        }
    }

    [TestMethod]
    public async Task Dragging_zooms_all_curves_and_a_double_click_shows_all_again()
    {
        ReportSamples.Sweep().SaveReport(Report);
        var page = await Open();
        var before = await Ticks("rates");
        await Hover(page, "metric", 0.4, 0.5);
        await page.Mouse.DownAsync();
        await Hover(page, "metric", 0.7, 0.5);
        await page.Mouse.UpAsync();
        var zoomed = await Ticks("rates");
        Assert.AreNotEqual(before, zoomed);
        Assert.AreEqual(zoomed, await Ticks("metric"), "the same epochs");
        Assert.IsFalse(await page.IsVisibleAsync("dialog"));
        Assert.IsTrue(await page.IsVisibleAsync("[data-chart=metric] button:text-is('reset')"));
        await page.Locator("[data-chart=metric] svg").DblClickAsync(new() { Position = new() { X = 300, Y = 15 } });
        Assert.AreEqual(before, await Ticks("rates"));
        Assert.AreEqual("", Complaints);

        async Task<string> Ticks(string chart) =>
            string.Join(" ", await page.Locator($"[data-chart={chart}] g[aria-label='x-axis tick label'] text").AllTextContentsAsync());
    }

    [TestMethod]
    public async Task The_keyboard_reads_values_opens_trials_and_zooms()
    {
        var study = ReportSamples.Sweep();
        study.SaveReport(Report);
        var page = await Open();
        await page.FocusAsync("[data-chart=metric] svg");
        await page.Keyboard.PressAsync("ArrowRight");
        await page.Keyboard.PressAsync("ArrowRight");
        var first = study.Best.History.Epochs;
        StringAssert.StartsWith(await page.InnerTextAsync("#told"), "after epoch 2:");
        StringAssert.EndsWith(await page.InnerTextAsync("#told"), Shown(first[1].TrainingLoss));
        await page.Keyboard.PressAsync("ArrowDown");
        StringAssert.EndsWith(await page.InnerTextAsync("#told"), Shown(study.Leaderboard[1].History.Epochs[1].TrainingLoss));
        await page.Keyboard.PressAsync("Enter");
        StringAssert.StartsWith(await page.InnerTextAsync("#details-title"), $"Trial {study.Leaderboard[1].Number}");
        await page.Keyboard.PressAsync("Escape");
        Assert.AreEqual("svg", await page.EvaluateAsync<string>("document.activeElement.tagName"), "the keyboard is where it was");
        await page.Keyboard.PressAsync("+");
        Assert.IsTrue(await page.IsVisibleAsync("[data-chart=metric] button:text-is('reset')"));
        await page.Keyboard.PressAsync("Escape");
        Assert.IsFalse(await page.IsVisibleAsync("[data-chart=metric] button:text-is('reset')"));

        await page.FocusAsync("[data-chart=history] svg");
        await page.Keyboard.PressAsync("ArrowRight");
        StringAssert.StartsWith(await page.InnerTextAsync("#told"), "Trial 0,");
        await page.FocusAsync("[data-chart=parallel] svg");
        await page.Keyboard.PressAsync("ArrowDown");
        StringAssert.StartsWith(await page.InnerTextAsync("#told"), $"Trial {study.Best.Number},");
        await page.Keyboard.PressAsync("Enter");
        StringAssert.StartsWith(await page.InnerTextAsync("#details-title"), $"Trial {study.Best.Number}");
        Assert.AreEqual("", Complaints);
    }

    [TestMethod]
    public async Task Each_picture_of_the_trials_has_all_of_them()
    {
        var study = ReportSamples.Sweep();
        study.SaveReport(Report);
        var page = await Open();
        // 20 have a score, 4 diverged and stand at the edge as crosses.
        Assert.AreEqual(24, await Count(page, "[data-chart=history] g[aria-label=dot] :is(circle, path)"));
        Assert.AreEqual(4, await Count(page, "[data-chart=history] g[aria-label=dot] path"));
        foreach (var factor in new[] { 0, 1, 2 })
            Assert.AreEqual(24, await Count(page, $"[data-chart=factor-{factor}] g[aria-label=dot] :is(circle, path)"), $"factor {factor}");
        Assert.AreEqual(4, await Count(page, "[data-chart=multiple]"), "a small picture a kind of schedule");
        Assert.AreEqual(24, await Count(page, "[data-chart=multiple] g[aria-label=dot] :is(circle, path)"));
        Assert.AreEqual(24, await Count(page, "[data-chart=parallel] g[aria-label=line] path"));
        // The best so far falls with each trial that is better than all before it.
        var records = study.Trials.Where(trial => trial.Score is { } score
            && study.Trials.All(other => other.Number >= trial.Number || other.Score is not { } earlier || earlier > score)).Count();
        Assert.AreEqual(records, (await Curves(page, "history"))[0].Select(point => point.Y).Distinct().Count());
        // Rate and schedule decide the loss, noise does not.
        var shares = await page.GetAttributeAsync("[data-chart=importance] svg", "aria-label");
        var order = Regex.Matches(shares!, @"(\w+) (\d+) %").ToDictionary(m => m.Groups[1].Value, m => int.Parse(m.Groups[2].Value));
        CollectionAssert.AreEquivalent(new[] { "rate", "schedule", "noise" }, order.Keys.ToArray());
        Assert.IsGreaterThan(50, order["rate"]);
        Assert.AreEqual(100, order.Values.Sum(), 1);
        Assert.AreEqual("", Complaints);
    }

    [TestMethod]
    public async Task Dragging_along_an_axis_keeps_the_trials_of_that_range()
    {
        var study = ReportSamples.Sweep();
        study.SaveReport(Report);
        var page = await Open();
        // The axes are those of noise, rate, schedule and the score; the upper half of the rate.
        var svg = page.Locator("[data-chart=parallel] svg");
        await svg.ScrollIntoViewIfNeededAsync();
        var x = await page.EvalOnSelectorAsync<float>(
            "[data-chart=parallel] g[aria-label=rule] line:nth-of-type(2)", "line => line.getBoundingClientRect().x");
        var box = (await svg.BoundingBoxAsync())!;
        var middle = box.Y + 34 + (330 - 34 - 16) / 2f;
        await page.Mouse.MoveAsync(x, box.Y + 30);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(x, middle - 20);
        await page.Mouse.MoveAsync(x, middle);
        await page.Mouse.UpAsync();
        // The rates are evenly apart by their logarithms.
        Assert.AreEqual("12 of 24", await page.InnerTextAsync("#count"));
        CollectionAssert.AreEquivalent(
            Enumerable.Range(12, 12).Select(number => $"{number}").ToArray(), await Column(page, "trial"));
        await page.Mouse.ClickAsync(x, middle + 50);
        Assert.AreEqual("24 of 24", await page.InnerTextAsync("#count"));
        Assert.AreEqual("", Complaints);
    }

    [TestMethod]
    public async Task Five_schedules_are_five_curves_and_no_more()
    {
        LrSchedule?[] schedules =
            [null, LrSchedule.StepLR(5), LrSchedule.StepLR(8), LrSchedule.ExponentialLR(0.9), LrSchedule.ReduceLROnPlateau(patience: 1)];
        var trials = schedules.Select((schedule, i) => ReportSamples.Trial(
            i, [.. Enumerable.Range(1, 12).Select(epoch => 1 + (1.0 + i) / epoch)],
            new LinearOptions { LearningRate = 0.1, NumberOfEpochs = 12, LearningRateSchedule = schedule }, StopReason.Completed,
            [("numberOfEpochs", 12.0), ("learningRate", 0.1),
                .. schedule is null ? [] : new[] { ("learningRateSchedule", (object)schedule) }]));
        ReportSamples.Study([.. trials]).SaveReport(Report);
        var page = await Open();
        CollectionAssert.AreEqual(
            new[] { "curve", "rank", "trial", "Validation loss", "schedule", "ended" },
            (await page.Locator("#board thead th").AllTextContentsAsync()).ToArray());
        CollectionAssert.AreEqual(
            new[] { "straight line to 0", "StepLR(stepSize: 5)", "StepLR(stepSize: 8)", "ExponentialLR(gamma: 0.9)",
                "ReduceLROnPlateau(patience: 1)" },
            await Column(page, "schedule"));
        Assert.AreEqual(3, await Count(page, "figure"), "no picture of what the curves say");
        // Each curve's own name, beside its colour.
        StringAssert.Contains(await page.InnerTextAsync(".legend"), "0 · straight line to 0:\n1.08333");
        Assert.AreEqual("", Complaints);
    }

    [TestMethod]
    public async Task A_trial_that_failed_says_why()
    {
        const string Reason = "Its schedule failed in epoch 2: NaN </script>";
        var failed = ReportSamples.Trial(
            1, [2], stopReason: StopReason.Failed, drawn: [("x", 2.0)]) with
        { Score = null, Failure = Reason };
        var without = new StudyTrial<LinearOptions>
        {
            Number = 2,
            Hyperparameters = [],
            Options = null,
            History = new TrainingHistory { Epochs = [], StopReason = StopReason.Failed },
            Score = null,
            Failure = "It must have options. Received: null",
        };
        new Study<LinearOptions>(
            Metric.ValidationLoss, [ReportSamples.Trial(0, [2, 1], drawn: [("x", 1.0)]), failed, without], bestModel: null,
            ["Trial 1 failed", "Trial 2 failed", "a", "b"]).SaveReport(Report);
        var page = await Open();
        StringAssert.Contains(await page.InnerTextAsync(".tiles"), "1 completed · 2 failed");
        CollectionAssert.AreEqual(
            new[] { "completed", "failed: " + Reason, "failed: It must have options. Received: null" }, await Column(page, "ended"));
        Assert.AreEqual("4 notes", await page.InnerTextAsync("header summary"));
        await page.ClickAsync("#board tr[data-number='1'] button");
        StringAssert.Contains(await page.InnerTextAsync("dialog"), Reason);
        Assert.AreEqual("", Complaints);
    }

    [TestMethod]
    public async Task It_is_readable_in_light_and_dark_and_on_a_phone()
    {
        ReportSamples.Sweep().SaveReport(Report, new string('W', 60));
        var page = await Open(400, 800);
        Assert.IsTrue(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= window.innerWidth"),
            "nothing is wider than the phone");
        var score = (await page.Locator("#board tbody tr:first-child td:nth-child(4)").BoundingBoxAsync())!;
        Assert.IsLessThan(380, score.X + score.Width, "the score is there without scrolling");
        foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            await page.EmulateMediaAsync(new() { ColorScheme = scheme });
            // WCAG 2.2: text needs a contrast of 4.5.
            var contrasts = await page.EvaluateAsync<double[]>("""
                () => {
                  const linear = v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
                  const light = c => {
                    const [r, g, b] = c.match(/[\d.]+/g).map(v => linear(v / 255));
                    return .2126 * r + .7152 * g + .0722 * b;
                  };
                  const back = e => {
                    for (; e; e = e.parentElement) {
                      const c = getComputedStyle(e).backgroundColor;
                      if (!c.endsWith(", 0)")) return c;
                    }
                    return "rgb(255,255,255)";
                  };
                  const texts = document.querySelectorAll("h1,h2,p,td,th,dt,dd,figcaption,label,li,pre,button,summary,svg text");
                  return [...texts].filter(e => e.getClientRects().length && e.textContent.trim()).map(e => {
                    const style = getComputedStyle(e), own = e.namespaceURI.endsWith("svg") ? style.fill : style.color;
                    const [a, b] = [light(own), light(back(e))].sort((x, y) => y - x);
                    return (a + .05) / (b + .05);
                  });
                }
                """);
            Assert.IsGreaterThan(100, contrasts.Length);
            Assert.IsGreaterThan(4.5, contrasts.Min(), $"{scheme}");
        }

        // What a screen reader needs: a name for each control, picture and region, one first heading, no heading left out.
        var nameless = await page.EvaluateAsync<string[]>("""
            () => [...document.querySelectorAll("input,select,button,figure svg,[role=region],section")]
              .filter(e => !(e.getAttribute("aria-label") || e.labels?.length || e.textContent.trim()
                || document.getElementById(e.getAttribute("aria-labelledby"))?.textContent))
              .map(e => e.outerHTML.slice(0, 80))
            """);
        Assert.AreEqual("", string.Join("\n", nameless));
        Assert.AreEqual(1, await Count(page, "h1"));
        // The values of the curves, without looking at them.
        await page.ClickAsync("section summary");
        await page.WaitForSelectorAsync("details tbody tr:nth-child(20)");
        Assert.AreEqual(20, await Count(page, "details tbody tr"));
        // A trial's own view fits too.
        await page.ClickAsync("#board tbody button");
        Assert.IsTrue(await page.EvaluateAsync<bool>("document.querySelector('dialog').scrollWidth <= window.innerWidth"));
        Assert.AreEqual("", Complaints);
    }

    [TestMethod]
    public async Task The_finders_curve_stands_in_the_report_of_its_sweep_and_alone()
    {
        LearningRatePoint[] points = [.. Enumerable.Range(0, 10).Select(i => new LearningRatePoint(
            Math.Pow(10, i - 6), i > 7 ? double.PositiveInfinity : i > 6 ? 1e9 : 10 - i))];
        var curve = new LearningRateCurve([.. points], initialLoss: 10.5);
        Assert.AreEqual(1, curve.SuggestedRate!.Value, 1e-12);
        ReportSamples.Sweep().SaveReport(Report, learningRates: curve);
        await Look(await Open());
        curve.SaveReport(Report, "Rates");
        var page = await Open();
        Assert.AreEqual("Rates", await page.InnerTextAsync("h1"));
        await Look(page);
        Assert.AreEqual("", Complaints);

        async Task Look(IPage page)
        {
            Assert.AreEqual(10, await Count(page, "[data-chart=finder] g[aria-label=dot] :is(circle, path)"));
            // Two diverged, and one is far above the loss before training.
            Assert.AreEqual(3, await Count(page, "[data-chart=finder] g[aria-label=dot] path"));
            StringAssert.Contains(await page.InnerTextAsync("[data-chart=finder] .note"), "the loss before training, 10.5");
            Assert.IsTrue(await page.IsVisibleAsync($"text={curve.Reason}"));
            await Hover(page, "finder", 0.5, 0.5);
            var suggested = await PlaceOf(page.Locator("[data-chart=finder] circle[r='5.5']"));
            await page.Mouse.MoveAsync(suggested.X, suggested.Y);
            StringAssert.Contains(await page.InnerTextAsync("#tip"), "rate 1\nloss\n4");
        }
    }

    // As the page shows a number of this size.
    private static string Shown(double value) =>
        double.Parse(value.ToString("G6", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)
            .ToString(CultureInfo.InvariantCulture);
}
