using System.Globalization;
using Microsoft.Playwright;

namespace Microsoft.ML.LrScheduling.Tests.Reports;

/// <summary>Tests of reports as a browser shows them.</summary>
public abstract class ReportTests
{
    internal static readonly string? Chromium = new[] { "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }
        .FirstOrDefault(File.Exists);

    private static IPlaywright? _playwright;
    private static IBrowser? _browser;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lrscheduling-report-");
    private readonly List<string> _complaints = [];

    private protected string Report => Path.Combine(_folder.FullName, "report.html");

    /// <summary>What the browser complained of: errors, a policy that was broken, a look at the network.</summary>
    private protected string Complaints => string.Join("\n", _complaints);

    [ClassInitialize(InheritanceBehavior.BeforeEachDerivedClass)]
    public static async Task StartBrowser(TestContext context)
    {
        if (Chromium is null) return;
        _playwright = await Playwright.Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium, Args = ["--no-sandbox"] });
    }

    [ClassCleanup(InheritanceBehavior.BeforeEachDerivedClass)]
    public static async Task EndBrowser()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
    }

    [TestInitialize]
    public void NeedBrowser()
    {
        if (_browser is null) Assert.Inconclusive("There is no chromium: on Debian apt-get install chromium.");
    }

    [TestCleanup]
    public void DeleteReports() => _folder.Delete(recursive: true);

    private protected async Task<IPage> Open(
        int width = 1280, int height = 900, ColorScheme scheme = ColorScheme.Light, string waitFor = "figure svg",
        Func<IPage, Task>? first = null)
    {
        var page = await _browser!.NewPageAsync(
            new() { ViewportSize = new() { Width = width, Height = height }, ColorScheme = scheme, ReducedMotion = ReducedMotion.Reduce });
        page.SetDefaultTimeout(10_000);
        page.Console += (_, message) => _complaints.Add($"{message.Type}: {message.Text}");
        page.PageError += (_, error) => _complaints.Add(error);
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith("file:", StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal))
                _complaints.Add($"It asked the network for {request.Url}");
        };
        if (first is not null) await first(page);
        await page.GotoAsync(new Uri(Report).AbsoluteUri);
        await page.WaitForSelectorAsync(waitFor);
        return page;
    }

    /// <summary>The texts of a column of the leaderboard.</summary>
    private protected static async Task<string[]> Column(IPage page, string title)
    {
        var titles = await page.Locator("#board thead th").AllInnerTextsAsync();
        var column = titles.Select(name => name.Trim()).ToList().IndexOf(title);
        Assert.IsGreaterThan(-1, column, $"{title} of {string.Join(", ", titles)}");
        return [.. await page.Locator($"#board tbody td:nth-child({column + 1})").AllInnerTextsAsync()];
    }

    /// <summary>The corners of the curves of a chart, in pixels: a list of (x, y) a curve.</summary>
    private protected static async Task<(double X, double Y)[][]> Curves(IPage page, string chart)
    {
        var paths = await page.EvalOnSelectorAllAsync<string[]>(
            $"[data-chart={chart}] g[aria-label=line] path", "all => all.map(path => path.getAttribute('d'))");
        return [.. paths.Select(path => path.Split('M', 'L').Where(part => part.Length > 0).Select(part =>
        {
            var numbers = part.TrimEnd('Z').Split(',').Select(number => double.Parse(number, CultureInfo.InvariantCulture)).ToArray();
            return (numbers[0], numbers[1]);
        }).ToArray())];
    }

    private protected static Task<int> Count(IPage page, string selector) => page.Locator(selector).CountAsync();

    /// <summary>Moves the mouse to a part of a chart, from 0 to 1 of its drawing.</summary>
    private protected static async Task<(float X, float Y)> Hover(IPage page, string chart, double x, double y)
    {
        var svg = page.Locator($"[data-chart={chart}] svg");
        await svg.ScrollIntoViewIfNeededAsync();
        // A page is told of a scroll with the next frame, and hides what the pointer shows.
        await page.EvaluateAsync("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))");
        var box = (await svg.BoundingBoxAsync())!;
        var place = ((float)(box.X + x * box.Width), (float)(box.Y + y * box.Height));
        await page.Mouse.MoveAsync(place.Item1, place.Item2);
        return place;
    }

    /// <summary>The place of an element of a chart on the screen.</summary>
    private protected static async Task<(float X, float Y)> PlaceOf(ILocator element)
    {
        await element.ScrollIntoViewIfNeededAsync();
        var box = (await element.BoundingBoxAsync())!;
        return (box.X + box.Width / 2, box.Y + box.Height / 2);
    }
}
