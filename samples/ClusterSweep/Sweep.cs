using System.Diagnostics;
using DiamondPrices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.ML;
using Microsoft.ML.LrScheduling.Orleans;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Trainers;
using Spectre.Console;
using StackExchange.Redis;
using SweepSchedules;

namespace ClusterSweep;

/// <summary>A sweep that asks the workers of a cluster.</summary>
internal static class Sweep
{
    private const int Epochs = 20;

    /// <summary>Sweeps, and shows the leaderboard.</summary>
    /// <param name="redis">Where the cluster is found.</param>
    /// <param name="ended">Told how many trials have ended; null for nobody.</param>
    public static Study<TorchLinearRegressionTrainer.Options> Run(string redis, Action<int>? ended)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.UseOrleansClient(client =>
            client.UseRedisClustering(options => options.ConfigurationOptions = ConfigurationOptions.Parse(redis)));
        using var host = builder.Build();
        host.Start();

        var mlContext = new MLContext(seed: 1);
        var data = mlContext.Data.LoadFromTextFile<Diamond>(
            Path.Combine(AppContext.BaseDirectory, "diamonds.csv"), separatorChar: ',', hasHeader: true);
        var features = mlContext.Transforms.Categorical.OneHotEncoding(
                [new("CutCode", "Cut"), new("ColorCode", "Color"), new("ClarityCode", "Clarity")])
            .Append(mlContext.Transforms.Concatenate(
                "Features", "Carat", "Depth", "Table", "X", "Y", "Z", "CutCode", "ColorCode", "ClarityCode"));
        var space = SweepSpace.Of(draw => new TorchLinearRegressionTrainer.Options
        {
            LabelColumnName = "Price",
            NumberOfEpochs = Epochs,
            ValidationFraction = 0.1,
            Seed = 1,
            LearningRate = draw.LogRange("rate", 1e-4, 1),
            LearningRateSchedule = draw.Choice("schedule", "line", "step", "cosine") switch
            {
                "step" => LrSchedule.StepLR(draw.Integer("stepSize", 2, 10), draw.Range("gamma", 0.1, 0.9)),
                "cosine" => LrSchedule.CosineAnnealingLR(tMax: Epochs),
                _ => null,
            },
        });

        var started = Stopwatch.GetTimestamp();
        var study = Board.Live(board => mlContext.Regression.Trainers.Sweep(
            space, data,
            new SweepOptions
            {
                Strategy = SweepStrategy.Random(512),
                Metric = Metric.RootMeanSquaredError,
                TrialsTogether = 16,
                Progress = new Both(board, ended),
                Workers = new OrleansWorkers(host.Services.GetRequiredService<IClusterClient>()),
            },
            features: features));
        AnsiConsole.MarkupLineInterpolated(
            $"[bold]{study.Trials.Count} trials in {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s.[/] {study.Best}");
        foreach (var note in study.Notes) AnsiConsole.MarkupLineInterpolated($"{note}");
        return study;
    }

    private sealed class Both(IProgress<SweepProgress> board, Action<int>? ended) : IProgress<SweepProgress>
    {
        public void Report(SweepProgress value)
        {
            board.Report(value);
            ended?.Invoke(value.EndedCount);
        }
    }
}
