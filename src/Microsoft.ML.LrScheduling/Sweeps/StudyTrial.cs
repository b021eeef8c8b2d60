using System.Diagnostics.CodeAnalysis;
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
    private readonly TOptions? _options;

    internal StudyTrial()
    {
    }

    /// <summary>Its number, from 0.</summary>
    public required int Number { get; init; }

    /// <summary>What it was drawn with.</summary>
    public required ValueList<Hyperparameter> Hyperparameters { get; init; }

    /// <summary>The options: a trainer with them gives the same model.</summary>
    /// <exception cref="InvalidOperationException">
    /// The search space failed to make any; <see cref="Failure"/> says how.
    /// </exception>
    [AllowNull]
    public required TOptions Options
    {
        get => _options ?? throw new InvalidOperationException($"Trial {Number} has no options. {Failure}");
        init => _options = value;
    }

    /// <summary>
    /// What happened in training. The time of an epoch is that of all trials that trained together. Of a trial that a journal tells of,
    /// and that has more than 1,000 epochs, there are about 500 records, at equal distances; the last epoch is among them.
    /// </summary>
    public required TrainingHistory History { get; init; }

    /// <summary>
    /// The metric of the model: after the best epoch where that is restored, else after the last one; null where it is not defined, or
    /// training diverged or failed. Of a sweep with cross-validation the mean of <see cref="FoldScores"/>; null where one of them is, or
    /// the trial was left before its end.
    /// </summary>
    public required double? Score { get; init; }

    /// <summary>The metric of each fold of a cross-validation; empty where there was none, or the trial was left before its end.</summary>
    public ValueList<double?> FoldScores { get; init; } = [];

    /// <summary>
    /// Why it could not be trained, by a fault of its own: its options do not hold, or fit the rows or the run, or its schedule threw; null
    /// where it could. Its <see cref="TrainingHistory.StopReason"/> is <see cref="StopReason.Failed"/>, or it failed in a fold, and the
    /// text says in which.
    /// </summary>
    public string? Failure { get; init; }

    /// <summary>The model; null where training diverged or failed.</summary>
    internal LinearWeights? Weights { get; init; }

    /// <summary>The epochs that were trained.</summary>
    internal int EpochCount => History.Epochs is [.., { Epoch: var last }] ? last : 0;

    /// <summary>Whether there are options.</summary>
    internal bool HasOptions => _options is not null;

    /// <summary>The number, what it was drawn with, the score, and why training ended, in a line.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"trial {Number} {Hyperparameters}: score {(Score is { } score ? score.ToString("G4", CultureInfo.InvariantCulture) : "none")}, "
        + $"{History.StopReason} after {Quantity.Of(EpochCount, "epoch")}{(Failure is null ? "" : $". {Failure}")}");
}
