using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Reports;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Training;
using Spectre.Console;

namespace DiamondPrices;

/// <summary>A trained pipeline, and how well it does on the rows held out.</summary>
internal sealed record Result(
    string Name, string Engine, ITransformer Model, TrainingHistory History, RegressionMetrics Metrics, TimeSpan Time);

/// <summary>What the user sees: in 80 columns, and with the steps before it in 24 rows.</summary>
internal static class Display
{
    private const int PictureWidth = 13;

    /// <summary>
    /// Shows on a terminal a bar for each run while <paramref name="train"/> goes through them; the bars go when it ends.
    /// </summary>
    /// <param name="runs">The name of each run.</param>
    /// <param name="epochs">The epochs of a run.</param>
    /// <param name="train">Trains; what it is given makes the listener of the run with an index.</param>
    public static void Progress(IReadOnlyList<string> runs, int epochs, Action<Func<int, IProgress<TrainingProgress>?>> train)
    {
        if (Console.IsOutputRedirected)
        {
            train(_ => null);
            return;
        }

        AnsiConsole.Progress().AutoClear(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = 20 }, new ElapsedTimeColumn())
            .Start(context =>
            {
                ProgressTask[] tasks = [.. runs.Select(run => context.AddTask(Markup.Escape(run), autoStart: false, maxValue: epochs))];
                train(run => new Bar(tasks[run], runs[run]));
            });
    }

    /// <summary>
    /// Two lines for each run: its rate and its validation error over the epochs as pictures, and how it does on the rows held out.
    /// </summary>
    public static void Table(IEnumerable<Result> results, string title, int epochs)
    {
        var table = new Table().Border(TableBorder.Rounded).Title(title)
            .Caption(
                "The RMSE by epoch is of validation rows.\n" +
                "Times include compiling and, of the first on Torch, loading libtorch.")
            .AddColumns("Schedule", $"Rate (log)\n{Axis(epochs)}", $"RMSE\n{Axis(epochs)}")
            .AddColumn(new TableColumn("Held out").RightAligned())
            .AddColumn(new TableColumn("Engine").RightAligned());
        foreach (var result in results)
        {
            var records = result.History.Epochs;
            var rates = records.Select(e => e.LearningRates[0]).ToArray();
            table.AddRow(
                Markup.Escape($"{result.Name}\n{rates[0]:G3} to {rates[^1]:G3}"),
                Picture(rates, logarithmic: true),
                Picture([.. records.Select(e => e[Metric.RootMeanSquaredError]!.Value)], logarithmic: false),
                $"${result.Metrics.RootMeanSquaredError:N2}\nR² {result.Metrics.RSquared:F4}",
                $"{result.Engine}\n{result.Time.TotalSeconds:F2} s");
        }

        AnsiConsole.Write(table);
    }

    /// <summary>What stands above a picture, from its left to its right.</summary>
    private static string Axis(int epochs) => $"epoch 1 … {epochs}";

    /// <summary>The two lines of the plot, whose axes are in the heading.</summary>
    private static string Picture(double[] values, bool logarithmic) => Markup.Escape(string.Join(
        '\n', TextChart.Draw(values, PictureWidth, height: 2, logarithmic).Split('\n')[^4..^2].Select(line => line[^PictureWidth..])));

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
