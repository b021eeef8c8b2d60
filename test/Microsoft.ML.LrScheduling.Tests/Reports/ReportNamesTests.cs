using System.Collections.Immutable;
using Microsoft.ML.LrScheduling.Reports;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Training;
using Microsoft.Playwright;

using LinearOptions = Microsoft.ML.LrScheduling.Trainers.TorchLinearRegressionTrainer.Options;

namespace Microsoft.ML.LrScheduling.Tests.Reports;

/// <summary>How trials, columns and axes are called, and what is said of those without a score.</summary>
[TestClass]
public sealed class ReportNamesTests : ReportTests
{
    private const string Step = "learningRateSchedule.stepSize", Gamma = "learningRateSchedule.gamma";

    [TestMethod]
    public async Task Axes_and_bars_whose_names_begin_alike_are_told_apart()
    {
        Named().SaveReport(Report);
        var page = await Open();
        var axes = (await page.Locator("[data-chart=parallel] svg > text[font-weight]").AllTextContentsAsync())
            .Select(text => text.Replace(Step, "", StringComparison.Ordinal).Replace(Gamma, "", StringComparison.Ordinal)).ToArray();
        CollectionAssert.IsSubsetOf(new[] { "…stepSize", "…gamma" }, axes, string.Join(", ", axes));
        var bars = await page.Locator("[data-chart=importance] g[aria-label='y-axis tick label'] text").AllTextContentsAsync();
        CollectionAssert.AllItemsAreUnique(bars.ToArray());
        Assert.IsTrue(bars.All(bar => bar.Length <= 22), string.Join(", ", bars));
        Assert.IsTrue(bars.Any(bar => bar.EndsWith("stepSize", StringComparison.Ordinal)), string.Join(", ", bars));
        // A number of trials is called one.
        var titles = await page.Locator("[data-chart=multiple] figcaption > span").AllInnerTextsAsync();
        CollectionAssert.AreEquivalent(new[] { "StepLR: 8 trials", "StepLR (2): 8 trials" }, titles.ToArray());
        Assert.AreEqual("", Complaints);
    }

    [TestMethod]
    public async Task Words_on_an_axis_have_a_ground_and_trials_without_a_score_are_grey_and_end_in_a_cross()
    {
        Named().SaveReport(Report);
        var page = await Open();
        var strokes = await page.EvalOnSelectorAllAsync<string[]>(
            "[data-chart=parallel] g[aria-label=line] path", "all => all.map(path => path.getAttribute('stroke'))");
        Assert.HasCount(16, strokes);
        Assert.AreEqual(3, strokes.Count(stroke => stroke == "var(--dot)"));
        Assert.AreEqual(3, await Count(page, "[data-chart=parallel] g[aria-label=dot] path"));
        StringAssert.Contains(await page.InnerTextAsync("[data-chart=parallel] .note"), "Grey lines that end in × have no score.");
        // A ground as large as each word, and below it.
        Assert.IsTrue(await page.EvaluateAsync<bool>("""
            () => {
              const grounds = [...document.querySelectorAll("[data-chart=parallel] rect.ground")];
              return grounds.length > 4 && grounds.every(rect => {
                const a = rect.getBoundingClientRect(), b = rect.nextElementSibling.getBoundingClientRect();
                return a.left <= b.left && a.right >= b.right && getComputedStyle(rect).fillOpacity >= 0.8;
              });
            }
            """));
        // Ranks are those of scores.
        var ranks = await Column(page, "rank");
        Assert.AreEqual(3, ranks.Count(rank => rank == "–"));
        Assert.AreEqual("13", ranks[12]);
        StringAssert.EndsWith((await Column(page, "ended"))[14], "of epochs");
        Assert.AreEqual("diverged in epoch 4, after a training loss of 1.6 in epoch 3", (await Column(page, "ended"))[13]);
        Assert.AreEqual("", Complaints);
    }

