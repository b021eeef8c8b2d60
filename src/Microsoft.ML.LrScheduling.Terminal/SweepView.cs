using System.Globalization;
using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Training;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Microsoft.ML.LrScheduling.Monitoring;

/// <summary>
/// Renders a sweep: the number of trials that have ended, and a table of the best ten. A small terminal shows fewer trials, and only their
/// number, score, state and the hyperparameters that fit.
/// </summary>
internal static class SweepView
{
    private const int Shown = 10;

    // The maximum length of the text of a hyperparameter if not all columns fit.
    private const int LongestShort = 40;

    // Each column has a blank on both sides and a line after it. There is one more line before the first column.
    private const int AroundColumn = 3;
    private const int BeforeColumns = 1;

    // The title, four lines of the table, the caption, and the line with the cursor.
    private const int LinesAround = 7;

    /// <summary>Renders the current state of a sweep.</summary>
    /// <param name="progress">The progress.</param>
    /// <param name="sweepEnded">The reason why the sweep ended; null if it is running.</param>
    /// <param name="width">The width of the terminal in characters.</param>
    /// <param name="height">The height of the terminal in lines.</param>
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
