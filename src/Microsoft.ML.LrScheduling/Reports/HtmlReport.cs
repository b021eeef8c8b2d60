using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Reports;

/// <summary>
/// Reports as one HTML file that needs nothing else, no network either: a leaderboard to sort and filter, curves over each other, what
/// each hyperparameter did, and configurations to paste back.
/// </summary>
public static class HtmlReport
{
    private const string Template = "Microsoft.ML.LrScheduling.Reports.report.html";

    // The most points of a curve: more cannot be seen. And of all curves of a report, which is to be sent by mail.
    private const int MostPoints = 600;
    private const int MostPointsTogether = 120_000;
    private const int LeastPoints = 20;
    private const int CurvesOfTrial = 3;

    private static ReadOnlySpan<byte> Mark => "<!DOCTYPE html>"u8;

    // Nothing that would end the script element that it stands in.
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.Default };
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NewLine = "\n",
        MaxDepth = ScheduleJson.DocumentDepth,
    };

    /// <summary>Saves a report of a sweep.</summary>
    /// <param name="study">The sweep.</param>
    /// <param name="path">The file, which is written anew; its folder is made where there is none.</param>
    /// <param name="title">What stands above it.</param>
    /// <exception cref="ArgumentException">The path is empty, or none.</exception>
    /// <exception cref="IOException">
    /// The file cannot be written; or it is there already and is neither empty nor HTML, and is left as it is.
    /// </exception>
    public static void SaveReport<TOptions>(this Study<TOptions> study, string path, string title = "Sweep")
        where TOptions : LinearTrainerOptions
    {
        ArgumentNullException.ThrowIfNull(study);
        var points = Math.Clamp(MostPointsTogether / CurvesOfTrial / Math.Max(1, study.Trials.Count), LeastPoints, MostPoints);
        Save(path, title, study.MetricText, study.Metric.HigherIsBetter(), study.Trials.Select(
            trial => Trial(trial.Number, trial.Score, study.Metric, trial.History, trial.Hyperparameters, points, trial.Failure)));
    }

    /// <summary>Saves a report of one training.</summary>
    /// <param name="history">What happened.</param>
    /// <param name="path">The file, which is written anew; its folder is made where there is none.</param>
    /// <param name="title">What stands above it; null for the trainer.</param>
    /// <exception cref="ArgumentException">The path is empty, or none.</exception>
    /// <exception cref="IOException">
    /// The file cannot be written; or it is there already and is neither empty nor HTML, and is left as it is.
    /// </exception>
    public static void SaveReport(this TrainingHistory history, string path, string? title = null)
    {
        ArgumentNullException.ThrowIfNull(history);
        var metric = history.Epochs is [{ ValidationMetrics.Count: > 0 }, ..] ? Metric.ValidationLoss : Metric.TrainingLoss;
        Save(path, title ?? (history.Trainer.Length > 0 ? history.Trainer : "Training"), $"{metric}", metric.HigherIsBetter(),
            [Trial(0, history.Epochs is [.., var last] ? last[metric] : null, metric, history, [], MostPoints)]);
    }

    private static void Save(string path, string title, string metric, bool higherIsBetter, IEnumerable<JsonNode?> trials)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(title);
        Argument.Path(path, nameof(path));
        OwnFile.MakeFolder(path);
        if (!OwnFile.MayBeReplaced(path, Mark))
            throw new IOException($"{path} is there already and is no HTML, and is left as it is. Choose another file, or delete it.");
        using var stream = typeof(HtmlReport).Assembly.GetManifestResourceStream(Template)!;
        using var reader = new StreamReader(stream);
        var data = new JsonObject
        {
            ["metric"] = metric,
            ["higherIsBetter"] = higherIsBetter,
            ["trials"] = new JsonArray([.. trials]),
        };
        var text = reader.ReadToEnd()
            .Replace("{{title}}", WebUtility.HtmlEncode(title), StringComparison.Ordinal)
            .Replace("{{data}}", data.ToJsonString(Compact), StringComparison.Ordinal);
        try
        {
            File.WriteAllText(path, text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"{path} cannot be written: {e.Message}", e);
        }
    }

    private static JsonObject Trial(
        int number, double? score, Metric metric, TrainingHistory history, IReadOnlyList<Hyperparameter> hyperparameters, int points,
        string? failure = null)
    {
        var options = history.Options.Length > 0
            ? JsonNode.Parse(history.Options, documentOptions: ScheduleJson.Document)!.ToJsonString(Indented) : "";
        var drawn = new JsonObject();
        foreach (var (name, text, value) in hyperparameters) drawn[name] = value is { } finite && double.IsFinite(finite) ? finite : text;
        return new JsonObject
        {
            ["number"] = number,
            ["score"] = score is { } finiteScore && double.IsFinite(finiteScore) ? finiteScore : null,
            ["stopReason"] = $"{history.StopReason}",
            ["failure"] = failure,
            ["epochs"] = history.Epochs is [.., { Epoch: var last }] ? last : 0,
            ["hyperparameters"] = drawn,
            ["options"] = options,
            ["csharp"] = history.Trainer.Length == 0 || options.Length == 0
                ? ""
                : $"var options = {history.Trainer}.Options.FromJson(\"\"\"\n{Lines(options)}\n    \"\"\");",
            ["rates"] = Points(history.Epochs.SelectMany(Rates), points),
            ["metrics"] = Points(history.Epochs.Select(epoch => ((double)epoch.Epoch, epoch[metric])), points),
            ["losses"] = Points(history.Epochs.Select(epoch => ((double)epoch.Epoch, (double?)epoch.TrainingLoss)), points),
        };
    }

    private static string Lines(string text) => string.Join('\n', text.Split('\n').Select(line => "    " + line));

    /// <summary>The rates of the weights, at the place within the epoch where they were.</summary>
    private static IEnumerable<(double, double?)> Rates(EpochRecord epoch)
    {
        var groups = epoch.LearningRates.Count;
        var steps = epoch.BatchLearningRates.Count / groups;
        if (steps == 0) yield return (epoch.Epoch, epoch.LearningRates[0]);
        for (var step = 0; step < steps; step++)
            yield return (epoch.Epoch - 1 + (step + 1.0) / steps, epoch.BatchLearningRates[step * groups]);
    }

    private static JsonArray Points(IEnumerable<(double X, double? Y)> points, int most)
    {
        var all = points.Where(point => point.Y is { } y && double.IsFinite(y)).ToArray();
        var every = (all.Length - 1) / most + 1;
        return new JsonArray(
            [.. all.Where((_, i) => i % every == 0 || i == all.Length - 1)
                .Select(point => (JsonNode)new JsonArray(Rounded(point.X), Rounded(point.Y!.Value)))]);
    }

    // As many digits as a report shows, and one.
    private static double Rounded(double value) =>
        double.Parse(value.ToString("G7", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
