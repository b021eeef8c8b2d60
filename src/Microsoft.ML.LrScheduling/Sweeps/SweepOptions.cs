using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>The options of a sweep.</summary>
/// <example>
/// <code>
/// var sweep = new SweepOptions { Strategy = SweepStrategy.Random(trials: 16), Journal = "study.jsonl" };
/// var study = mlContext.Regression.Trainers.Sweep(space, trainData, sweep);
/// Console.WriteLine(study.Best);
/// </code>
/// </example>
public sealed record SweepOptions
{
    /// <summary>
    /// The strategy that chooses the trials. Null (the default) for 64 random trials, or for all trials of
    /// <see cref="SweepSpace.Trials{TOptions}"/>.
    /// </summary>
    public SweepStrategy? Strategy { get; init; }

    /// <summary>
    /// The metric that trials are compared by. Null (the default) for the MonitoredMetric of their options, or for the training loss if
    /// there is no validation data.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of <see cref="Schedules.Metric"/>.</exception>
    public Metric? Metric { get; init => field = value is { } metric ? Argument.Defined(metric, nameof(Metric)) : null; }

    /// <summary>
    /// The number of folds for cross-validated scores, at least 2; null (the default) for no cross-validation. Each trial that was not
    /// stopped early is trained again once per fold, without the rows of that fold, and measured on them. The pipeline of the features is
    /// fitted again too. The folds are those of ML.NET's <c>CrossValidate</c> with the same <see cref="Seed"/>. The score of a trial is
    /// the mean over the folds; its model is the one trained on all rows. A fold without rows is an error, before training.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 2.</exception>
    public int? NumberOfFolds { get; init => field = value is { } folds ? Argument.AtLeast(folds, 2, nameof(NumberOfFolds)) : null; }

    /// <summary>
    /// The column that groups rows: rows with the same value are in the same fold. It must be a column of the training rows with single
    /// values, and with at least as many values as there are folds. Null (the default) for no grouping.
    /// </summary>
    public string? SamplingKeyColumnName { get; init; }

    /// <summary>The seed of the draws, and of the order of rows if the options of the trials have no seed. Default: 0.</summary>
    public int Seed { get; init; }

    /// <summary>
    /// The maximum number of trials that train together in one pass over the rows, at least 1. With
    /// <see cref="SweepStrategy.SuccessiveHalving"/> and <see cref="SweepStrategy.Hyperband"/>, at most 16 trials train together, whatever
    /// this value is; in a single process all trials reach a rung before they are compared. Default: 64.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int TrialsTogether { get; init => field = Argument.AtLeast(value, 1, nameof(TrialsTogether)); } = 64;

    /// <summary>
    /// The journal file, which records the results of the sweep, one line of JSON per event; null (the default) for no journal. If the
    /// file exists, the sweep continues from it and does not train finished trials again. Otherwise the file and its folder are created. A
    /// file that is neither empty nor a journal is an error. While trials train, there are two more files in the folder: one with the
    /// extension <c>.state</c> added, from which trials resume, and one with <c>.owner</c> added, which names the process that uses the
    /// journal.
    /// </summary>
    /// <exception cref="ArgumentException">The value is empty or not a valid path.</exception>
    public string? Journal { get; init => field = value is null ? null : Argument.Path(value, nameof(Journal)); }

    /// <summary>
    /// The workers that train the trials, such as the machines of a cluster; null (the default) for this process. Trials that train
    /// together have the same scores and weights as in this process, bit for bit. With <see cref="SweepStrategy.SuccessiveHalving"/> or
    /// <see cref="SweepStrategy.Hyperband"/> they have the same scores and weights whichever trials train together. Such trials are
    /// compared as they arrive, so that the sweep can stop other trials early than in a single process.
    /// </summary>
    public SweepWorkers? Workers { get; init; }

    /// <summary>
    /// What happens if another process is using the journal. Default: the sweep waits, and the log says for which process.
    /// </summary>
    public JournalInUse WhenJournalIsInUse { get; init; }

    /// <summary>
    /// Receives the progress of the sweep after each epoch, and in a cross-validation whenever trials that train together have ended a
    /// fold, on the training thread; null (the default) for no reports. If it is also an
    /// <see cref="IProgress{T}"/> of <see cref="Training.StopReason"/>, it receives the reason why the sweep ended: Completed, Cancelled
    /// (also by the time limit), or Failed.
    /// </summary>
    public IProgress<SweepProgress>? Progress { get; init; }

    /// <summary>
    /// The time limit, more than zero, counted from the end of reading the rows; null (the default) for no limit. After this time the
    /// sweep ends within one minibatch and returns the study so far, as with <see cref="CancellationMode.ReturnBest"/>. If no trial has
    /// started by then, the study has no trials. With a journal you can continue the sweep later.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is zero or negative.</exception>
    public TimeSpan? TimeLimit
    {
        get;
        init => field = value is not { } time || time > TimeSpan.Zero
            ? value : throw Argument.OutOfRange(nameof(TimeLimit), "more than zero", time);
    }

    /// <summary>
    /// Cancels the sweep within one minibatch. With a journal you can continue the sweep later. Default: a token that is never cancelled.
    /// </summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>
    /// What happens when the sweep is cancelled. Default: it throws an <see cref="OperationCanceledException"/>. With
    /// <see cref="CancellationMode.ReturnBest"/> it returns the study so far: the trials that have ended, and the running trials as they
    /// were after their last epoch, with the stop reason <see cref="Training.StopReason.Cancelled"/>. If the sweep is cancelled while it
    /// waits for its journal or reads the rows, the study has no trials and a note says so.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of <see cref="CancellationMode"/>.</exception>
    public CancellationMode Cancellation { get; init => field = Argument.Defined(value, nameof(Cancellation)); }

    /// <summary>Returns the type and the settings that differ from their defaults, on one line.</summary>
    public override string ToString() => PropertyText.Of(this);
}

/// <summary>What happens to a sweep if another process is using its journal.</summary>
[JsonConverter(typeof(EnumJsonConverter))]
public enum JournalInUse
{
    /// <summary>The sweep waits until the other process has ended.</summary>
    Wait,

    /// <summary>The sweep throws an <see cref="InvalidOperationException"/>.</summary>
    Refuse,
}
