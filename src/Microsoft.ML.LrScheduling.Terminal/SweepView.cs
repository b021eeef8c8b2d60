using System.Globalization;
using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Training;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Microsoft.ML.LrScheduling.Monitoring;

/// <summary>What is shown of a sweep: how many trials have ended, and the best ten.</summary>
internal static class SweepView
{
    private const int Shown = 10;

    /// <summary>What is shown of a sweep as it stands.</summary>
    /// <param name="progress">How it stands.</param>
    /// <param name="sweepEnded">How it has ended; null where it goes on.</param>
    public static IRenderable Of(SweepProgress progress, StopReason? sweepEnded)
    {
        var rest = sweepEnded is { } reason ? reason == StopReason.Completed ? "" : $", {TimeText.Of(reason)}"
            : progress.TimeLeft is { } left ? $", {TimeText.Of(left)} left" : "";
        var table = new Table().Border(TableBorder.Rounded)
            .Title($"{progress.EndedCount} of {progress.Trials.Count} trials ended{rest}").AddColumn("Trial");
        var names = progress.Trials.SelectMany(trial => trial.Hyperparameters.Select(own => own.Name)).Distinct().ToArray();
        foreach (var name in names) table.AddColumn(Markup.Escape(OneLine.Short(name)));
        table.AddColumn(new TableColumn("Epochs").RightAligned());
        table.AddColumn(new TableColumn(Markup.Escape($"{progress.Metric}")).RightAligned()).AddColumn("");
        foreach (var trial in progress.Trials.Take(Shown))
        {
            var values = trial.Hyperparameters.ToLookup(own => own.Name, own => own.ValueText);
            table.AddRow([
                $"{trial.Number}", .. names.Select(name => Markup.Escape(values[name].FirstOrDefault() ?? "")), $"{trial.Epochs}",
                trial.Score?.ToString("G4", CultureInfo.InvariantCulture) ?? "none", trial.Ended is { } ended ? $"{ended}" : "running"]);
        }

        if (progress.Trials.Count > Shown)
            table.Caption(string.Create(CultureInfo.InvariantCulture, $"and {progress.Trials.Count - Shown} more"));
        return table;
    }
}
