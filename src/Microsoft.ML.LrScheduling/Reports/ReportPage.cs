using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Microsoft.ML.LrScheduling.Reports;

/// <summary>The page of a report: a template, its style, its scripts and the data, in one text.</summary>
internal static partial class ReportPage
{
    private const string Resources = "Microsoft.ML.LrScheduling.Reports.";

    private static readonly Lazy<Func<string, string, string>> Fill = new(Compose);

    /// <summary>Writes a page to a file.</summary>
    /// <param name="path">The file, which is written anew.</param>
    /// <param name="title">What stands above the page.</param>
    /// <param name="data">What it shows, as JSON that does not end a script.</param>
    /// <exception cref="ArgumentException">The path is none.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(string path, string title, string data) =>
        File.WriteAllText(path, Fill.Value(title, data), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));

    // In one pass over the template: a title that looks like a place in it is a title.
    private static Func<string, string, string> Compose()
    {
        string[] scripts = [Read("d3.min.js"), Read("plot.umd.min.js"), Read("data.js") + Read("charts.js") + Read("page.js")];
        var fixedParts = new Dictionary<string, string>
        {
            ["style"] = Read("report.css"),
            ["notices"] = Read("THIRD-PARTY-NOTICES.md"),
            // A browser runs these scripts, byte for byte, and no others.
            ["hashes"] = string.Join(' ', scripts.Select(script => $"'sha256-{Convert.ToBase64String(
                SHA256.HashData(Encoding.UTF8.GetBytes(script)))}'")),
            ["scripts"] = string.Join('\n', scripts.Select(script => $"<script>{script}</script>")),
        };
        var template = Read("report.html");
        return (title, data) => Place().Replace(template, place => place.Groups[1].Value switch
        {
            "title" => WebUtility.HtmlEncode(title),
            "data" => data,
            var name => fixedParts[name],
        });
    }

    private static string Read(string name)
    {
        using var stream = typeof(ReportPage).Assembly.GetManifestResourceStream(Resources + name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    [GeneratedRegex(@"\{\{(title|data|style|notices|hashes|scripts)\}\}")]
    private static partial Regex Place();
}
