using System.Globalization;
using Microsoft.ML.LrScheduling.Sweeps;
using Spectre.Console;

namespace SweepSchedules;

/// <summary>The leaderboard, as trials train.</summary>
internal static class Board
{
    private const int Rows = 10;

    /// <summary>Shows how trials stand: on a terminal while <paramref name="sweep"/> goes on, elsewhere when it has ended.</summary>
    public static T Live<T>(Func<IProgress<SweepProgress>, T> sweep)
    {
        if (!Console.IsOutputRedirected)
            return AnsiConsole.Live(new Text("Reading the rows …")).Start(context => sweep(new Reports(progress =>
            {
                context.UpdateTarget(Table(progress));
                context.Refresh();
            })));

        SweepProgress? last = null;
        var result = sweep(new Reports(progress => last = progress));
        if (last is not null) AnsiConsole.Write(Table(last));
        return result;
    }

    private static Table Table(SweepProgress progress)
    {
        var table = new Table().Border(TableBorder.Rounded)
            .Title($"{progress.EndedCount} of {progress.Trials.Count} trials have ended; the best {Rows} by {progress.Metric}")
            .AddColumn(new TableColumn("Trial").RightAligned())
            .AddColumn(new TableColumn("Score").RightAligned())
            .AddColumn(new TableColumn("Epochs").RightAligned())
            .AddColumn("Hyperparameters");
        foreach (var trial in progress.Trials.Take(Rows))
            table.AddRow(
                trial.Number.ToString(CultureInfo.InvariantCulture),
                trial.Score?.ToString("N1", CultureInfo.InvariantCulture) ?? "–",
                trial.Epochs.ToString(CultureInfo.InvariantCulture),
                Markup.Escape(string.Join(", ", trial.Hyperparameters.Select(drawn =>
                    $"{drawn.Name} {drawn.Number?.ToString("G3", CultureInfo.InvariantCulture) ?? drawn.Text}"))));
        return table;
    }

    // On the thread that trains, so that a line is drawn when it is told of.
    private sealed class Reports(Action<SweepProgress> report) : IProgress<SweepProgress>
    {
        public void Report(SweepProgress value) => report(value);
    }
}
