using System.Globalization;
using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>A trial of a sweep, and what came of it.</summary>
/// <typeparam name="TOptions">The options of the trainer.</typeparam>
public sealed record StudyTrial<TOptions>
    where TOptions : LinearTrainerOptions
{
    internal StudyTrial()
    {
    }

    /// <summary>Its number, from 0.</summary>
    public required int Number { get; init; }

    /// <summary>What it was drawn with.</summary>
    public required ValueList<Hyperparameter> Hyperparameters { get; init; }

    /// <summary>The options: a trainer with them gives the same model.</summary>
    public required TOptions Options { get; init; }

    /// <summary>What happened in training. The time of an epoch is that of all trials that trained together.</summary>
    public required TrainingHistory History { get; init; }

    /// <summary>
    /// The metric of the model: after the best epoch where that is restored, else after the last one; null where it is not defined, or
    /// training diverged. Of a sweep with cross-validation the mean of <see cref="FoldScores"/>; null where one of them is, or the trial
    /// was left before its end.
    /// </summary>
    public required double? Score { get; init; }

    /// <summary>The metric of each fold of a cross-validation; empty where there was none, or the trial was left before its end.</summary>
    public ValueList<double?> FoldScores { get; init; } = [];

    /// <summary>The number, what it was drawn with, the score, and why training ended, in a line.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"trial {Number} {Hyperparameters}: score {(Score is { } score ? score.ToString("G4", CultureInfo.InvariantCulture) : "none")}, "
        + $"{History.StopReason} after {Quantity.Of(History.Epochs.Count, "epoch")}");

    /// <summary>The model; null where training diverged.</summary>
    internal LinearWeights? Weights { get; init; }
}
