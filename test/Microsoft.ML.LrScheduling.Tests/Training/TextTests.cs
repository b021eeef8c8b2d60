using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Microsoft.ML.LrScheduling.Losses;
using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Reports;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Tests.Trainers;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Tests.Training;

/// <summary>What results and options say of themselves.</summary>
[TestClass]
public sealed class TextTests
{
    // The width that a line of the log is to fit.
    private const int Columns = 100;

    private static readonly EpochRecord Epoch = new()
    {
        Epoch = 3,
        LearningRates = [0.012345, 0.012345],
        BatchLearningRates = [.. Enumerable.Repeat(0.012345, 2000)],
        TrainingLoss = 0.123456,
        ValidationMetrics = Metrics((Metric.ValidationLoss, 0.25), (Metric.RSquared, 0.98765)),
        Duration = TimeSpan.FromMilliseconds(12.3),
    };

    [TestMethod]
    public void A_whole_number_keeps_its_digits()
    {
        foreach (var (number, text) in new[]
        {
            (12345, "12345"), (-2000000, "-2000000"), (123456789012345, "123456789012345"), (0.123456, "0.1235"), (12345.5, "1.235E+04"),
            (1e20, "1E+20"),
        })
            Assert.AreEqual($"rows: {text}", $"{new Hyperparameter("rows", $"{number}", number)}");
    }

    [TestMethod]
    public void Characters_that_would_not_be_seen_or_turn_the_order_of_others_are_shown_by_their_code()
    {
        var history = new TrainingHistory { Epochs = [Epoch], StopReason = StopReason.Completed };
        Assert.AreEqual(
            "2 trainings: a\\u202eb, c d e", $"{TrainingReport.Compare(("a\u202Eb", history), ("c\nd\a\u2028e", history))}");
        Assert.AreEqual("a\\u202eb: \\u200b", $"{new Hyperparameter("a\u202Eb", "\u200b", null)}");
        Assert.AreEqual("'hi\\u000agh', 'lo\\u202ew'", $"{new KeyNames(["hi\ngh", "lo\u202Ew"])}");
    }

    [TestMethod]
    public void Results_are_told_in_a_line()
    {
        Assert.AreEqual("epoch 3: rate 0.0123, loss 0.1235, validation 0.25, R² 0.988, 0.012 s", $"{Epoch}");
        Assert.AreEqual(
            "epoch 3/20: rate 0.0123, loss 0.1235, validation 0.25, R² 0.988, 0.012 s", $"{new TrainingProgress(Epoch, 20, 1000)}");
        var history = new TrainingHistory
        {
            Epochs = [Epoch with { Epoch = 1 }, Epoch with { Epoch = 2 }, Epoch],
            StopReason = StopReason.EarlyStopped,
            BestEpoch = 2,
            Trainer = "TorchLinearRegressionTrainer",
            ScheduleText = "StepLR(stepSize: 30)",
        };
        Assert.AreEqual(
            "TorchLinearRegressionTrainer, StepLR(stepSize: 30): EarlyStopped after 3 epochs, the best is 2; " + Epoch, $"{history}");
        var nothing = new TrainingHistory { Epochs = [], StopReason = StopReason.Completed };
        Assert.AreEqual("TrainingHistory: Completed after 0 epochs", $"{nothing}");
        var trial = new StudyTrial<TorchLogisticRegressionTrainer.Options>
        {
            Number = 7,
            Hyperparameters = [new("rate", "0.0123456", 0.0123456), new("schedule", "step", null)],
            Options = new(),
            History = history,
            Score = 0.654321,
        };
        Assert.AreEqual("trial 7 [rate: 0.01235, schedule: step]: score 0.6543, EarlyStopped after 3 epochs", $"{trial}");
        Assert.AreEqual(
            $"1 trial; the best by LogLoss (bits): {trial}",
            $"{new Study<TorchLogisticRegressionTrainer.Options>(Metric.LogLoss, [trial], bestModel: null, [])}");
        var progress = new TrialProgress(7, trial.Hyperparameters, 3, null, StopReason.Diverged);
        Assert.AreEqual("trial 7 [rate: 0.01235, schedule: step]: score none, Diverged after 3 epochs", $"{progress}");
        var sweep = new SweepProgress(Metric.RSquared, [progress], 1);
        Assert.AreEqual($"1 trial ended, 0 running; the best by RSquared: {progress}", $"{sweep}");
    }

    [TestMethod]
    public void Options_tell_what_is_not_a_default()
    {
        Assert.AreEqual("TorchLinearRegressionTrainer.Options", $"{new TorchLinearRegressionTrainer.Options()}");
        var options = new TorchLinearRegressionTrainer.Options
        {
            LearningRate = 0.25,
            LearningRateSchedule = LrSchedule.StepLR(30),
            Optimizer = Optimizer.Adam(beta1: 0.5),
            Loss = RegressionLoss.Huber(),
            Progress = new Progress<TrainingProgress>(),
        };
        Assert.AreEqual(
            "TorchLinearRegressionTrainer.Options { Loss = HuberLoss, LearningRate = 0.25, LearningRateSchedule = StepLR(stepSize: 30), "
            + "Optimizer = Adam { Beta1 = 0.5 }, Progress = Progress }", $"{options}");
        Assert.AreEqual("SweepOptions { Metric = RSquared, Seed = 3 }", $"{new SweepOptions { Metric = Metric.RSquared, Seed = 3 }}");
        Assert.AreEqual("EarlyStopping", $"{new EarlyStopping()}");
    }

