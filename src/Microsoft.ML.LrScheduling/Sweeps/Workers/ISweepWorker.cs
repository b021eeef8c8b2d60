using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>
/// Reads the rows of a sweep, and trains trials on them. A worker does not know search spaces, scores or journals, and the sweep does not
/// know engines or processes: trials are passed to the worker as options, and returned as results.
/// </summary>
internal interface ISweepWorker : IDisposable
{
    /// <summary>Reads the rows, once.</summary>
    /// <param name="trials">
    /// Trials with the same options about rows. If the first one cannot be trained on the rows, another one is used to read them.
    /// </param>
    /// <param name="isHashed">Whether a hash of the rows is needed.</param>
    /// <exception cref="InvalidOperationException">
    /// None of the trials can be trained on the rows (the exception is the one of <c>Fit</c>); or a fold of a cross-validation has no rows.
    /// </exception>
    /// <exception cref="OperationCanceledException">The sweep was cancelled.</exception>
    SweepRows Read(IReadOnlyList<TrialWork> trials, bool isHashed);

    /// <summary>The maximum number of batches in progress, at least 1.</summary>
    int BatchesAtOnce { get; }

    /// <summary>Starts a batch of trials.</summary>
    /// <param name="leg">The trials, and the epoch until which they train.</param>
    /// <param name="states">
    /// States from which trials resume, saved by a batch or an earlier sweep. States that do not fit are ignored.
    /// </param>
    /// <param name="told">Receives events, on the thread of the caller.</param>
    ITrialBatch Begin(TrialLeg leg, IReadOnlyDictionary<int, TrainingState> states, IBatchObserver told);

    /// <summary>Trains until one of the batches in progress has completed its leg, and returns this batch.</summary>
    /// <exception cref="OperationCanceledException">The sweep was cancelled. The progress of the current epoch is lost.</exception>
    ITrialBatch TrainUntilOneEnds();

    /// <summary>
    /// Cross-validates trials: trains each trial again once per fold, without the rows of that fold, and measures it on them. The folds are
    /// those of ML.NET's <c>CrossValidate</c>.
    /// </summary>
    /// <param name="trials">The trials.</param>
    /// <param name="metric">The metric.</param>
    /// <param name="isKnown">Whether the score of (trial, fold) is already known.</param>
    /// <returns>The scores, those of trials that train together as soon as they are known.</returns>
    /// <exception cref="OperationCanceledException">The sweep was cancelled.</exception>
    IEnumerable<IReadOnlyList<FoldResult>> CrossValidate(IReadOnlyList<TrialWork> trials, Metric metric, Func<int, int, bool> isKnown);

    /// <summary>Ends the sweep successfully. Data that was kept to resume it is no longer needed.</summary>
    void End();

    /// <summary>Creates the transformer of a model, with the transformers of the features before it.</summary>
    ITransformer ModelOf(TrialWork trial, LinearWeights weights, TrainingHistory history);
}
