using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>How far a sweep has come.</summary>
/// <param name="Metric">What trials are compared by.</param>
/// <param name="Trials">The trials that have begun, the best first.</param>
/// <param name="EndedCount">How many have ended.</param>
public sealed record SweepProgress(Metric Metric, ValueList<TrialProgress> Trials, int EndedCount);

/// <summary>How far a trial has come.</summary>
/// <param name="Number">Its number, from 0.</param>
/// <param name="Hyperparameters">What it was drawn with.</param>
/// <param name="Epochs">The epochs it has trained.</param>
/// <param name="Score">The metric as it stands; null where there is none yet, or training diverged.</param>
/// <param name="Ended">Why it has ended; null as long as it goes on.</param>
public sealed record TrialProgress(
    int Number, ValueList<Hyperparameter> Hyperparameters, int Epochs, double? Score, StopReason? Ended);