    [TestMethod]
    public async Task A_trial_that_diverged_in_its_first_epoch_counts_for_importance_as_one_that_diverged_later()
    {
        // All but the rate is equal: half of the trials have equal losses, the other half diverged because of their rate.
        foreach (var epochs in new[] { 0, 2 })
        {
            ReportSamples.Study([.. Enumerable.Range(0, 20).Select(i =>
            {
                var options = new LinearOptions { LearningRate = i + 1.0 };
                var trial = ReportSamples.Trial(
                    i, [1, 1], options, i < 10 ? StopReason.Completed : StopReason.Diverged, ("rate", i + 1.0));
                var history = trial.History!;
                return i < 10 ? trial : trial with { History = history with { Epochs = [.. history.Epochs.Take(epochs)] } };
            })]).SaveReport(Report);
            var page = await Open();
            var shares = await page.GetAttributeAsync("[data-chart=importance] svg", "aria-label");
            StringAssert.Contains(shares, "rate 100 %", $"{epochs} epochs");
        }

        Assert.AreEqual("", Complaints);
    }

    [TestMethod]
    public async Task Trials_that_failed_are_said_not_to_be_counted()
    {
        Named().SaveReport(Report);
        var page = await Open();
        StringAssert.EndsWith(await page.InnerTextAsync("[data-chart=importance] .note"), "1 failed trial is not counted.");
        Assert.AreEqual("", Complaints);
    }

    [TestMethod]
    public async Task Columns_have_names_of_their_own_and_the_filters_example_leaves_half_of_the_trials()
    {
        ReportSamples.Sweep().SaveReport(Report);
        var page = await Open();
        var titles = await page.Locator("#board thead th").AllTextContentsAsync();
        CollectionAssert.AllItemsAreUnique(titles.ToArray(), string.Join(", ", titles));
        var hint = (await page.GetAttributeAsync("#filter", "placeholder"))!;
        // 24 rates from 10⁻³ on, 8 a decade: those of half are below 10^(−3 + 11.5 / 8), between which and its neighbours is the hint.
        StringAssert.StartsWith(hint, "words, or bounds: rate<");
        await page.FillAsync("#filter", hint["words, or bounds: ".Length..]);
        await page.WaitForFunctionAsync("() => document.getElementById('count').textContent === '12 of 24'");
        Assert.AreEqual("", Complaints);
    }

    [TestMethod]
    public async Task A_column_of_best_epochs_is_there_where_one_is_watched()
    {
        var (one, other) = (ReportSamples.History([3, 2]), ReportSamples.History([3, 1]));
        TrainingReport.Compare(("a", one), ("b", other)).Save(Report);
        var page = await Open();
        CollectionAssert.DoesNotContain((await page.Locator("#board thead th").AllTextContentsAsync()).ToArray(), "best epoch");
        TrainingReport.Compare(("a", one with { BestEpoch = 2 }), ("b", other)).Save(Report);
        page = await Open();
        CollectionAssert.AreEqual(new[] { "–", "2" }, (await Column(page, "best epoch")).Order(StringComparer.Ordinal).Reverse().ToArray());
        Assert.AreEqual("", Complaints);
    }

    [TestMethod]
    public async Task On_a_phone_the_heading_breaks_between_words_and_the_legend_keeps_the_score()
    {
        const string Long = "CosineAnnealingWarmRestarts of a name that is far too long for a phone, and then some";
        var trials = Enumerable.Range(0, 3).Select(i => ReportSamples.Trial(
            i, [3, 2, 1.2345 + i], new LinearOptions { LearningRateSchedule = LrSchedule.StepLR(i + 1) }, StopReason.Completed,
            [("what it is", $"{Long} {i}")]));
        ReportSamples.Study([.. trials]).SaveReport(Report, "TorchLinearRegressionTrainerOfPricesOfHouses");
        var page = await Open(400);
        // Each line of the heading ends with a whole word: the next begins with a capital letter.
        var starts = await page.EvaluateAsync<string[]>("""
            () => {
              const walker = document.createTreeWalker(document.querySelector("h1"), NodeFilter.SHOW_TEXT), found = [];
              let line = null;
              for (let node; (node = walker.nextNode());)
                for (let i = 0; i < node.length; i++) {
                  const range = document.createRange();
                  range.setStart(node, i);
                  range.setEnd(node, i + 1);
                  const top = range.getBoundingClientRect().top;
                  if (line === null || top > line + 5) { found.push(node.data[i]); line = top; }
                }
              return found;
            }
            """);
        Assert.IsGreaterThan(1, starts.Length);
        Assert.IsTrue(starts.All(start => char.IsUpper(start[0])), string.Join(" ", starts));
        Assert.AreEqual("TorchLinearRegressionTrainerOfPricesOfHouses", await page.InnerTextAsync("h1"));
        foreach (var entry in await page.Locator(".legend button").AllAsync())
        {
            var (whole, score) = ((await entry.BoundingBoxAsync())!, (await entry.Locator(":scope > :last-child").BoundingBoxAsync())!);
            Assert.IsLessThanOrEqualTo(whole.X + whole.Width, score.X + score.Width);
            Assert.IsTrue(await entry.Locator(":scope > :last-child").EvaluateAsync<bool>("e => e.scrollWidth <= e.clientWidth + 1"));
            StringAssert.EndsWith(await entry.Locator(":scope > :last-child").InnerTextAsync(), "2345");
        }

        Assert.AreEqual("", Complaints);
    }

