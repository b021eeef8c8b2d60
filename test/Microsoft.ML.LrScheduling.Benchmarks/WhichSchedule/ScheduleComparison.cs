using System.Globalization;
using Microsoft.ML.LrScheduling.Benchmarks.Performance;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Benchmarks.WhichSchedule;

/// <summary>
/// Schedules on the files of samples/data, in short and long runs, from the rate that follows from the rows, from a tenth of it and from
/// four times it: what each does on rows held out beside a line to zero, on the same splits.
/// </summary>
internal static class ScheduleComparison
{
    private const int Splits = 6;
    private const double TestFraction = 0.25;
    private const string DocumentPath = "docs/which-schedule.md";

    // Null is as many as the trainer chooses.
    private static readonly int?[] Epochs = [5, 50, null];

    private static readonly (string Table, double Part)[] Rates = [("rule", 1), ("low", 0.1), ("high", 4)];

    private static readonly (string Name, Func<double, LrSchedule> Schedule)[] Others =
    [
        ("constant", _ => LrSchedule.ConstantLR(factor: 1)),
        ("`StepLR`", _ => LrSchedule.StepLR(stepSize: 1.0 / 3, gamma: 0.1) with { Interval = ScheduleInterval.Batch }),
        ("cosine", _ => LrSchedule.CosineAnnealingLR(tMax: 1.0) with { Interval = ScheduleInterval.Batch }),
        ("`OneCycleLR`", rate => LrSchedule.OneCycleLR(maxLr: rate, cycleMomentum: false)),
        ("plateau", _ => LrSchedule.ReduceLROnPlateau(factor: 0.3, patience: 2, metric: Metric.TrainingLoss)),
    ];

    /// <summary>Measures, and writes the tables.</summary>
    public static int Measure()
    {
        Table[] tables =
        [
            .. Rates.Select(rate => new Table(
                rate.Table, ["file", "epochs", "measure", "line to 0", .. Others.Select(other => other.Name)])),
        ];
        foreach (var file in SampleFile.All)
        {
            Console.WriteLine($"{file.Name} …");
            SplitRows[] splits = [.. Enumerable.Range(1, Splits).Select(seed => file.Split(TestFraction, seed))];
            double[] ruled = [.. splits.Select(RuledRate)];
            foreach (var (table, (_, part)) in tables.Zip(Rates))
                foreach (var epochs in Epochs)
                {
                    double[] Scores(Func<double, LrSchedule?> schedule) =>
                        [.. splits.Zip(ruled, (rows, rate) => Score(rows, rate * part, epochs, schedule(rate * part)))];
                    var line = Scores(_ => null);
                    table.Add(
                    [
                        file.Name, epochs is { } number ? $"{number}" : $"{Format.Count(RuledEpochs(splits[0]))} (chosen)",
                        file.Task switch { DataTask.Regression => "R²", DataTask.Binary => "AUC", _ => "accuracy" },
                        Diverged(line) ?? line.Average().ToString("F4", CultureInfo.InvariantCulture),
                        .. Others.Select(other => Beside(line, Scores(other.Schedule))),
                    ]);
                }
        }

        const string Command = "`dotnet run build/bench.cs -- schedules`:";
        foreach (var table in tables) Document.Write(DocumentPath, table, Command);
        Console.WriteLine(string.Join("\n\n", (object[])tables));
        return 0;
    }

    // Thousandths, with the standard error of the mean over the splits: both have seen the same rows.
    private static string Beside(double[] line, double[] scores)
    {
        if (Diverged(scores) is { } diverged) return diverged;
        if (line.Any(double.IsNaN)) return scores.Average().ToString("F4", CultureInfo.InvariantCulture);
        double[] differences = [.. scores.Zip(line, (score, other) => 1000 * (score - other))];
        var mean = differences.Average();
        var error = Math.Sqrt(differences.Sum(difference => (difference - mean) * (difference - mean)) / (Splits - 1) / Splits);
        return string.Create(CultureInfo.InvariantCulture, $"{mean:+0.0;−0.0;0.0} ± {error:F1}");
    }

    private static string? Diverged(double[] scores) =>
        scores.Count(double.IsNaN) is > 0 and var count ? $"{count} of {Splits} diverged" : null;

    private static int RuledEpochs(SplitRows rows)
    {
        var options = new TorchLinearRegressionTrainer.Options();
        return options.EpochsFor((rows.TrainingCount - 1) / options.BatchSize + 1);
    }

    // The history has the rate that training began with.
    private static double RuledRate(SplitRows rows) =>
        Train(rows, rate: null, epochs: 1, LrSchedule.ConstantLR(factor: 1)).History.Epochs[0].LearningRates[0];

    private static double Score(SplitRows rows, double rate, int? epochs, LrSchedule? schedule)
    {
        try
        {
            return rows.Measure(Train(rows, rate, epochs, schedule).Model);
        }
        catch (TrainingDivergedException)
        {
            return double.NaN;
        }
    }

    private static (ITransformer Model, TrainingHistory History) Train(SplitRows rows, double? rate, int? epochs, LrSchedule? schedule)
    {
        switch (rows.Task)
        {
            case DataTask.Regression:
                var regression = rows.MLContext.Regression.Trainers.TorchLinearRegression(
                    With(new TorchLinearRegressionTrainer.Options())).Fit(rows.Training);
                return (regression, regression.History);
            case DataTask.Binary:
                var binary = rows.MLContext.BinaryClassification.Trainers.TorchLogisticRegression(
                    With(new TorchLogisticRegressionTrainer.Options())).Fit(rows.Training);
                return (binary, binary.History);
            default:
                var multiclass = rows.MLContext.MulticlassClassification.Trainers.TorchMaximumEntropy(
                    With(new TorchMaximumEntropyTrainer.Options())).Fit(rows.Training);
                return (multiclass, multiclass.History);
        }

        TOptions With<TOptions>(TOptions options) where TOptions : LinearTrainerOptions
        {
            (options.Seed, options.LearningRate, options.NumberOfEpochs, options.LearningRateSchedule) = (1, rate, epochs, schedule);
            return options;
        }
    }
}
