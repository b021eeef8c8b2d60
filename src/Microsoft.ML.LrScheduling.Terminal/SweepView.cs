using System.Globalization;
using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Training;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Microsoft.ML.LrScheduling.Monitoring;

/// <summary>
/// What is shown of a sweep: how many trials have ended, and the best ten. In a small terminal it is fewer trials, and their number, score
/// and end with the hyperparameters that fit beside them.
/// </summary>
internal static class SweepView
{
    private const int Shown = 10;

    // The longest text of a hyperparameter where not all fit.
    private const int LongestShort = 40;

    // A column has a blank on each side and a line behind it; before the first one is a line too.
    private const int AroundColumn = 3;
    private const int BeforeColumns = 1;

    // The title, four lines of the table, what stands below it, and the line that the cursor is in.
    private const int LinesAround = 7;

    /// <summary>What is shown of a sweep as it stands.</summary>
    /// <param name="progress">How it stands.</param>
    /// <param name="sweepEnded">How it has ended; null where it goes on.</param>
    /// <param name="width">The columns of the terminal.</param>
    /// <param name="height">The lines of the terminal.</param>
    public static IRenderable Of(SweepProgress progress, StopReason? sweepEnded, int width, int height)
    {
        var rest = sweepEnded is { } reason ? reason == StopReason.Completed ? "" : $", {TimeText.Of(reason)}"
            : progress.TimeLeft is { } left ? $", {TimeText.Of(left)} left" : "";
        TrialProgress[] shown = [.. progress.Trials.Take(Math.Clamp(height - LinesAround, 1, Shown))];
        var table = new Table().Border(TableBorder.Rounded).Title($"{progress.Counts}{rest}");
        var columns = Columns(progress, shown, width);
        foreach (var column in columns)
        {
            var made = new TableColumn(Markup.Escape(column.Name)).NoWrap();
            table.AddColumn(column.IsRight ? made.RightAligned() : made);
        }

        for (var row = 0; row < shown.Length; row++) table.AddRow([.. columns.Select(column => Markup.Escape(column.Cells[row]))]);
        if (progress.Trials.Count > shown.Length)
            table.Caption(string.Create(CultureInfo.InvariantCulture, $"and {progress.Trials.Count - shown.Length} more"));
        return table;
    }

    private static Column[] Columns(SweepProgress progress, TrialProgress[] shown, int width)
    {
        Column number = new("Trial", [.. shown.Select(trial => $"{trial.Number}")], IsRight: false);
        Column epochs = new("Epochs", [.. shown.Select(trial => $"{trial.Epochs}")], IsRight: true);
        Column score = new(
            $"{progress.Metric}", [.. shown.Select(trial => trial.Score?.ToString("G4", CultureInfo.InvariantCulture) ?? "none")],
            IsRight: true);
        Column ended = new("", [.. shown.Select(trial => trial.Ended is { } reason ? $"{reason}" : "running")], IsRight: false);
        string[] names = [.. progress.Trials.SelectMany(trial => trial.Hyperparameters.Select(own => own.Name)).Distinct()];
        foreach (var longest in new[] { Hyperparameter.LongestShown, LongestShort })
        {
            Column[] all = [number, .. names.Select(name => Of(name, shown, longest)), epochs, score, ended];
            if (WidthOf(all) <= width) return all;
        }

        List<Column> some = [number, score, ended];
        foreach (var column in names.Select(name => Of(name, shown, LongestShort)))
            if (WidthOf([.. some, column]) <= width) some.Add(column);
        return [.. some];
    }

    private static Column Of(string name, TrialProgress[] shown, int longest) => new(
        OneLine.Short(name, Math.Min(longest, OneLine.LongestShown)),
        [
            .. shown.Select(trial => OneLine.Short(
                trial.Hyperparameters.FirstOrDefault(own => own.Name == name)?.ValueText ?? "", longest)),
        ],
        IsRight: false);

    private static int WidthOf(IEnumerable<Column> columns) =>
        BeforeColumns + columns.Sum(column => column.Cells.Append(column.Name).Max(text => text.GetCellWidth()) + AroundColumn);

    private sealed record Column(string Name, IReadOnlyList<string> Cells, bool IsRight);
}
