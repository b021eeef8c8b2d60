using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Schedules;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>
/// Reads the rows of a sweep, and trains trials on them. A worker knows nothing of search spaces, scores and journals, and the sweep
/// nothing of engines and processes: trials go to the worker as options, and come back as results.
/// </summary>
internal interface ISweepWorker : IDisposable
{
    /// <summary>Reads the rows, once.</summary>
    /// <param name="trials">Trials, all of which want the same rows. One that cannot be trained on them leaves it to the others.</param>
    /// <param name="isHashed">Whether a hash of the rows is wanted.</param>
    /// <exception cref="InvalidOperationException">
    /// None of the trials can be trained on the rows: what <c>Fit</c> would say; or a fold of a cross-validation has no rows.
    /// </exception>
    /// <exception cref="OperationCanceledException">The sweep was cancelled.</exception>
    SweepRows Read(IReadOnlyList<TrialWork> trials, bool isHashed);

    /// <summary>How many batches may be begun before one has ended, at least 1.</summary>
    int BatchesAtOnce { get; }

    /// <summary>Begins to train trials.</summary>
    /// <param name="leg">The trials, and how far.</param>
    /// <param name="states">Where trials stand, as a batch saved it or a sweep before; those that fit are gone on from.</param>
    /// <param name="told">Told of what happens, on the thread of the caller.</param>
    ITrialBatch Begin(TrialLeg leg, IReadOnlyDictionary<int, TrainingState> states, IBatchObserver told);

    /// <summary>Trains until one of the batches that were begun has come to the end of its leg; returns that one.</summary>
    /// <exception cref="OperationCanceledException">The sweep was cancelled; the epoch that was under way is lost.</exception>
    ITrialBatch TrainUntilOneEnds();

    /// <summary>
    /// Trains trials again without a part of the rows, and measures them on that part: each part in turn, with the splits of ML.NET's own
    /// <c>CrossValidate</c>.
    /// </summary>
    /// <param name="trials">The trials.</param>
    /// <param name="metric">What is measured.</param>
    /// <param name="isKnown">Whether the score of (trial, fold) is known already.</param>
    /// <returns>The scores, as they come to be known.</returns>
    /// <exception cref="OperationCanceledException">The sweep was cancelled.</exception>
    IEnumerable<FoldResult> CrossValidate(IReadOnlyList<TrialWork> trials, Metric metric, Func<int, int, bool> isKnown);

    /// <summary>Says that the sweep has all that it asked for, and what is kept so that it can go on is needed no more.</summary>
    void End();

    /// <summary>The transformer of a model, behind those of the features.</summary>
    ITransformer ModelOf(TrialWork trial, LinearWeights weights, TrainingHistory history);
}
