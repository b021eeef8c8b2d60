using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>Trials that train a leg on some machine of a cluster.</summary>
/// <param name="leg">The leg.</param>
/// <param name="work">The same as bytes.</param>
/// <param name="rung">The rung at which the trials stand, in epochs; 0 where they begin.</param>
/// <param name="sharesOut">Whether trials that do not compete may be trained in fewer.</param>
/// <param name="told">Told of results.</param>
internal sealed class ClusterBatch(TrialLeg leg, byte[] work, int rung, bool sharesOut, IBatchObserver told)
    : ClusterWork(work), ITrialBatch
{
    private readonly Dictionary<int, TrialWork> _trials = leg.Trials.ToDictionary(trial => trial.Number);
    private readonly SortedSet<int> _running = [.. leg.Wanted];
    // What has come to the end of the leg, and would be the result if it were left there.
    private readonly Dictionary<int, TrialResult> _standing = [];

    /// <inheritdoc/>
    public override Submission Submission =>
        new(Name, leg.Trials.Count, !sharesOut && !leg.Competes, rung, leg.Until != TrialLeg.ToTheEnd);

    /// <inheritdoc/>
    public override bool IsOver => _running.Count == _standing.Count;

    /// <summary>The trials that stand at the end of the leg, each with its place in the batch and its epochs.</summary>
    public IEnumerable<(int Trial, int Place, int Epochs)> Standing =>
        from trial in leg.Trials.Index()
        where _standing.ContainsKey(trial.Item.Number)
        select (trial.Item.Number, trial.Index, _standing[trial.Item.Number].History.Epochs.Count);

    /// <inheritdoc/>
    public IReadOnlyList<TrialStanding> Running =>
        [.. _running.Select(trial => new TrialStanding(trial, _standing.GetValueOrDefault(trial)?.History.Epochs ?? []))];

    /// <inheritdoc/>
    public TrialResult End(int trial, StopReason reason)
    {
        _running.Remove(trial);
        if (!_standing.Remove(trial, out var result))
            result = TrialResult.Failed(trial, "", _trials[trial].Options, "") with { Failure = null };
        return result with { History = result.History with { StopReason = reason } };
    }

    /// <inheritdoc/>
    public IReadOnlyList<(int Trial, TrainingState State)> Save() => [];

    /// <inheritdoc/>
    public void Dispose()
    {
        // What a worker has trained of it can be asked for again.
    }

    /// <inheritdoc/>
    protected override void Add(FinishedPart part, byte[]? results)
    {
        var (all, notes) = results is null
            ? ([.. leg.Trials.Skip(part.First).Take(part.Count).Select(GivenUp)], [])
            : ResultBytes.Read(results, _trials);
        foreach (var result in all.Where(result => _running.Contains(result.Number)))
            if (result.History.StopReason == StopReason.Pruned) _standing[result.Number] = result;
            else
            {
                _running.Remove(result.Number);
                told.Ended(result);
            }

        foreach (var note in notes) told.Note(note);
        told.EpochEnded(this);

        TrialResult GivenUp(TrialWork trial) => TrialResult.Failed(trial.Number, "", trial.Options, part.Failure!);
    }
}
