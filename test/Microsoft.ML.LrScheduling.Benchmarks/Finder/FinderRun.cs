using System.Globalization;
using Microsoft.ML.LrScheduling.Benchmarks.Performance;
using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Reports;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Benchmarks.Finder;

/// <summary>
/// Whether training at the rate that <see cref="LearningRateFinder"/> suggests is as good as at the best of a grid of rates, by scores on
/// rows held out.
/// </summary>
internal static class FinderRun
{
    // Of R², area under the curve, or accuracy.
    private const double Slack = 0.02;

    // What a model scores that could not be trained, or is worse than that.
    private const double Worst = -1;

    // So many rows held out, of all splits together, and so many splits at most: of few rows one split says little.
    private const int TestRows = 1000;
    private const int MostSplits = 30;

    private const int FirstSeed = 2;

    // Two a decade from 1e-5 to 1e3.
    private static readonly double[] Grid = [.. Enumerable.Range(-10, 17).Select(i => Math.Pow(10, i / 2.0))];

    private static readonly (string Name, Optimizer Optimizer)[] Optimizers =
    [
        ("SGD", Optimizer.Sgd()),
        ("SGD, momentum 0.9", Optimizer.Sgd(momentum: 0.9)),
        ("Adam", Optimizer.Adam()),
        ("RMSprop", Optimizer.RmsProp()),
        ("Adagrad", Optimizer.Adagrad()),
    ];

    /// <summary>Measures all files with all optimizers, and writes a table.</summary>
    /// <param name="folder">Where the files are.</param>
    public static void Measure(string folder)
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        var table = new Table(
            "finder", "file, score", "splits", "optimizer", "suggested: median (least to highest)", "score there",
            "best of the grid by other splits: score", "within", "highest mean of the grid", "its rate");
        var (good, goodOfHighest, all) = (0, 0, 0);
        foreach (var file in DataFile.All)
        {
            var mlContext = new MLContext(seed: 1);
            var count = Math.Clamp((int)Math.Ceiling(TestRows / (DataFile.TestFraction * file.RowCount(folder))), 3, MostSplits);
            var splits = file.Splits(mlContext, folder, [.. Enumerable.Range(FirstSeed, count)]).ToArray();
            foreach (var (name, optimizer) in Optimizers)
            {
                var suggested = splits.Select(split => Find(mlContext, file, optimizer, split.Train).SuggestedRate).ToArray();
                var scores = splits.Zip(suggested, (split, rate) =>
                    Scores(mlContext, file, optimizer, split, [.. Grid, .. rate is { } known ? new[] { known } : []])).ToArray();
                var ofSuggested = scores.Average(ofSplit => ofSplit.Length > Grid.Length ? ofSplit[^1] : Worst);
                var ofBest = OfOtherSplits(scores);
                var (highest, ofHighest) =
                    Grid.Select((rate, i) => (rate, scores.Average(ofSplit => ofSplit[i]))).MaxBy(pair => pair.Item2);
                var isGood = ofSuggested >= ofBest - Slack;
                (good, all) = (good + (isGood ? 1 : 0), all + 1);
                if (ofSuggested >= ofHighest - Slack) goodOfHighest++;
                table.Add(
                    $"{file.Name}, {Short(file.Score)}", $"{count}", name, Range(suggested), $"{ofSuggested:F3}", $"{ofBest:F3}",
                    isGood ? "yes" : "**no**", $"{ofHighest:F3}", $"{highest:G2}");
            }
        }

