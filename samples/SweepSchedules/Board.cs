using System.Globalization;
using Microsoft.ML.LrScheduling.Sweeps;
using Spectre.Console;

namespace SweepSchedules;

/// <summary>The leaderboard, as trials train.</summary>
internal static class Board
{
    private const int Rows = 10;

    /// <summary>Shows how trials stand while <paramref name="sweep"/> goes on.</summary>
    public static T Live<T>(Func<IProgress<SweepProgress>, T> sweep) => AnsiConsole.Live(new Text("Reading the rows …")).Start(context =>
        sweep(new Reports(progress =>
        {
            context.UpdateTarget(Table(progress));
            context.Refresh();
        })));

    private static Table Table(SweepProgress progress)
    {
        var table = new Table().Border(TableBorder.Rounded)
            .Title($"{progress.EndedCount} of {progress.Trials.Length} trials have ended; the best {Rows} so far");
        table.AddColumn(new TableColumn("Trial").RightAligned());
        table.AddColumn(new TableColumn(progress.Metric.ToString()).RightAligned());
        table.AddColumn(new TableColumn("Epochs").RightAligned());
        table.AddColumn("Hyperparameters");
        foreach (var trial in progress.Trials.Take(Rows))
            table.AddRow(
                trial.Number.ToString(CultureInfo.InvariantCulture),
                trial.Score?.ToString("N1", CultureInfo.InvariantCulture) ?? "–",
                trial.Epochs.ToString(CultureInfo.InvariantCulture),
                Markup.Escape(string.Join(", ", trial.Hyperparameters.Select(drawn =>
                    $"{drawn.Name} {(drawn.Number is { } number ? number.ToString("G3", CultureInfo.InvariantCulture) : drawn.Text)}"))));
        return table;
    }

    // On the thread that trains, so that a line is drawn when it is told of.
    private sealed class Reports(Action<SweepProgress> report) : IProgress<SweepProgress>
    {
        public void Report(SweepProgress value) => report(value);
    }
}
