using System.Collections.Immutable;
using System.Globalization;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

using LinearOptions = Microsoft.ML.LrScheduling.Trainers.TorchLinearRegressionTrainer.Options;

namespace Microsoft.ML.LrScheduling.Tests.Reports;
/// <summary>Sweeps and trainings that were never trained, with numbers that a test chooses.</summary>
internal static class ReportSamples
{
    private const int Rows = 12_345;

    /// <summary>A training whose losses are given, with the rates of its schedule.</summary>
    public static TrainingHistory History(
        double[] losses, LinearOptions? options = null, StopReason stopReason = StopReason.Completed, double[]? validation = null,
        Func<int, double?>? rSquared = null, int stepsPerEpoch = 4)
    {
        options ??= new LinearOptions();
        options.LearningRate ??= 0.1;
        // So many rows are the steps of an epoch.
        if (options.BatchSize == new LinearOptions().BatchSize) options.BatchSize = (Rows - 1) / stepsPerEpoch + 1;
        validation ??= losses;
        var schedule = (options.LearningRateSchedule ?? LrSchedule.PolynomialLR(losses.Length))
            .ForRun(Math.Max(1, losses.Length), stepsPerEpoch);
        var scheduler = schedule.Watching(Metric.ValidationLoss).Start(options.LearningRate.Value, options.LearningRate.Value);
        var epochs = new List<EpochRecord>();
        for (var epoch = 1; epoch <= losses.Length; epoch++)
        {
            double[] rates = [.. scheduler.LearningRates];
            var batchRates = new List<double>();
            for (var step = 0; step < stepsPerEpoch; step++)
            {
                batchRates.AddRange(scheduler.LearningRates);
                scheduler.Advance(ScheduleInterval.Batch);
            }

            var metrics = ImmutableSortedDictionary<Metric, double>.Empty.Add(Metric.ValidationLoss, validation[epoch - 1]);
            if (rSquared?.Invoke(epoch) is { } value) metrics = metrics.Add(Metric.RSquared, value);
            epochs.Add(new EpochRecord
            {
                Epoch = epoch,
                LearningRates = [.. rates],
                BatchLearningRates = schedule.StepsByBatch ? [.. batchRates] : [],
                TrainingLoss = losses[epoch - 1],
                ValidationMetrics = metrics,
                Duration = TimeSpan.FromMilliseconds(100 + epoch),
            });
            scheduler.Advance(ScheduleInterval.Epoch, metric => metrics.TryGetValue(metric, out var measured) ? measured : null);
        }

        return new TrainingHistory
        {
            Epochs = [.. epochs],
            StopReason = stopReason,
            TrainingRowCount = Rows,
            ValidationRowCount = 678,
            Trainer = nameof(TorchLinearRegressionTrainer),
            Options = options.ToJson(),
            Schedule = options.LearningRateSchedule,
            ScheduleText = options.LearningRateSchedule?.ToString(),
        };
    }

    /// <summary>A trial with the given losses and hyperparameters.</summary>
    public static StudyTrial<LinearOptions> Trial(
        int number, double[] losses, LinearOptions? options = null, StopReason stopReason = StopReason.Completed,
        params (string Name, object Value)[] drawn)
    {
        options ??= new LinearOptions();
        return new StudyTrial<LinearOptions>
        {
            Number = number,
            Hyperparameters =
            [
                .. drawn.Select(hyperparameter => new Hyperparameter(
                    hyperparameter.Name, string.Create(CultureInfo.InvariantCulture, $"{hyperparameter.Value}"),
                    hyperparameter.Value is double value ? value : null)),
            ],
            Options = options,
            History = History(losses, options, stopReason),
            Score = stopReason == StopReason.Diverged ? null : losses[^1],
        };
    }

    /// <summary>A study of trials.</summary>
    public static Study<LinearOptions> Study(params StudyTrial<LinearOptions>[] trials) =>
        new(Metric.ValidationLoss, [.. trials], bestModel: null, []);

    /// <summary>
    /// A study of 24 trials: four kinds of schedule and the rate decide the loss, noise does not, and every sixth trial diverged.
    /// </summary>
    public static Study<LinearOptions> Sweep() => Study([.. Enumerable.Range(0, 24).Select(i =>
    {
        var rate = Math.Pow(10, -3 + i / 8.0);
        var (kind, schedule) = (i % 4) switch
        {
            0 => ("line", null),
            1 => ("step", LrSchedule.StepLR(5, gamma: 0.3)),
            2 => ("cosine", LrSchedule.CosineAnnealingLR(tMax: 20)),
            _ => ("cycle", (LrSchedule)LrSchedule.OneCycleLR(maxLr: rate, cycleMomentum: false)),
        };
        var options = new LinearOptions { LearningRate = rate, NumberOfEpochs = 20, LearningRateSchedule = schedule };
        var least = 1 + Math.Abs(Math.Log10(rate) + 1.5) + i % 4 * 0.1;
        var isDiverged = i % 6 == 5;
        double[] losses = [.. Enumerable.Range(1, isDiverged ? 6 : 20).Select(epoch =>
            isDiverged ? Math.Pow(10, epoch) : least * (1 + 4.0 / (epoch * epoch)))];
        return Trial(i, losses, options, isDiverged ? StopReason.Diverged : StopReason.Completed,
            [("batch", 32.0), ("noise", (double)(i * 7 % 24)), ("rate", rate), ("schedule", kind)]);
    })]);
}
