using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Trainers;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>How a sweep goes.</summary>
/// <example>
/// <code>
/// var sweep = new SweepOptions { Strategy = SweepStrategy.Random(trials: 16), Journal = "study.jsonl" };
/// var study = mlContext.Regression.Trainers.Sweep(space, trainData, sweep);
/// Console.WriteLine(study.Best);
/// </code>
/// </example>
public sealed record SweepOptions
{
    /// <summary>Which trials there are; null (the default) for 64 at random, or all of the user's own.</summary>
    public SweepStrategy? Strategy { get; init; }

    /// <summary>
    /// The metric that trials are compared by; null (the default) for the MonitoredMetric of their options, or the training loss where
    /// there is no validation data.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of <see cref="Schedules.Metric"/>.</exception>
    public Metric? Metric { get; init => field = value is { } metric ? Argument.Defined(metric, nameof(Metric)) : null; }

    /// <summary>
    /// How many parts the rows are cut into for cross-validated scores, at least 2; null (the default) for none. Trials that came to
    /// their end train again, once a part without it and features included, and are measured on it; parts are those of ML.NET's
    /// <c>CrossValidate</c> with the same <see cref="Seed"/>. The score of a trial is the mean, its model that of all rows.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 2.</exception>
    public int? NumberOfFolds { get; init => field = value is { } folds ? Argument.AtLeast(folds, 2, nameof(NumberOfFolds)) : null; }

    /// <summary>The column whose equal values stay in one part; null (the default) for none.</summary>
    public string? SamplingKeyColumnName { get; init; }

    /// <summary>What draws follow from, and the order of rows where the trials' options have no seed. Default: 0.</summary>
    public int Seed { get; init; }

    /// <summary>
    /// The most trials that train together in one pass over the rows, at least 1. Trials that are left by their scores train sixteen at a
    /// time, whatever this is; in one process all of them come to a rung before they are compared. Default: 64.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int TrialsTogether { get; init => field = Argument.AtLeast(value, 1, nameof(TrialsTogether)); } = 64;

    /// <summary>
    /// The file that keeps what the sweep has learned, a line of JSON an event; null (the default) for none. Where it is there already,
    /// the sweep goes on: what has ended is not trained again. It is made where it is not there, and its folder with it; a file that is
    /// neither empty nor a journal is refused. Beside it, while trials train, stand a file of the same name and <c>.state</c>, from which
    /// they go on, and one of the same name and <c>.owner</c>, which says which process uses it.
    /// </summary>
    /// <exception cref="ArgumentException">The value is empty, or no path.</exception>
    public string? Journal { get; init => field = value is null ? null : Argument.Path(value, nameof(Journal)); }

    /// <summary>
    /// Who trains the trials, such as machines of a cluster; null (the default) for this process. Trials that
    /// train together come to the same scores and weights there, bit for bit. Trials that compete, by
    /// <see cref="SweepStrategy.SuccessiveHalving"/> or <see cref="SweepStrategy.Hyperband"/>, do so in whatever company; they are
    /// compared as they come, so that others may be left than in one process.
    /// </summary>
    public SweepWorkers? Workers { get; init; }

    /// <summary>
    /// What becomes of a sweep whose journal another process is using. Default: it waits, and says in the log for whom.
    /// </summary>
    public JournalInUse WhenJournalIsInUse { get; init; }

    /// <summary>Told after each epoch of trials how all stand, on the thread that trains; null (the default) for nobody.</summary>
    public IProgress<SweepProgress>? Progress { get; init; }

    /// <summary>
    /// The time after which the sweep ends, within one minibatch, and returns the study so far as <see cref="Cancellation"/> tells, more
    /// than zero, from when the rows have been read; null (the default) for as long as it takes. With a journal it can go on later.
    /// Where no trial has begun by then, the study has none.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is zero or negative.</exception>
    public TimeSpan? TimeLimit
    {
        get;
        init => field = value is not { } time || time > TimeSpan.Zero
            ? value : throw Argument.OutOfRange(nameof(TimeLimit), "more than zero", time);
    }

    /// <summary>Ends the sweep within one minibatch; with a journal it can go on later. Default: never.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>
    /// What becomes of a sweep that is cancelled. Default: it throws <see cref="OperationCanceledException"/>.
    /// <see cref="CancellationMode.ReturnBest"/> returns the study so far: the trials that have ended, and those under way as they stood
    /// after their last epoch, which have ended as <see cref="Training.StopReason.Cancelled"/>. A sweep that is cancelled while it waits
    /// for its journal or reads the rows returns a study without trials, and a note says so.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of <see cref="CancellationMode"/>.</exception>
    public CancellationMode Cancellation { get; init => field = Argument.Defined(value, nameof(Cancellation)); }

    /// <summary>The type, and the settings that are not at their defaults, in a line.</summary>
    public override string ToString() => PropertyText.Of(this);
}

/// <summary>What becomes of a sweep whose journal another process is using.</summary>
[JsonConverter(typeof(EnumJsonConverter))]
public enum JournalInUse
{
    /// <summary>It waits until the other has ended.</summary>
    Wait,

    /// <summary>It is refused.</summary>
    Refuse,
}