        Console.WriteLine(table);
        Console.WriteLine($"\nWithin {Slack} of the best of the grid by other splits: {good} of {all} ({100.0 * good / all:F1} %).");
        Console.WriteLine($"Within {Slack} of the highest mean of the grid: {goodOfHighest} ({100.0 * goodOfHighest / all:F1} %).");
    }

    /// <summary>Draws the curve of each optimizer for a file.</summary>
    /// <param name="folder">Where the files are.</param>
    /// <param name="picture">The file to write.</param>
    public static void Draw(string folder, string picture)
    {
        var mlContext = new MLContext(seed: 1);
        var file = DataFile.All.Single(file => file.Name == "boston");
        var (train, _) = file.Splits(mlContext, folder, [FirstSeed]).Single();
        var curves = Optimizers.Select(pair => (pair.Name, Curve: Find(mlContext, file, pair.Optimizer, train))).ToArray();
        var highest = curves[0].Curve.InitialLoss * 1.2;
        var chart = new SvgChart
        {
            Title = "Prices of houses in Boston: the loss after a short run, by its rate",
            XLabel = "learning rate, as a power of ten",
            YLabel = "held-out loss",
            Width = 640,
            Height = 320,
            Series = [.. curves.Select(pair => new ChartSeries(
                pair.Name, [.. pair.Curve.Points.Select(point => Math.Log10(point.Rate))],
                [.. pair.Curve.Points.Select(point => point.Loss < highest ? point.Loss : double.NaN)]))],
        };
        File.WriteAllText(picture, chart.ToSvg());
        foreach (var (name, curve) in curves) Console.WriteLine($"{name}: {curve.SuggestedRate:G2}. {curve.Reason}");
    }

    /// <summary>
    /// The mean score where each split has the rate of the grid that is best by the other splits. The highest mean of the grid is chosen by
    /// the rows that it is scored on, and so is partly luck.
    /// </summary>
    private static double OfOtherSplits(double[][] scores) => Enumerable.Range(0, scores.Length).Average(split =>
        scores[split][Enumerable.Range(0, Grid.Length).MaxBy(i => scores.Where((_, other) => other != split).Average(own => own[i]))]);

    private static string Range(double?[] suggested)
    {
        double[] rates = [.. suggested.OfType<double>().Order()];
        var none = suggested.Length - rates.Length;
        return rates.Length == 0 ? "none"
            : $"{rates[rates.Length / 2]:G2} ({rates[0]:G2} to {rates[^1]:G2}{(none > 0 ? $", {none} none" : "")})";
    }

    private static string Short(Metric metric) => metric switch
    {
        Metric.RSquared => "R²",
        Metric.AreaUnderRocCurve => "AUC",
        _ => "accuracy",
    };

    private static LearningRateCurve Find(MLContext mlContext, DataFile file, Optimizer optimizer, IDataView train)
    {
        var finder = new LearningRateFinder();
        return file.Score switch
        {
            Metric.RSquared => finder.Find(
                mlContext.Regression.Trainers.TorchLinearRegression(With<TorchLinearRegressionTrainer.Options>(optimizer)), train),
            Metric.AreaUnderRocCurve => finder.Find(
                mlContext.BinaryClassification.Trainers.TorchLogisticRegression(
                    With<TorchLogisticRegressionTrainer.Options>(optimizer)), train),
            _ => finder.Find(
                mlContext.MulticlassClassification.Trainers.TorchMaximumEntropy(
                    With<TorchMaximumEntropyTrainer.Options>(optimizer)), train),
        };
    }

    /// <summary>The score of each rate on the test rows, after a run of the default options.</summary>
    private static double[] Scores(
        MLContext mlContext, DataFile file, Optimizer optimizer, (IDataView Train, IDataView Test) split, double[] rates)
    {
        var options = new SweepOptions { Metric = file.Score };
        return file.Score switch
        {
            Metric.RSquared => Scores(mlContext.Regression.Trainers.Sweep(
                Space<TorchLinearRegressionTrainer.Options>(optimizer, rates), split.Train, options, split.Test)),
            Metric.AreaUnderRocCurve => Scores(mlContext.BinaryClassification.Trainers.Sweep(
                Space<TorchLogisticRegressionTrainer.Options>(optimizer, rates), split.Train, options, split.Test)),
            _ => Scores(mlContext.MulticlassClassification.Trainers.Sweep(
                Space<TorchMaximumEntropyTrainer.Options>(optimizer, rates), split.Train, options, split.Test)),
        };
    }

    private static double[] Scores<TOptions>(Study<TOptions> study)
        where TOptions : LinearTrainerOptions, new() =>
        [.. study.Trials.OrderBy(trial => trial.Number).Select(trial => Math.Max(Worst, trial.Score ?? Worst))];

    private static SweepSpace<TOptions> Space<TOptions>(Optimizer optimizer, double[] rates)
        where TOptions : LinearTrainerOptions, new() =>
        SweepSpace.Trials(rates.Select(rate =>
        {
            var options = With<TOptions>(optimizer);
            options.LearningRate = rate;
            return options;
        }));

    private static TOptions With<TOptions>(Optimizer optimizer)
        where TOptions : LinearTrainerOptions, new() => new() { Optimizer = optimizer, Seed = 1 };
}
