using Microsoft.ML.LrScheduling.Reports;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.Playwright;

using LinearOptions = Microsoft.ML.LrScheduling.Trainers.TorchLinearRegressionTrainer.Options;

namespace Microsoft.ML.LrScheduling.Tests.Reports;

/// <summary>Values that are not defined: curves have gaps, and the report says where.</summary>
[TestClass]
public sealed class ReportGapsTests : ReportTests
{
    [TestMethod]
    public async Task An_undefined_value_is_a_gap_that_is_told()
    {
        // R² is undefined in three epochs, and has one value alone before another gap. The loss is NaN in one epoch, infinite in two.
        double[] validation = [.. Enumerable.Range(1, 20).Select(epoch => epoch == 12 ? double.NaN
            : epoch is 15 or 16 ? double.PositiveInfinity : 1 + 1.0 / epoch)];
        ReportSamples.History(
            [.. Enumerable.Range(1, 20).Select(epoch => 2.0 / epoch)], validation: validation,
            rSquared: epoch => epoch is 7 or 8 or 9 or 11 ? null : epoch / 20.0).SaveReport(Report);
        var page = await Open();
        CollectionAssert.AreEqual(new[] { 1, 3 }, await Parts(page, "loss"));
        CollectionAssert.AreEqual(new[] { 3 }, await Parts(page, "metric-1"));
        Assert.AreEqual(
            "Best validation loss 1.05, epoch 20. Validation loss: undefined in epoch 12; infinite in epochs 15 to 16.",
            await page.InnerTextAsync("[data-chart=loss] .note"));
        Assert.AreEqual(
            "Best 1, epoch 20. R²: undefined in epochs 7 to 9, 11.",
            await page.InnerTextAsync("[data-chart=metric-1] .note"));
        // The best one, and the one between two gaps.
        Assert.AreEqual(2, await Count(page, "[data-chart=metric-1] g[aria-label=dot] :is(circle, path)"));

        // The pointer and the keyboard.
        var frame = await page.EvaluateAsync<double[]>(
            """
            () => {
              const svg = document.querySelector("[data-chart=metric-1] svg").getBoundingClientRect();
              const left = document.querySelector("[data-chart=metric-1] g[aria-label=rule] line").getAttribute("x1");
              return [left / svg.width, (svg.width - 14) / svg.width];
            }
            """);
        await Hover(page, "metric-1", frame[0] + (frame[1] - frame[0]) * 8 / 20, 0.5);
        StringAssert.Matches(await page.InnerTextAsync("#tip"), new("^after epoch 8\\s+R²\\s+undefined$"));
        await page.FocusAsync("[data-chart=loss] svg");
        await page.Keyboard.PressAsync("ArrowDown");
        for (var i = 0; i < 30 && !(await Told()).StartsWith("after epoch 15", StringComparison.Ordinal); i++)
            await page.Keyboard.PressAsync("ArrowLeft");
        Assert.AreEqual("after epoch 15: Validation loss ∞", await Told());
        Assert.AreEqual("", Complaints);

        Task<string> Told() => page.InnerTextAsync("#told");
    }

    [TestMethod]
    public async Task A_sweep_says_which_trials_have_gaps_and_the_table_does()
    {
        ReportSamples.Study([.. Enumerable.Range(0, 5).Select(i => ReportSamples.Trial(
            i, [3, i == 1 ? 2 : double.NaN, 2 - 0.1 * i, 1 + i, 1 + i], drawn: [("x", (double)i)]))]).SaveReport(Report);
        var page = await Open();
        StringAssert.Matches(
            await page.InnerTextAsync("[data-chart=metric] .note"),
            new("^0 · x 0: undefined in epoch 2\\. 2 · x 2: .*\\. 3 · x 3: undefined in epoch 2\\. And 1 more curve\\.$"));
        CollectionAssert.AreEqual(new[] { 2, 1, 2, 2, 2 }, await Parts(page, "metric"));
        await page.ClickAsync("section summary");
        await page.WaitForSelectorAsync("details tbody tr");
        CollectionAssert.AreEqual(
            new[] { "undefined", "2", "undefined", "undefined", "undefined" },
            (await page.Locator("details tbody tr:nth-child(2) td").AllInnerTextsAsync()).ToArray());
        Assert.AreEqual("", Complaints);
    }

    [TestMethod]
    public async Task A_long_training_keeps_its_gaps_and_a_metric_without_any_value_is_named()
    {
        double[] validation = [.. Enumerable.Range(1, 1500).Select(epoch => epoch == 701 ? double.NaN : 1 + 1.0 / epoch)];
        var gap = ReportSamples.History(validation, new LinearOptions { LearningRateSchedule = LrSchedule.StepLR(100) });
        var none = ReportSamples.History(
            [3, 2, 1], validation: [double.NaN, double.NaN, double.NaN], rSquared: epoch => epoch / 10.0);
        TrainingReport.Compare(("gap", gap), ("none", none)).Save(Report, metric: Metric.ValidationLoss);
        var page = await Open();
        CollectionAssert.AreEqual(new[] { 2 }, await Parts(page, "metric"));
        StringAssert.Matches(
            await page.InnerTextAsync("[data-chart=metric] .note"),
            new("gap.*: undefined in epoch 701\\. none.*: undefined in epochs 1 to 3\\.$"));
        Assert.AreEqual("", Complaints);
    }

    [TestMethod]
    public async Task A_rate_that_diverged_is_a_gap_in_the_finders_curve()
    {
        const double None = double.PositiveInfinity;
        double[] losses = [3, 2, None, 2.5, None, None];
        new LearningRateCurve(
            [.. losses.Select((loss, i) => new LearningRatePoint(Math.Pow(10, i - 4), loss))], initialLoss: 3)
            .SaveReport(Report);
        var page = await Open();
        Assert.AreEqual(3, (await Curves(page, "finder"))[0].Length, "values");
        CollectionAssert.AreEqual(new[] { 2 }, await Parts(page, "finder"));
        Assert.AreEqual("", Complaints);
    }

    // The parts that each curve is in.
    private static async Task<int[]> Parts(IPage page, string chart)
    {
        var paths = await page.EvalOnSelectorAllAsync<string[]>(
            $"[data-chart={chart}] g[aria-label=line] path", "all => all.map(path => path.getAttribute('d'))");
        return [.. paths.Select(path => path.Count(letter => letter == 'M'))];
    }
}
