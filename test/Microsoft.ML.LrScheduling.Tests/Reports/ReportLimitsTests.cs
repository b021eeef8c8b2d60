using Microsoft.ML.LrScheduling.Reports;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.Playwright;

using LinearOptions = Microsoft.ML.LrScheduling.Trainers.TorchLinearRegressionTrainer.Options;

namespace Microsoft.ML.LrScheduling.Tests.Reports;

/// <summary>What charts leave out, and how they say it; their ticks.</summary>
[TestClass]
public sealed class ReportLimitsTests : ReportTests
{
    [TestMethod]
    public async Task Values_beyond_the_limits_are_told_on_each_side_with_the_farthest_of_it()
    {
        double[] losses = [.. Enumerable.Range(0, 100).Select(i => 10 + 0.5 * Math.Sin(i))];
        (losses[10], losses[20], losses[30]) = (-100, -250, 150);
        ReportSamples.Study(ReportSamples.Trial(0, losses, drawn: [("x", 1.0)])).SaveReport(Report);
        var page = await Open();
        foreach (var chart in new[] { "metric", "losses" })
            Assert.AreEqual(
                "Beyond the limits: 2 values below, down to -250; 1 above, up to 150.",
                await page.InnerTextAsync($"[data-chart={chart}] .note"));
        // Scores of trials: one that is far below, and is no record after trial 0.
        ReportSamples.Study([.. Enumerable.Range(0, 40).Select(i => ReportSamples.Trial(
            i, [i == 30 ? -5 : 1 + 0.01 * Math.Sin(i)], drawn: [("x", (double)i)]))]).SaveReport(Report);
        page = await Open();
        Assert.AreEqual(
            "Beyond the limits: 1 value below, down to -5 (▲▼ at the edge).", await page.InnerTextAsync("[data-chart=history] .note"));
        StringAssert.Contains(
            (await page.GetAttributeAsync("[data-chart=history] g[aria-label=dot] path", "transform"))!, "rotate(180)");
        Assert.AreEqual("", Complaints);
    }

    [TestMethod]
    public async Task A_spike_leaves_the_body_of_short_curves_to_be_seen()
    {
        static double[] Body(int count, int spike = -1, double height = 1e6) =>
            [.. Enumerable.Range(0, count).Select(i => i == spike ? height : 1.2 - 0.3 * i / (count - 1))];
        // The first loss of one curve, of each of five, one in the middle, and one below.
        foreach (var (curves, note) in new (double[][], string)[]
        {
            ([Body(10, 0)], "Beyond the limits: 1 value above, up to 1000000."),
            ([Body(5, 0)], "Beyond the limits: 1 value above, up to 1000000."),
            ([Body(10, 0), Body(10, 0, 2e6), Body(10, 0), Body(10, 0), Body(10, 0)], "Beyond the limits: 5 values above, up to 2000000."),
            ([Body(12, 5), Body(12)], "Beyond the limits: 1 value above, up to 1000000."),
            ([Body(12, 3, -1e6)], "Beyond the limits: 1 value below, down to -1000000."),
        })
        {
            var page = await OpenCurves(curves);
            Assert.AreEqual(note, await page.InnerTextAsync("[data-chart=metric] .note"));
            // The body has a scale of its own, of which it takes most.
            Assert.AreEqual("false", await page.GetAttributeAsync("[data-chart=metric] button:text-is('log')", "aria-pressed"));
            var ys = (await Curves(page, "metric"))[0].Select(point => point.Y).Where(y => y is >= 0 and <= 270).ToArray();
            Assert.IsGreaterThan(180, ys.Max() - ys.Min(), note);
        }

        // Losses of which most are huge, that fall evenly, or that begin ten times as high, are all there.
        foreach (var curve in new double[][]
        {
            [1e6, 9e5, 8e5, 7e5, 1.2, 1.1, 0.9], [1e6, 1e6, 1e6, 1e6, 1.2, 1, 0.9], [1e6, 1e6, 0.9], [1e6, 1.2, 0.9], [1e6, 0.9], [1e6],
            [1e6, 1e5, 1e4, 1e3, 1e2, 10, 1], [10, 3, 2.5, 2.2, 2.1, 2], [0.9, 1, 1.1, 1e6],
        })
        {
            var page = await OpenCurves(curve);
            Assert.AreEqual("", await page.InnerTextAsync("[data-chart=metric] .note"), string.Join(" ", curve));
            Assert.IsTrue((await Curves(page, "metric"))[0].All(point => point.Y is >= 0 and <= 240), string.Join(" ", curve));
        }

        // One score of a few trials.
        ReportSamples.Study([.. Enumerable.Range(0, 8).Select(i => ReportSamples.Trial(
            i, [i == 3 ? 1e6 : 1 + 0.01 * i], drawn: [("x", (double)i)]))]).SaveReport(Report);
        StringAssert.Contains(await (await Open()).InnerTextAsync("[data-chart=history] .note"), "1 value above, up to 1000000");
        Assert.AreEqual("", Complaints);

        Task<IPage> OpenCurves(params double[][] curves)
        {
            ReportSamples.Study([.. curves.Select((curve, i) => ReportSamples.Trial(i, curve, drawn: [("x", (double)i)]))])
                .SaveReport(Report);
            return Open();
        }
    }