    [TestMethod]
    public void Log_loss_is_in_bits_of_two_classes_and_in_nats_of_more()
    {
        var binary = Metrics((Metric.LogLoss, 0.5), (Metric.AreaUnderRocCurve, 0.75));
        StringAssert.Contains($"{Epoch with { ValidationMetrics = binary }}", "log-loss 0.5 bits, AUC 0.75,");
        var multiclass = Metrics((Metric.LogLoss, 0.5), (Metric.MicroAccuracy, 0.75));
        StringAssert.Contains($"{Epoch with { ValidationMetrics = multiclass }}", "log-loss 0.5 nats, micro-accuracy 0.75,");
        Assert.AreEqual("LogLoss (bits)", MetricOfReport<TorchLogisticRegressionTrainer.Options>());
        Assert.AreEqual("LogLoss (nats)", MetricOfReport<TorchMaximumEntropyTrainer.Options>());

        static string MetricOfReport<TOptions>()
            where TOptions : LinearTrainerOptions, new()
        {
            var path = Path.Combine(Path.GetTempPath(), $"lrscheduling-{Guid.NewGuid():N}.html");
            try
            {
                var nothing = new TrainingHistory { Epochs = [], StopReason = StopReason.Completed };
                var trial = new StudyTrial<TOptions> { Number = 0, Hyperparameters = [], Options = new(), History = nothing, Score = 0.5 };
                new Study<TOptions>(Metric.LogLoss, [trial], bestModel: null, []).SaveReport(path);
                return Regex.Match(File.ReadAllText(path), "\"metric\":\"([^\"]*)\"").Groups[1].Value;
            }
            finally
            {
                File.Delete(path);
            }
        }
    }

    [TestMethod]
    public void A_line_of_the_log_fits_100_columns()
    {
        // What takes most room of what may be met: small and large losses, a thousand epochs, and a metric of each kind.
        foreach (var (loss, value) in new[] { (0.0001234567, 0.0123456), (123456.789, 351.3), (1.2345678e-5, 1.2345678e-5) })
            foreach (var metric in Enum.GetValues<Metric>())
            {
                var epoch = Epoch with
                {
                    Epoch = 1000,
                    LearningRates = [1.2345e-5, 1e-3],
                    TrainingLoss = loss,
                    ValidationMetrics = Metrics(
                        (Metric.ValidationLoss, loss), (Metric.RSquared, 0.5), (Metric.MicroAccuracy, 0.5)).SetItem(metric, value),
                };
                var line = EpochText.Of(epoch, 1000, metric);
                Assert.IsLessThanOrEqualTo(Columns, line.Length, line);
                if (metric is not (Metric.TrainingLoss or Metric.ValidationLoss)) StringAssert.Contains(line, metric.ShortName() + " ");
            }
    }

    public static IEnumerable<object[]> Tasks => TaskCase.All;

    [TestMethod]
    [DynamicData(nameof(Tasks))]
    public void The_log_tells_the_metric_that_is_watched(TaskCase task)
    {
        var (mlContext, lines) = (new MLContext(seed: 1), new List<string>());
        mlContext.Log += (_, e) =>
        {
            if (e.RawMessage.StartsWith("epoch ", StringComparison.Ordinal)) lines.Add(e.RawMessage);
        };
        var (metric, name) = task.Label switch
        {
            "Number" => (Metric.MeanAbsoluteError, "MAE"),
            "Truth" => (Metric.LogLoss, "log-loss"),
            _ => (Metric.MacroAccuracy, "macro-accuracy"),
        };
        task.Fit(mlContext, TaskCase.Rows(mlContext, 100), options =>
        {
            (options.NumberOfEpochs, options.ValidationFraction) = (3, 0.2);
            options.LearningRateSchedule = LrSchedule.ReduceLROnPlateau(metric: metric);
        });
        Assert.HasCount(3, lines);
        foreach (var line in lines)
        {
            StringAssert.Matches(
                line, new($@"^epoch [123]/3: rate 0\.05, loss [0-9.]+, validation [0-9.]+, {name} [0-9.]+( bits)?, [0-9]+\.[0-9]{{3}} s$"));
            Assert.IsLessThanOrEqualTo(Columns, line.Length, line);
        }
    }

    private static ImmutableSortedDictionary<Metric, double> Metrics(params (Metric Metric, double Value)[] values) =>
        values.ToImmutableSortedDictionary(pair => pair.Metric, pair => pair.Value);
}