    [TestMethod]
    public async Task Long_words_widen_no_page()
    {
        var word = string.Concat(Enumerable.Repeat("Zwölfundzwanzigtausend", 15));
        var history = ReportSamples.History([2, 1], new LinearOptions { LabelColumnName = word }) with
        {
            Trainer = word,
            ScheduleText = $"{word}(gamma: 0.1)",
            StopReason = StopReason.Diverged,
            Divergence = word,
        };
        var study = new Study<LinearOptions>(
            Metric.ValidationLoss,
            [.. Enumerable.Range(0, 10).Select(i => ReportSamples.Trial(
                i, [2, 1.2345], stopReason: i > 7 ? StopReason.Failed : StopReason.Completed,
                drawn: [(word, (double)i), ("word", $"{word}{i % 2}")]) with
            {
                Failure = i > 7 ? word : null,
            })],
            bestModel: null, [word]);
        foreach (var save in new Action[]
        {
            () => history.SaveReport(Report, word),
            () => TrainingReport.Compare((word, history), ("b", history)).Save(Report, word),
            () => study.SaveReport(Report, word),
        })
        {
            save();
            foreach (var width in new[] { 400, 1280 })
            {
                var page = await Open(width);
                Assert.IsLessThanOrEqualTo(width, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
                CollectionAssert.AreEqual(Array.Empty<string>(), await Outside(page, "main"));
                if (await Count(page, "#board") == 0) continue;
                // A number beside a long name stays on its line.
                await Hover(page, "metric", 0.9, 0.5);
                Assert.IsTrue(await page.EvaluateAsync<bool>(
                    "[...document.querySelectorAll('#tip b')].every(b => b.getClientRects().length === 1 && b.clientHeight < 30)"));
                await page.Mouse.MoveAsync(1, 1);
                Assert.IsLessThan(120, (await page.Locator("#board thead").BoundingBoxAsync())!.Height);
                await page.ClickAsync("#board tbody tr:last-child button");
                CollectionAssert.AreEqual(Array.Empty<string>(), await Outside(page, "dialog"));
                Assert.IsTrue(await page.EvaluateAsync<bool>("(d => d.scrollWidth <= d.clientWidth)(document.querySelector('dialog'))"));
            }
        }

        Assert.AreEqual("", Complaints);

        // What is on neither the page nor a place that scrolls.
        static Task<string[]> Outside(IPage page, string root) => page.EvaluateAsync<string[]>(
            """
            root => [...document.querySelectorAll(`${root} *`)]
              .filter(e => !e.closest(".scroll, .wide, pre, svg, .unseen, [hidden]") && e.getBoundingClientRect().right > innerWidth + 1)
              .map(e => `${e.tagName} ${e.className}`)
            """, root);
    }

    [TestMethod]
    public async Task Values_of_hyperparameters_have_one_form_and_their_digits()
    {
        double[] whole = [5, 12_345, 10_000_000, 10_000_001, 123_456_789, 1_000_000_007, 9_007_199_254_740_991, -20_000_000, 0];
        ReportSamples.Study([.. Enumerable.Range(0, 9).Select(i =>
        {
            var trial = ReportSamples.Trial(
                i, [2, 1 + 0.1 * i],
                drawn: [("seed", whole[i]), ("close", i % 2 == 0 ? 0.01234567 : 0.01234568), ("rate", 0.1 / (i + 3))]);
            // More than a double holds.
            var large = 9_007_199_254_740_993 + i;
            return trial with { Hyperparameters = [.. trial.Hyperparameters, new("long", $"{large}", large)] };
        })]).SaveReport(Report);
        var page = await Open();
        CollectionAssert.AreEqual(
            whole.Select(value => ((long)value).ToString(System.Globalization.CultureInfo.InvariantCulture)).ToArray(),
            await Column(page, "seed"));
        CollectionAssert.AreEqual(
            Enumerable.Range(0, 9).Select(i => $"{9_007_199_254_740_993 + i}").ToArray(), await Column(page, "long"));
        CollectionAssert.AreEquivalent(
            new[] { "0.01234567", "0.01234568" }, (await Column(page, "close")).Distinct().ToArray());
        // Others have as many digits as a glance takes in.
        Assert.AreEqual("0.033333", (await Column(page, "rate"))[0]);
        await page.ClickAsync("#board tbody tr:nth-child(4) button");
        StringAssert.Contains(await page.InnerTextAsync("dialog"), "seed = 10000001, close = 0.01234568, rate = 0.016667");
        Assert.AreEqual("", Complaints);
    }

    [TestMethod]
    public async Task A_drag_of_the_mouse_leaves_no_ring_and_a_key_does()
    {
        ReportSamples.Sweep().SaveReport(Report);
        var page = await Open();
        await Hover(page, "metric", 0.4, 0.5);
        await page.Mouse.DownAsync();
        await Hover(page, "metric", 0.7, 0.5);
        await page.Mouse.UpAsync();
        Assert.AreEqual("none", await Outline());
        await page.FocusAsync("[data-chart=metric] svg");
        await page.Keyboard.PressAsync("ArrowRight");
        Assert.AreEqual("solid", await Outline());
        await page.Keyboard.PressAsync("+");
        Assert.AreEqual("solid", await Outline());
        Assert.AreEqual("", Complaints);

        Task<string> Outline() =>
            page.EvaluateAsync<string>("getComputedStyle(document.querySelector('[data-chart=metric] svg')).outlineStyle");
    }

    [TestMethod]
    public async Task Scores_of_folds_are_said_to_be_means_and_have_no_empty_chart()
    {
        ReportSamples.Study([.. Enumerable.Range(0, 3).Select(i => ReportSamples.Trial(i, [3, 2, 1], drawn: [("x", (double)i)]) with
        {
            Score = 1 + i,
            FoldScores = [1.0 + i, 0.5 + i, 1.5 + i],
            History = WithoutValidation(ReportSamples.History([3, 2, 1])),
        })]).SaveReport(Report);
        var page = await Open();
        StringAssert.EndsWith(await page.InnerTextAsync("#summary"), "(lower is better, mean of 3 folds)");
        Assert.AreEqual(0, await Count(page, "text=No curve is chosen"));
        CollectionAssert.AreEqual(
            new[] { "rates", "losses" },
            await page.EvalOnSelectorAllAsync<string[]>("figure", "all => all.map(figure => figure.dataset.chart)"));
        StringAssert.Contains(await page.InnerTextAsync("section:has(h2:text-is('Curves'))"), "Scores are means of 3 folds");
        await page.ClickAsync("section summary");
        await page.WaitForSelectorAsync("details tbody tr");
        Assert.AreEqual(3, await Count(page, "details tbody tr"));
        Assert.AreEqual("", Complaints);
    }

    internal static TrainingHistory WithoutValidation(TrainingHistory history) => history with
    {
        ValidationRowCount = 0,
        Epochs = [.. history.Epochs.Select(epoch => epoch with { ValidationMetrics = ImmutableSortedDictionary<Metric, double>.Empty })],
    };

    // Sixteen trials of two kinds of schedule: two have diverged, and one has failed.
    private static Study<LinearOptions> Named() => ReportSamples.Study([.. Enumerable.Range(0, 16).Select(i =>
    {
        var isDiverged = i is 3 or 8;
        var trial = ReportSamples.Trial(
            i, [3, 2, 1 + Math.Abs(i - 6) / 5.0], new LinearOptions { LearningRate = 0.01 * (i + 1) },
            isDiverged ? StopReason.Diverged : i == 5 ? StopReason.Failed : StopReason.Completed,
            [
                (Step, (double)i), (Gamma, i * 5 % 16 / 16.0), ("learningRate", 0.01 * (i + 1)),
                ("kind", i % 2 == 0 ? "StepLR" : "StepLR (2)"),
            ]);
        return i == 5 ? trial with { Score = null, Failure = "It ran out of epochs" } : trial;
    })]);
}
