using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Reports;

/// <summary>A training, as a report shows it.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Name">What it is called; null for its number.</param>
/// <param name="Score">The metric that trainings are compared by; null where there is none.</param>
/// <param name="History">What happened.</param>
internal sealed record ReportedTraining(int Number, string? Name, double? Score, TrainingHistory History)
{
    /// <summary>What it was drawn with.</summary>
    public IReadOnlyList<Hyperparameter> Hyperparameters { get; init; } = [];

    /// <summary>The metric of each part of a cross-validation.</summary>
    public IReadOnlyList<double?> FoldScores { get; init; } = [];

    /// <summary>Why it failed; null where it did not.</summary>
    public string? Failure { get; init; }

    /// <summary>Its options; null where they are not known.</summary>
    public LinearTrainerOptions? Options { get; } = OptionsCode.Read(History);

    /// <summary>The best epoch by the metric that is watched; null where none is, or no epoch has a value of it.</summary>
    public int? BestEpoch => Options is not { } options
        || History.Epochs.Any(epoch => ValueOf(epoch, options.EarlyStopping?.Metric ?? options.MonitoredMetric) is not null)
            ? History.BestEpoch : null;

    /// <summary>The schedule in words.</summary>
    public string Schedule => History.ScheduleText ?? FallingLine;

    /// <summary>The kind of the schedule.</summary>
    public string ScheduleKind => Schedule.IndexOf('(', StringComparison.Ordinal) is > 0 and var end ? Schedule[..end] : Schedule;

    /// <summary>The value of a metric; null where it is not defined, or infinite.</summary>
    public static double? ValueOf(EpochRecord epoch, Metric metric) =>
        epoch[metric] is { } value && double.IsFinite(value) ? value : null;

    /// <summary>What trainers do that are given no schedule.</summary>
    public const string FallingLine = "straight line to 0";
}
