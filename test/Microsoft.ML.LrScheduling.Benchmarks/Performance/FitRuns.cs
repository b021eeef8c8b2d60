using System.Globalization;
using Microsoft.ML.Data;
using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Benchmarks.Performance;

/// <summary>
/// The whole of <c>Fit</c>, from a cached <see cref="IDataView"/> to a model, beside ML.NET's own trainers on the same view.
/// </summary>
internal static class FitRuns
{
    private const int Features = 10;
    private const int Epochs = 10;
    private const double Goal = 4;
    // R² to four digits: rates that end at zero leave no more than that of the last minibatches.
    private const double Tolerance = 1e-4;

    private static readonly (string Engine, Action<LinearTrainerOptions> Choose)[] AllChoices =
    [
        (MeasuredEngines.Fused, options => options.Engine = TrainingEngine.Fused),
        (MeasuredEngines.Torch, options => options.Engine = TrainingEngine.Torch),
    ];

    /// <summary>How options choose the engines that can run here.</summary>
    public static (string Name, Action<LinearTrainerOptions> Choose)[] Choices { get; } =
        [.. AllChoices.Where(choice => MeasuredEngines.Has(choice.Engine))];

    public static void Measure(PerformanceRun run)
    {
        var rowCount = run.IsQuick ? 200_000 : 1_000_000;
        var mlContext = new MLContext(seed: 1);
        var view = View(mlContext, rowCount);
        // Each with the R² that it last reached on the rows it was trained on.
        var scores = new Dictionary<string, double>();
        Contestant Fitted(string name, IEstimator<ITransformer> trainer) => new(name, () =>
        {
            ITransformer? model = null;
            var seconds = Measurement.Seconds(() => model = trainer.Fit(view));
            if (!scores.ContainsKey(name)) scores[name] = mlContext.Regression.Evaluate(model!.Transform(view)).RSquared;
            return seconds;
        });

        var ours = Choices.Select(
            choice => Fitted($"{choice.Name} engine, {Epochs} epochs, B=256", Trainer(mlContext, choice.Choose, Epochs))).ToArray();
        var peers = MLNetTrainers.Of(mlContext, Epochs).Select(peer => Fitted(peer.Name, peer.Trainer)).ToArray();
        var reader = new TrainingSetReader(nameof(Row.Features), nameof(Row.Label), WeightColumn: null);
        Contestant[] contestants = [.. ours, new("of which reading the rows",
            () => Measurement.Seconds(() => reader.Read(view, holdOut: null, RowStore.Unlimited(), () => { }))), .. peers];
        var measurement = run.Measurement with { Rounds = run.IsQuick ? 3 : 5 };
        var samples = contestants.Zip(measurement.Interleave(contestants)).ToDictionary(pair => pair.First.Name, pair => pair.Second);

        var table = new Table("fit", $"Fit of {Format.Count(rowCount)} × {Features}", "seconds (spread)", "R²");
        foreach (var (name, seconds) in samples)
        {
            table.Add(
                name, $"{seconds}", scores.TryGetValue(name, out var score) ? score.ToString("F5", CultureInfo.InvariantCulture) : "");
        }
        if (MeasuredEngines.TorchMissing is { } missing) table.AddMissing($"{MeasuredEngines.Torch} engine", missing);
        run.Add(table);

        var what = $"ML.NET's SDCA with {Epochs} iterations ÷ our Fit, seconds, R² no lower";
        if (ours.Length == 0)
        {
            run.Targets.Add(Target.Missing(
                what, $"≥ {Format.Goal(Goal)} ×", MeasuredEngines.TorchMissing!));
            return;
        }

        var target = Target.AtLeast(what, Goal, samples[MLNetTrainers.Sdca].Over(samples[ours[0].Name]), " ×");
        run.Targets.Add(target with { IsMet = target.IsMet == true && scores[ours[0].Name] >= scores[MLNetTrainers.Sdca] - Tolerance });
    }

    /// <summary>Our trainer, with a rate that falls to zero over its epochs.</summary>
    public static IEstimator<ITransformer> Trainer(MLContext mlContext, Action<LinearTrainerOptions> choose, int epochs, double rate = 0.05)
    {
        var options = new TorchLinearRegressionTrainer.Options
        {
            NumberOfEpochs = epochs,
            BatchSize = 256,
            LearningRate = rate,
            LearningRateSchedule = LrSchedule.CosineAnnealingLR(tMax: epochs),
            Seed = 1,
        };
        choose(options);
        return mlContext.Regression.Trainers.TorchLinearRegression(options);
    }

    /// <summary>Rows in ML.NET's cache, with noise in their labels.</summary>
    public static IDataView View(MLContext mlContext, int rows, int features = Features)
    {
        var random = new Random(1);
        var view = mlContext.Data.Cache(mlContext.Data.LoadFromEnumerable(
            Enumerable.Range(0, rows).Select(_ => Row.Of(random, features)).ToArray(), Row.Schema(features)));
        // The cache takes its columns in when they are first read.
        foreach (var _ in view.GetColumn<float[]>(nameof(Row.Features))) continue;
        foreach (var _ in view.GetColumn<float>(nameof(Row.Label))) continue;
        return view;
    }
}
