using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Reports;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Tests.Trainers;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.Playwright;

namespace Microsoft.ML.LrScheduling.Tests.Reports;

/// <summary>The reports as a browser shows them.</summary>
[TestClass]
public sealed class HtmlReportTests
{
    private static readonly string? Chromium = new[] { "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }
        .FirstOrDefault(File.Exists);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lrscheduling-report-");
    private readonly List<string> _complaints = [];
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    private string Report => Path.Combine(_folder.FullName, "report.html");

    [TestInitialize]
    public async Task StartBrowser()
    {
        if (Chromium is null) Assert.Inconclusive("There is no chromium: on Debian apt-get install chromium.");
        _playwright = await Playwright.Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium, Args = ["--no-sandbox"] });
    }

    [TestCleanup]
    public async Task EndBrowser()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
        _folder.Delete(recursive: true);
    }

    [TestMethod]
    public async Task A_sweeps_report_renders_sorts_filters_and_gives_back_its_configurations()
    {
        var study = Sweep();
        study.SaveReport(Report, "Rates & <schedules>");
        var page = await Open(1200, 900);
        Assert.AreEqual("Rates & <schedules>", await page.TitleAsync());
        StringAssert.Contains(await page.InnerTextAsync("#summary"), "12 trials, compared by ValidationLoss (lower is better)");

        // By rank, then by rate, up and down.
        CollectionAssert.AreEqual(study.Leaderboard.Select(trial => $"{trial.Number}").ToArray(), await Column(page, 2));
        await page.ClickAsync("th button:text-is('rate')");
        var byRate = study.Trials.OrderBy(trial => trial.Options.LearningRate).Select(trial => $"{trial.Number}").ToArray();
        CollectionAssert.AreEqual(byRate, await Column(page, 2));
        Assert.AreEqual("ascending", await page.GetAttributeAsync("th:has(button:text-is('rate'))", "aria-sort"));
        await page.ClickAsync("th button:text-is('rate')");
        CollectionAssert.AreEqual(byRate.Reverse().ToArray(), await Column(page, 2));

        await page.FillAsync("#filter", "schedule=step");
        CollectionAssert.AreEquivalent(
            study.Trials.Where(trial => trial.Options.LearningRateSchedule is StepLR).Select(trial => $"{trial.Number}").ToArray(),
            await Column(page, 2));
        await page.FillAsync("#filter", "no such trial");
        Assert.AreEqual("0 of 12", await page.InnerTextAsync("#count"));
        await page.FillAsync("#filter", "");

        // Five curves at first, and one more.
        Assert.AreEqual(5, await page.Locator("#losses path").CountAsync());
        await page.Locator("#board input:not(:checked)").First.CheckAsync();
        foreach (var chart in new[] { "#rates", "#metrics", "#losses" })
            Assert.AreEqual(6, await page.Locator($"{chart} path").CountAsync(), chart);
        Assert.AreEqual(6, await page.Locator("#legend li").CountAsync());
        // Both hyperparameters of all trials have a chart with a point a trial.
        Assert.AreEqual(2, await page.Locator("#effects figure").CountAsync());
        Assert.AreEqual(12, await page.Locator("#effects figure:first-child circle").CountAsync());

        foreach (var number in new[] { study.Best.Number, study.Leaderboard[^1].Number })
        {
            await page.SelectOptionAsync("#which", $"{number}");
            var json = await page.InnerTextAsync("#json");
            Assert.AreEqual(study.Trials[number].Options.ToJson(), TorchLinearRegressionTrainer.Options.FromJson(json).ToJson());
            var code = await page.InnerTextAsync("#csharp");
            StringAssert.StartsWith(code, "var options = TorchLinearRegressionTrainer.Options.FromJson(\"\"\"");
            Assert.AreEqual(
                study.Trials[number].Options.ToJson(), TorchLinearRegressionTrainer.Options.FromJson(code.Split("\"\"\"")[1]).ToJson());
        }

        Assert.AreEqual("", string.Join("\n", _complaints));
    }

    [TestMethod]
    public async Task It_is_readable_in_light_and_dark_and_on_a_phone()
    {
        Sweep().SaveReport(Report);
        var page = await Open(360, 740);
        Assert.IsTrue(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= window.innerWidth"),
            "nothing is wider than the phone");
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
                  const texts = document.querySelectorAll("h1,h2,p,td,th,figcaption,label,li,pre,button,svg text");
                  return [...texts].filter(e => e.getClientRects().length).map(e => {
                    const style = getComputedStyle(e), own = e.namespaceURI.endsWith("svg") ? style.fill : style.color;
                    const [a, b] = [light(own), light(back(e))].sort((x, y) => y - x);
                    return (a + .05) / (b + .05);
                  });
                }
                """);
            Assert.IsGreaterThan(50, contrasts.Length);
            Assert.IsGreaterThan(4.5, contrasts.Min(), $"{scheme}");
        }

        // What a screen reader needs: a name for each control, picture and region, one first heading, no heading left out.
        var nameless = await page.EvaluateAsync<string[]>("""
            () => [...document.querySelectorAll("input,select,button,svg,[role=region],section")]
              .filter(e => !(e.getAttribute("aria-label") || e.labels?.length || e.textContent.trim()
                || document.getElementById(e.getAttribute("aria-labelledby"))?.textContent))
              .map(e => e.outerHTML.slice(0, 80))
            """);
        Assert.AreEqual("", string.Join("\n", nameless));
        Assert.AreEqual(1, await page.Locator("h1").CountAsync());
        Assert.AreEqual("", string.Join("\n", _complaints));
    }

    [TestMethod]
    public async Task A_historys_report_has_its_curves_and_configuration()
    {
        var mlContext = new MLContext(seed: 1);
        var model = mlContext.Regression.Trainers.TorchLinearRegression(new TorchLinearRegressionTrainer.Options
        {
            LabelColumnName = "Number",
            LearningRateSchedule = LrSchedule.OneCycleLR(0.1, cycleMomentum: false),
            ValidationFraction = 0.2,
            NumberOfEpochs = 6,
            Seed = 1,
        }).Fit(TaskCase.Rows(mlContext, 200));
        model.History.SaveReport(Report);
        var page = await Open(1000, 800);
        Assert.AreEqual("TorchLinearRegressionTrainer", await page.InnerTextAsync("h1"));
        Assert.IsFalse(await page.IsVisibleAsync("#board"));
        foreach (var chart in new[] { "#rates", "#metrics", "#losses" })
            Assert.AreEqual(1, await page.Locator($"{chart} path").CountAsync(), chart);
        Assert.AreEqual(model.History.Options, TorchLinearRegressionTrainer.Options.FromJson(await page.InnerTextAsync("#json")).ToJson());
        Assert.AreEqual("", string.Join("\n", _complaints));
    }

    private static Study<TorchLinearRegressionTrainer.Options> Sweep()
    {
        var mlContext = new MLContext(seed: 1);
        var space = SweepSpace.Of(draw => new TorchLinearRegressionTrainer.Options
        {
            LabelColumnName = "Number",
            LearningRate = draw.LogRange("rate", 1e-3, 0.3),
            NumberOfEpochs = 5,
            ValidationFraction = 0.25,
            Seed = 1,
            Optimizer = Optimizer.Sgd(),
            LearningRateSchedule = draw.Choice("schedule", "none", "step", "<b>") == "step" ? LrSchedule.StepLR(2, 0.5) : null,
        });
        return mlContext.Regression.Trainers.Sweep(
            space, TaskCase.Rows(mlContext, 200), new SweepOptions { Strategy = SweepStrategy.Random(12), Seed = 4 });
    }

    private async Task<IPage> Open(int width, int height)
    {
        var page = await _browser!.NewPageAsync(new() { ViewportSize = new() { Width = width, Height = height } });
        page.Console += (_, message) => _complaints.Add($"{message.Type}: {message.Text}");
        page.PageError += (_, error) => _complaints.Add(error);
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith("file:", StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal))
                _complaints.Add($"It asked the network for {request.Url}");
        };
        await page.GotoAsync(new Uri(Report).AbsoluteUri);
        return page;
    }

    private static async Task<string[]> Column(IPage page, int column) =>
        [.. await page.Locator($"#board tbody td:nth-child({column + 1})").AllInnerTextsAsync()];
}
