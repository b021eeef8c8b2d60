using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Reports;

/// <summary>Creates the HTML page of a report from a template, a style sheet, scripts and the data.</summary>
internal static partial class ReportPage
{
    private const string Resources = "Microsoft.ML.LrScheduling.Reports.";

    private static readonly Lazy<Func<string, string, string>> Fill = new(Compose);

    // The beginning of the template, by which a report of this library is recognized.
    private static ReadOnlySpan<byte> Mark =>
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"generator\" content=\"LrScheduling\">\n"u8;

    /// <summary>Writes a page to a file.</summary>
    /// <param name="path">The file. It is created, with its folder, or overwritten if it is already such a report.</param>
    /// <param name="title">The title of the page.</param>
    /// <param name="data">The content of the report.</param>
    /// <exception cref="ArgumentException">The path is empty or not valid.</exception>
    /// <exception cref="IOException">
    /// The file cannot be written; or it already exists and is neither empty nor a report of this library. Such a file is not changed.
    /// </exception>
    public static void Save(string path, string title, ReportData data)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(title);
        Argument.Path(path, nameof(path));
        OwnFile.MakeFolder(path);
        if (!OwnFile.MayBeReplaced(path, Mark))
            throw new IOException(
                $"{path} already exists and is not a report of this library. It was not changed. Choose another file, or delete it.");
        var text = Fill.Value(ReportJson.Visible(title), data.Write());
        try
        {
            // OwnFile.Write renames a temporary file. This alone would replace a symbolic link, and would overwrite a write-protected file.
            var file = new FileInfo(path) is { LinkTarget: not null } link
                ? link.ResolveLinkTarget(returnFinalTarget: true)!.FullName : path;
            if (File.Exists(file)) File.Open(file, FileMode.Open, FileAccess.Write).Dispose();
            OwnFile.Write(file, stream => stream.Write(Encoding.UTF8.GetBytes(text)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{path} cannot be written, and was not changed: {e.Message}", e);
        }
    }

    // All placeholders are replaced in one pass, so that a title that looks like a placeholder stays as it is.
    private static Func<string, string, string> Compose()
    {
        string[] scripts = [Read("d3.min.js"), Read("plot.umd.min.js"), Read("data.js") + Read("charts.js") + Read("page.js")];
        var fixedParts = new Dictionary<string, string>
        {
            ["style"] = Read("report.css"),
            ["notices"] = Read("THIRD-PARTY-NOTICES.md"),
            // The security policy of the page: a browser runs only the scripts with these hashes.
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
