using Microsoft.Playwright;

namespace Microsoft.ML.LrScheduling.Tests.Reports;

/// <summary>The pictures of reports in the documents, for build/pictures.cs.</summary>
internal static class ReportPictures
{
    private const int Width = 1200;
    private const int Margin = 16;

    // The report, the picture, and its first and last section; without a first one it begins with the page.
    private static readonly (string Report, string Picture, string? First, string Last)[] All =
    [
        ("sweep", "sweep", null, "Curves"), ("sweep", "trials", "Trials", "rate × schedule"),
        ("tumours-plateau", "training", null, "Metrics"), ("tumours-schedules", "comparison", null, "Curves"),
    ];

    /// <summary>Takes each picture in light and in dark.</summary>
    /// <param name="reports">The folder of the reports.</param>
    /// <param name="pictures">The folder of the pictures.</param>
    public static async Task TakeAsync(string reports, string pictures)
    {
        Directory.CreateDirectory(pictures);
        using var playwright = await Playwright.Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = ReportTests.Chromium ?? throw new InvalidOperationException("There is no chromium."),
            Args = ["--no-sandbox"],
        });
        foreach (var (report, picture, first, last) in All)
            foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
            {
                var page = await browser.NewPageAsync(new() { ViewportSize = new() { Width = Width, Height = 900 }, ColorScheme = scheme });
                await page.GotoAsync(new Uri(Path.GetFullPath(Path.Combine(reports, $"{report}.html"))).AbsoluteUri);
                await page.WaitForSelectorAsync("figure svg");
                var top = first is null ? 0 : (await Section(first).BoundingBoxAsync())!.Y - Margin;
                var end = (await Section(last).BoundingBoxAsync())!;
                var file = Path.Combine(pictures, $"{picture}-{scheme.ToString().ToLowerInvariant()}.png");
                await File.WriteAllBytesAsync(file, PalettePng.From(await page.ScreenshotAsync(new()
                {
                    FullPage = true,
                    Clip = new() { X = 0, Y = top, Width = Width, Height = end.Y + end.Height + Margin - top },
                })));
                Console.WriteLine($"{file}: {new FileInfo(file).Length / 1024} KB");
                await page.CloseAsync();

                ILocator Section(string title) => page.Locator($"section:has(h2:text-is('{title}'))");
            }
    }
}
