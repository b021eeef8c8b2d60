using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Reports;

/// <summary>The data of one training in a report.</summary>
/// <param name="Number">The number of the trial or training.</param>
/// <param name="Name">The name; null to use the number.</param>
/// <param name="Score">The value of the metric that trainings are compared by; null if there is none.</param>
/// <param name="History">The history of the training.</param>
internal sealed record ReportedTraining(int Number, string? Name, double? Score, TrainingHistory History)
{
    /// <summary>The hyperparameters of a trial; in a comparison, the options that differ from their defaults.</summary>
    public IReadOnlyList<Hyperparameter> Hyperparameters { get; init; } = [];

    /// <summary>The score of each fold of a cross-validation.</summary>
    public IReadOnlyList<double?> FoldScores { get; init; } = [];

    /// <summary>The error of a failed trial; otherwise null.</summary>
    public string? Failure { get; init; }

    /// <summary>The options; null if they are not known.</summary>
    public LinearTrainerOptions? Options { get; } = OptionsCode.Read(History);

    /// <summary>The best epoch by the metric that is watched; null where none is, or no epoch has a value of it.</summary>
    public int? BestEpoch => Options is not { } options
        || History.Epochs.Any(epoch => ValueOf(epoch, options.EarlyStopping?.Metric ?? options.MonitoredMetric) is not null)
            ? History.BestEpoch : null;

    /// <summary>The schedule as text.</summary>
    public string Schedule => History.ScheduleText ?? FallingLine;

    /// <summary>The kind of the schedule.</summary>
    public string ScheduleKind => Schedule.IndexOf('(', StringComparison.Ordinal) is > 0 and var end ? Schedule[..end] : Schedule;

    /// <summary>The value of a metric; null where it is not defined, or infinite.</summary>
    public static double? ValueOf(EpochRecord epoch, Metric metric) =>
        epoch[metric] is { } value && double.IsFinite(value) ? value : null;

    /// <summary>The text for the default schedule.</summary>
    public const string FallingLine = "straight line to 0";
}