    [TestMethod]
    public async Task Rates_are_drawn_whole()
    {
        // Five cycles of eighty rates each, and one level far above them.
        Cycles().SaveReport(Report);
        var page = await Open();
        Assert.AreEqual("", await page.InnerTextAsync("[data-chart=rates] .note"));
        foreach (var curve in await Curves(page, "rates"))
            Assert.IsTrue(curve.All(point => point.Y is >= 0 and <= 240), string.Join(" ", curve));
        Assert.AreEqual("", Complaints);
    }

    [TestMethod]
    public async Task Losses_are_left_out_where_they_are_few_and_far_from_all_others()
    {
        // Four schedules about one, and one cycle that has fifteen of its twenty values at ten.
        Cycles().SaveReport(Report);
        var page = await Open();
        Assert.AreEqual("", await page.InnerTextAsync("[data-chart=metric] .note"));
        // The same where a part is zoomed.
        await Hover(page, "metric", 0.4, 0.5);
        await page.Mouse.DownAsync();
        await Hover(page, "metric", 0.6, 0.5);
        await page.Mouse.UpAsync();
        Assert.IsTrue(await page.IsVisibleAsync("[data-chart=metric] button:text-is('reset')"));
        Assert.AreEqual("", await page.InnerTextAsync("[data-chart=metric] .note"));
        Assert.AreEqual("", Complaints);
    }

    [TestMethod]
    public async Task The_curve_of_a_legends_entry_is_drawn_whole_until_it_is_clicked_again()
    {
        double[] spiked = [.. Enumerable.Range(0, 60).Select(i => i == 30 ? 1000.0 : 1.5)];
        ReportSamples.Study(
            ReportSamples.Trial(0, [.. Enumerable.Range(0, 60).Select(i => 1 + 0.1 * Math.Sin(i))], drawn: [("x", 1.0)]),
            ReportSamples.Trial(1, spiked, drawn: [("x", 2.0)])).SaveReport(Report);
        var page = await Open();
        const string Note = "[data-chart=metric] .note", Entry = ".legend li:nth-child(2) button";
        const string Left = "Beyond the limits: 1 value above, up to 1000.";
        Assert.AreEqual(Left, await page.InnerTextAsync(Note));
        await page.ClickAsync(Entry);
        Assert.IsTrue(await page.IsVisibleAsync("dialog[open]"));
        await page.Keyboard.PressAsync("Escape");
        Assert.AreEqual("", await page.InnerTextAsync(Note));
        Assert.AreEqual("true", await page.GetAttributeAsync(Entry, "aria-pressed"));
        await page.ClickAsync(Entry);
        Assert.IsFalse(await page.IsVisibleAsync("dialog[open]"));
        Assert.AreEqual(Left, await page.InnerTextAsync(Note));
        Assert.AreEqual("", Complaints);
    }

