using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.LrScheduling.Benchmarks.Performance;
using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Benchmarks;

/// <summary>
/// What the defaults of the trainers are worth on the files of a folder: rows held out, beside other defaults and beside ML.NET's own
/// trainers, means of splits.
/// </summary>
internal static class DefaultQuality
{
    private const int Splits = 6;
    private const double TestFraction = 0.25;

    private static readonly (string Name, Action<LinearTrainerOptions, int> Change)[] Others =
    [
        ("default (line)", (_, _) => { }),
        ("cosine", (options, rows) => options.LearningRateSchedule = Cosine(options, rows)),
        ("constant", (options, _) => options.LearningRateSchedule = LrSchedule.ConstantLR(factor: 1)),
        ("no L2", (options, _) => options.L2Regularization = 0),
        ("Adam", (options, _) => options.Optimizer = Optimizer.Adam()),
        ("momentum 0.9", (options, _) => options.Optimizer = Optimizer.Sgd(momentum: 0.9)),
        ("no L2, 2,000 epochs", (options, _) => (options.L2Regularization, options.NumberOfEpochs) = (0, 2000)),
    ];

    private static readonly (string Name, Action<LinearTrainerOptions, int> Change)[] Averaged =
    [
        ("line to 0", (_, _) => { }),
        ("line, last quarter averaged", (options, rows) => Average(options, rows, from: 0.75, decay: null)),
        ("constant", (options, _) => options.LearningRateSchedule = LrSchedule.ConstantLR(factor: 1)),
        ("constant, second half averaged", (options, rows) =>
        {
            options.LearningRateSchedule = LrSchedule.ConstantLR(factor: 1);
            Average(options, rows, from: 0.5, decay: null);
        }),
        ("constant, decay 0.9", (options, rows) =>
        {
            options.LearningRateSchedule = LrSchedule.ConstantLR(factor: 1);
            Average(options, rows, from: 0, decay: 0.9);
        }),
    ];

    /// <summary>Prints the tables.</summary>
    /// <param name="folder">The folder of the files.</param>
    public static int Measure(string folder)
    {
        DataFile[] files = [.. DataFile.Known.Where(file => File.Exists(file.PathIn(folder)))];
        if (files.Length == 0)
        {
            Console.Error.WriteLine(
                $"The folder must have one of {string.Join(", ", DataFile.Known.Select(file => $"{file.Name}.csv"))}. Received: {folder}");
            return 1;
        }

        var options = new Table("defaults", ["file", "rows", "measure", .. Others.Select(other => other.Name)]);
        var averages = new Table("averages", ["file", "measure", .. Averaged.Select(other => other.Name)]);
        var peers = new Table(
            "peers", "file", "as they are", "centred", "Sdca, centred", "Lbfgs, centred", "ms, as they are", "ms, Sdca", "ms, Lbfgs");
        foreach (var file in files)
        {
            Console.WriteLine($"{file.Name} …");
            var rows = file.Read(folder);
            var ours = Others.Select(_ => new Score()).ToArray();
            var averaged = Averaged.Select(_ => new Score()).ToArray();
            Score centred = new(), sdca = new(), lbfgs = new();
            for (var seed = 1; seed <= Splits; seed++)
            {
                var raw = rows.Split(TestFraction, seed, centres: false);
                foreach (var (score, (_, change)) in ours.Zip(Others)) score.Add(raw, Trainer(raw, change));
                foreach (var (score, (_, change)) in averaged.Zip(Averaged)) score.Add(raw, Trainer(raw, change));
                var centredRows = rows.Split(TestFraction, seed, centres: true);
                centred.Add(centredRows, Trainer(centredRows, Others[0].Change));
                sdca.Add(centredRows, Sdca(centredRows));
                if (Lbfgs(centredRows) is { } trainer) lbfgs.Add(centredRows, trainer);
            }

            options.Add([file.Name, Format.Count(rows.RowCount), file.Measure, .. ours.Select(score => score.Mean)]);
            averages.Add([file.Name, file.Measure, .. averaged.Select(score => score.Mean)]);
            peers.Add(
                file.Name, ours[0].Mean, centred.Mean, sdca.Mean, lbfgs.Mean, ours[0].Milliseconds, sdca.Milliseconds,
                lbfgs.Milliseconds);
        }

        Console.WriteLine($"\n{options}\n\n{averages}\n\n{peers}");
        return 0;
    }

    private static LrSchedule Cosine(LinearTrainerOptions options, int rows) =>
        LrSchedule.CosineAnnealingLR(tMax: Epochs(options, rows) * StepsPerEpoch(options, rows)) with { Interval = ScheduleInterval.Batch };

    private static void Average(LinearTrainerOptions options, int rows, double from, double? decay) =>
        options.Averaging = new WeightAveraging { StartEpoch = (int)(from * Epochs(options, rows)), Decay = decay };

    private static int Epochs(LinearTrainerOptions options, int rows) => options.EpochsFor(StepsPerEpoch(options, rows));

    private static int StepsPerEpoch(LinearTrainerOptions options, int rows) => (rows - 1) / options.BatchSize + 1;

    private static IEstimator<ITransformer> Trainer(SplitRows rows, Action<LinearTrainerOptions, int> change)
    {
        var (mlContext, count) = (rows.MLContext, rows.TrainingCount);
        switch (rows.Task)
        {
            case DataTask.Regression:
                var regression = new TorchLinearRegressionTrainer.Options { Seed = 1 };
                change(regression, count);
                return mlContext.Regression.Trainers.TorchLinearRegression(regression);
            case DataTask.Binary:
                var binary = new TorchLogisticRegressionTrainer.Options { Seed = 1 };
                change(binary, count);
                return mlContext.BinaryClassification.Trainers.TorchLogisticRegression(binary);
            default:
                var multiclass = new TorchMaximumEntropyTrainer.Options { Seed = 1 };
                change(multiclass, count);
                return mlContext.MulticlassClassification.Trainers.TorchMaximumEntropy(multiclass);
        }
    }

    private static IEstimator<ITransformer> Sdca(SplitRows rows) => rows.Task switch
    {
        DataTask.Regression => rows.MLContext.Regression.Trainers.Sdca(),
        DataTask.Binary => rows.MLContext.BinaryClassification.Trainers.SdcaLogisticRegression(),
        _ => rows.MLContext.MulticlassClassification.Trainers.SdcaMaximumEntropy(),
    };

    // ML.NET has none for a regression.
    private static IEstimator<ITransformer>? Lbfgs(SplitRows rows) => rows.Task switch
    {
        DataTask.Regression => null,
        DataTask.Binary => rows.MLContext.BinaryClassification.Trainers.LbfgsLogisticRegression(),
        _ => rows.MLContext.MulticlassClassification.Trainers.LbfgsMaximumEntropy(),
    };

    /// <summary>What was measured on the splits of a file.</summary>
    private sealed class Score
    {
        private readonly List<double> _values = [];
        private readonly List<double> _times = [];

        public string Mean => _values.Count == 0 ? "–" : _values.Average().ToString("F3", CultureInfo.InvariantCulture);

        // The first fit compiles what the others run.
        public string Milliseconds =>
            _times.Count == 0 ? "–" : _times.Order().ElementAt(_times.Count / 2).ToString("F0", CultureInfo.InvariantCulture);

        public void Add(SplitRows rows, IEstimator<ITransformer> trainer)
        {
            var started = Stopwatch.GetTimestamp();
            var model = trainer.Fit(rows.Training);
            _times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            _values.Add(rows.Measure(model));
        }
    }
}
