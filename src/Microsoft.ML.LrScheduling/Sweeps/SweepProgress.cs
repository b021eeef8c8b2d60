using System.Globalization;
using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>The progress of a sweep.</summary>
/// <param name="Metric">The metric that trials are compared by.</param>
/// <param name="Trials">The trials that have started, the best first.</param>
/// <param name="EndedCount">The number of trials that have ended.</param>
public sealed record SweepProgress(Metric Metric, ValueList<TrialProgress> Trials, int EndedCount)
{
    /// <summary>
    /// The estimated remaining time, from the time of the epochs so far, if all trials train to their end; at most what remains of the time
    /// limit. Null if it is not known: with strategies that stop trials early, or as long as the number of trials is not known. With a
    /// cross-validation it is the remaining time of the cross-validation, and null until its first trainings have ended.
    /// </summary>
    public TimeSpan? TimeLeft { get; init; }

    /// <summary>
    /// The number of trainings of the cross-validation: the trials that are cross-validated, times the folds. 0 before the
    /// cross-validation begins, or if there is none. The scores of <see cref="Trials"/> are those of the cross-validation in its last
    /// report only.
    /// </summary>
    public int FoldTrainingCount { get; init; }

    /// <summary>The number of trainings of the cross-validation that have ended, with those in the journal.</summary>
    public int EndedFoldTrainingCount { get; init; }

    /// <summary>Identifies the sweep: the same object in each of its reports; null if it is not known.</summary>
    internal object? Sweep { get; init; }

    /// <summary>How many trials and trainings on folds have ended, and how many trials are running, in words.</summary>
    internal string Counts => $"{Quantity.Of(EndedCount, "trial")} ended, {Trials.Count - EndedCount} running"
        + (FoldTrainingCount == 0 ? "" : $", {EndedFoldTrainingCount} of {Quantity.Of(FoldTrainingCount, "training")} on folds ended");

    /// <summary>Returns how many trials have ended, how many are running, and the best trial, on one line.</summary>
    public override string ToString() =>
        Counts + (Trials is [var best, ..] ? $"; the best by {Metric}: {best}" : "");
}

/// <summary>The progress of a trial.</summary>
/// <param name="Number">The number of the trial, from 0.</param>
/// <param name="Hyperparameters">The hyperparameters of the trial.</param>
/// <param name="Epochs">The number of epochs trained so far.</param>
/// <param name="Score">The current value of the metric; null if there is none yet, or if training diverged.</param>
/// <param name="Ended">The reason why the trial has ended; null while it is running.</param>
public sealed record TrialProgress(
    int Number, ValueList<Hyperparameter> Hyperparameters, int Epochs, double? Score, StopReason? Ended)
{
    /// <summary>Returns the number, the hyperparameters, the score and the epochs so far, on one line.</summary>
    public override string ToString()
    {
        var score = Score is { } value ? value.ToString("G4", CultureInfo.InvariantCulture) : "none";
        var ended = Ended is { } reason ? $"{reason} " : "";
        return $"trial {Number} {Hyperparameters}: score {score}, {ended}after {Quantity.Of(Epochs, "epoch")}";
    }
}
