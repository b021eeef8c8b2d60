using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Reports;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Training;
using Spectre.Console;

namespace DiamondPrices;

/// <summary>A trained pipeline, and how well it does on the rows held out.</summary>
internal sealed record Result(string Name, ITransformer Model, TrainingHistory History, RegressionMetrics Metrics, TimeSpan Time);

/// <summary>What the user sees.</summary>
internal static class Display
{
    /// <summary>Shows a bar for each run while <paramref name="train"/> goes through them.</summary>
    public static void Progress(IEnumerable<string> names, int epochs, Action<Func<string, IProgress<TrainingProgress>>> train) =>
        AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .Start(context =>
            {
                var tasks = names.ToDictionary(name => name, name => context.AddTask(Markup.Escape(name), autoStart: false, maxValue: epochs));
                train(name => new Bar(tasks[name], name));
            });

    /// <summary>Draws learning rate and validation loss of each run, epoch by epoch.</summary>
    public static void Curves(IEnumerable<Result> results)
    {
        var grid = new Grid().AddColumns(2);
        foreach (var result in results)
        {
            var epochs = result.History.Epochs;
            grid.AddRow(
                Chart($"{result.Name}: rate", TextChart.Draw([.. epochs.Select(e => e.LearningRates[0])], width: 24, height: 4, logarithmic: true)),
                Chart("validation loss, as RMSE ($)", TextChart.Draw([.. epochs.Select(e => e[Metric.RootMeanSquaredError]!.Value)], width: 24, height: 4)));
        }

        AnsiConsole.Write(grid);
    }

    /// <summary>A line for each run.</summary>
    public static void Table(IEnumerable<Result> results, string title)
    {
        var table = new Table().Border(TableBorder.Rounded).Title(title).Caption("The first run's time includes compiling.");
        table.AddColumn("Schedule");
        foreach (var heading in new[] { "Epochs", "Last rate", "RMSE ($)", "R²", "Time (s)" }) table.AddColumn(new TableColumn(heading).RightAligned());
        foreach (var result in results)
            table.AddRow(
                Markup.Escape(result.Name), $"{result.History.Epochs.Length}", $"{result.History.Epochs[^1].LearningRates[0]:G3}",
                $"{result.Metrics.RootMeanSquaredError:N1}", $"{result.Metrics.RSquared:F4}", $"{result.Time.TotalSeconds:F2}");
        AnsiConsole.Write(table);
    }

    private static Panel Chart(string title, string chart) => new Panel(Markup.Escape(chart)).Header(Markup.Escape(title)).BorderColor(Color.Grey);

    private sealed class Bar(ProgressTask task, string name) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (!task.IsStarted) task.StartTask();
            task.Description = Markup.Escape($"{name}  RMSE {value.Epoch[Metric.RootMeanSquaredError]:N0}");
            task.Value = value.Epoch.Epoch;
        }
    }
}
