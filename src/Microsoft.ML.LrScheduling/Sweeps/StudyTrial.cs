using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>A trial of a sweep and its results.</summary>
/// <typeparam name="TOptions">The type of the trainer's options.</typeparam>
public sealed record StudyTrial<TOptions>
    where TOptions : LinearTrainerOptions
{
    private readonly TOptions? _options;

    internal StudyTrial()
    {
    }

    /// <summary>The number of the trial, from 0.</summary>
    public required int Number { get; init; }

    /// <summary>The hyperparameters of the trial.</summary>
    public required ValueList<Hyperparameter> Hyperparameters { get; init; }

    /// <summary>The options. A trainer with these options gives the same model.</summary>
    /// <exception cref="InvalidOperationException">
    /// The search space failed to create the options; <see cref="Failure"/> gives the reason.
    /// </exception>
    [AllowNull]
    public required TOptions Options
    {
        get => _options ?? throw new InvalidOperationException($"Trial {Number} has no options. {Failure}");
        init => _options = value;
    }

    /// <summary>
    /// The history of the training. The duration of an epoch is that of all trials that trained together. If the trial comes from a
    /// journal and has more than 1,000 epochs, the history contains about 500 of them, at equal distances and including the last one.
    /// </summary>
    public required TrainingHistory History { get; init; }

    /// <summary>
    /// The metric of the model: after the best epoch if its weights are restored, otherwise after the last epoch. Null if the metric is
    /// not defined, or if training diverged or failed. With cross-validation it is the mean of <see cref="FoldScores"/>; null if one of
    /// them is null, or if the trial was stopped early.
    /// </summary>
    public required double? Score { get; init; }

    /// <summary>
    /// The metric of each fold of a cross-validation. Empty if there was no cross-validation, or if the trial was stopped early.
    /// </summary>
    public ValueList<double?> FoldScores { get; init; } = [];

    /// <summary>
    /// The reason why the trial could not be trained; null if it was trained. For example, its options are not valid, they do not fit the
    /// rows or the run, or its schedule threw an exception. The <see cref="TrainingHistory.StopReason"/> is then
    /// <see cref="StopReason.Failed"/>; if the trial failed only in a fold, the text names the fold.
    /// </summary>
    public string? Failure { get; init; }

    /// <summary>The model; null if training diverged or failed.</summary>
    internal LinearWeights? Weights { get; init; }

    /// <summary>The number of epochs that were trained.</summary>
    internal int EpochCount => History.Epochs is [.., { Epoch: var last }] ? last : 0;

    /// <summary>
    /// Why a trial that was measured has no score: its metric is infinite or NaN. Null if there is a score, or if there is another reason.
    /// </summary>
    internal string? WhyNoScore(Metric metric) =>
        this is { Score: null, Failure: null, Weights: not null, FoldScores: [] }
        && TrialScore.Measured(
            History.Epochs, _options?.EarlyStopping is { RestoreBestWeights: true } ? History.BestEpoch : null, metric) is { } measured
        && !double.IsFinite(measured)
            ? $"{metric} is {(double.IsNaN(measured) ? "not a number" : "infinite")} for the "
                + $"{(metric.NeedsValidation() ? "validation" : "training")} rows"
            : null;

    /// <summary>Whether there are options.</summary>
    internal bool HasOptions => _options is not null;

    /// <summary>The reason why there is no model; null if there is one.</summary>
    internal string? Fault => Failure ?? History.Divergence;

    /// <summary>
    /// Returns the number, the hyperparameters, the score and the reason why training ended, on one line. For a trial that failed or
    /// diverged, the line also says how.
    /// </summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"trial {Number} {Hyperparameters}: score {(Score is { } score ? score.ToString("G4", CultureInfo.InvariantCulture) : "none")}, "
        + $"{History.StopReason} after {Quantity.Of(EpochCount, "epoch")}{(Fault is null ? "" : $". {Fault}")}");
}
