using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>Trials that train together on some machine of a cluster.</summary>
/// <param name="name">The name of the batch.</param>
/// <param name="trials">The trials, in their order.</param>
/// <param name="wanted">Those whose results are wanted.</param>
/// <param name="told">Told of results.</param>
/// <param name="trainUntilEnded">Waits until the batch has ended.</param>
internal sealed class ClusterBatch(
    string name, IReadOnlyList<TrialWork> trials, IEnumerable<int> wanted, IBatchObserver told, Action<ClusterBatch> trainUntilEnded)
    : ITrialBatch
{
    private readonly Dictionary<int, TrialWork> _trials = trials.ToDictionary(trial => trial.Number);
    private readonly SortedSet<int> _running = [.. wanted];
    private readonly HashSet<int> _finished = [];

    /// <summary>The name of the batch.</summary>
    public string Name => name;

    /// <summary>The trials, in their order.</summary>
    public IReadOnlyList<TrialWork> Trials => trials;

    /// <inheritdoc/>
    public IReadOnlyList<TrialStanding> Running => [.. _running.Select(trial => new TrialStanding(trial, []))];

    /// <inheritdoc/>
    public void TrainUntil(int epochs) => trainUntilEnded(this);

    /// <inheritdoc/>
    public TrialResult End(int trial, StopReason reason)
    {
        _running.Remove(trial);
        var nothing = TrialResult.Failed(trial, "", _trials[trial].Options, "");
        return nothing with { Failure = null, History = nothing.History with { StopReason = reason } };
    }

    /// <inheritdoc/>
    public IReadOnlyList<(int Trial, TrainingState State)> Save() => [];

    /// <inheritdoc/>
    public void Dispose()
    {
        // What a worker has trained of it can be asked for again.
    }

    /// <summary>Whether a part has been taken.</summary>
    public bool Has(FinishedPart part) => _finished.Contains(part.First);

    /// <summary>Takes the results of a part.</summary>
    /// <param name="part">The part.</param>
    /// <param name="results">Its results, as bytes; null where it was given up.</param>
    public void Take(FinishedPart part, byte[]? results)
    {
        _finished.Add(part.First);
        var (all, notes) = results is null
            ? ([.. trials.Skip(part.First).Take(part.Count).Select(GivenUp)], [])
            : ResultBytes.Read(results, _trials);
        foreach (var result in all.Where(result => _running.Remove(result.Number))) told.Ended(result);
        foreach (var note in notes) told.Note(note);
        told.EpochEnded(this);

        TrialResult GivenUp(TrialWork trial) => TrialResult.Failed(trial.Number, "", trial.Options, part.Failure!);
    }
}
