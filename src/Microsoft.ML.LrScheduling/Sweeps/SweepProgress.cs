using System.Globalization;
using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>How far a sweep has come.</summary>
/// <param name="Metric">What trials are compared by.</param>
/// <param name="Trials">The trials that have begun, the best first.</param>
/// <param name="EndedCount">How many have ended.</param>
public sealed record SweepProgress(Metric Metric, ValueList<TrialProgress> Trials, int EndedCount)
{
    /// <summary>How many trials have ended, and the best of all, in a line.</summary>
    public override string ToString() =>
        $"{EndedCount} of {Quantity.Of(Trials.Count, "trial")} ended" + (Trials is [var best, ..] ? $"; the best by {Metric}: {best}" : "");
}

/// <summary>How far a trial has come.</summary>
/// <param name="Number">Its number, from 0.</param>
/// <param name="Hyperparameters">What it was drawn with.</param>
/// <param name="Epochs">The epochs it has trained.</param>
/// <param name="Score">The metric as it stands; null where there is none yet, or training diverged.</param>
/// <param name="Ended">Why it has ended; null as long as it goes on.</param>
public sealed record TrialProgress(
    int Number, ValueList<Hyperparameter> Hyperparameters, int Epochs, double? Score, StopReason? Ended)
{
    /// <summary>The number, what it was drawn with, the score, and the epochs so far, in a line.</summary>
    public override string ToString()
    {
        var score = Score is { } value ? value.ToString("G4", CultureInfo.InvariantCulture) : "none";
        var ended = Ended is { } reason ? $"{reason} " : "";
        return $"trial {Number} {Hyperparameters}: score {score}, {ended}after {Quantity.Of(Epochs, "epoch")}";
    }
}