    [TestMethod]
    public async Task A_logarithmic_axis_of_negative_values_has_ticks_in_order()
    {
        foreach (var (first, last) in new[] { (-3.0, -3.4), (-2.0, -9000.0) })
        {
            double[] losses = [.. Enumerable.Range(0, 30).Select(i => first + (last - first) * i / 29)];
            ReportSamples.Study(ReportSamples.Trial(0, losses, drawn: [("x", 1.0)])).SaveReport(Report);
            var page = await Open();
            await page.ClickAsync("[data-chart=metric] button:text-is('log')");
            var ticks = await page.Locator("[data-chart=metric] g[aria-label='y-axis tick label'] text").AllTextContentsAsync();
            double[] values =
            [
                .. ticks.Select(tick => double.Parse(tick.Replace('−', '-'), System.Globalization.CultureInfo.InvariantCulture)),
            ];
            Assert.IsGreaterThan(2, values.Length, $"{string.Join(" ", ticks)} from {first} to {last}");
            CollectionAssert.AreEqual(values.Order().ToArray(), values);
            Assert.IsTrue(values.All(value => value < 0));
            Assert.AreEqual(values.Length, await Count(page, "[data-chart=metric] g[aria-label=rule] line"), "a line each");
            // It falls as the losses do.
            var ys = (await Curves(page, "metric"))[0].Select(point => point.Y).ToArray();
            CollectionAssert.AreEqual(ys.Order().ToArray(), ys);
        }

        Assert.AreEqual("", Complaints);
    }

    [TestMethod]
    public async Task Epochs_are_whole_numbers_and_an_accuracy_ends_at_one()
    {
        var trials = Enumerable.Range(0, 8).Select(i => ReportSamples.Trial(
            i, [3, 2, 1], drawn: [("x", (double)i)]) with
        {
            History = ReportSamples.History([3, 2, 1], rSquared: epoch => 0.9 + 0.03 * epoch + 0.001 * i),
            Score = 0.99 + 0.001 * i,
        });
        new Study<LinearOptions>(Metric.RSquared, [.. trials], bestModel: null, []).SaveReport(Report);
        foreach (var width in new[] { 400, 1280 })
        {
            var page = await Open(width);
            foreach (var (chart, axis) in new[] { ("metric", "y"), ("history", "y"), ("metric", "x"), ("rates", "x") })
            {
                var ticks = await page.Locator($"[data-chart={chart}] g[aria-label='{axis}-axis tick label'] text").AllTextContentsAsync();
                Assert.IsGreaterThan(1, ticks.Count, $"{chart} {axis}");
                var values = ticks.Select(tick => double.Parse(tick, System.Globalization.CultureInfo.InvariantCulture));
                if (axis == "y") Assert.IsLessThanOrEqualTo(1, values.Max(), string.Join(" ", ticks));
                else Assert.IsTrue(values.All(double.IsInteger), string.Join(" ", ticks));
            }

            // The frame ends there too: a value of one is at its top.
            Assert.IsTrue(await page.EvaluateAsync<bool>("padded([0.5, 0.99], scaleOf([0.5, 0.99], false), 'Accuracy')[1] === 1"));
        }

        Assert.AreEqual("", Complaints);
    }

    private static Study<LinearOptions> Cycles() => ReportSamples.Study([.. Enumerable.Range(0, 5).Select(i =>
    {
        var options = new LinearOptions
        {
            LearningRate = i == 4 ? 1 : 0.01,
            NumberOfEpochs = 20,
            LearningRateSchedule = i == 4
                ? LrSchedule.ConstantLR(factor: 1, totalIters: 1)
                : LrSchedule.OneCycleLR(0.002 * (i + 1), cycleMomentum: false),
        };
        double[] losses = [.. Enumerable.Range(1, 20).Select(epoch =>
            i == 3 ? (epoch <= 15 ? 10.0 + 0.01 * epoch : 1.2) : 1 + 0.1 * i + 0.2 / epoch)];
        return ReportSamples.Trial(i, losses, options, drawn: [("x", (double)i)]);
    })]);
}
