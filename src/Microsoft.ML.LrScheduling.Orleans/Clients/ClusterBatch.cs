using Microsoft.ML.LrScheduling.Sweeps;
using Microsoft.ML.LrScheduling.Training;

namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>A batch of trials that the workers of a cluster train to the end of a leg.</summary>
/// <param name="leg">The leg.</param>
/// <param name="work">The leg as bytes.</param>
/// <param name="before">The results of earlier legs, by the number of the trial.</param>
/// <param name="sharesOut">Whether the batch may be split, if its trials do not compete.</param>
/// <param name="told">Receives results.</param>
internal sealed class ClusterBatch(
    TrialLeg leg, byte[] work, IReadOnlyDictionary<int, TrialResult> before, bool sharesOut, IBatchObserver told)
    : ClusterWork(leg.Trials, work), ITrialBatch
{
    private readonly Dictionary<int, TrialWork> _trials = leg.Trials.ToDictionary(trial => trial.Number);
    private readonly SortedSet<int> _running = [.. leg.Wanted];
    // Trials that have reached the end of the leg, with the result that each has if it is pruned there.
    private readonly Dictionary<int, TrialResult> _standing = [];
    private readonly HashSet<int> _begun = [.. leg.Trials.Select(trial => trial.Number).Where(before.ContainsKey)];

    /// <inheritdoc/>
    public override Submission Submission =>
        new(
            Name, leg.Trials.Count, !sharesOut && !leg.Competes,
            leg.Trials.Max(trial => before.GetValueOrDefault(trial.Number)?.History.Epochs.Count ?? 0), leg.Until != TrialLeg.ToTheEnd);

    /// <inheritdoc/>
    public override bool IsOver => _running.Count == _standing.Count;

    /// <summary>The trials at the end of the leg: the index of each in the batch, and its result if it is pruned there.</summary>
    public IEnumerable<(int Place, TrialResult Result)> Standing =>
        from trial in leg.Trials.Index()
        where _standing.ContainsKey(trial.Item.Number)
        select (trial.Index, _standing[trial.Item.Number]);

    /// <inheritdoc/>
    public IReadOnlyList<TrialStanding> Running =>
        [.. _running.Where(_begun.Contains).Select(trial => new TrialStanding(trial, Known(trial)?.History.Epochs ?? []))];

    /// <inheritdoc/>
    public TrialResult End(int trial, StopReason reason)
    {
        var result = Known(trial) ?? TrialResult.Failed(trial, "", _trials[trial].Options, "") with { Failure = null };
        _running.Remove(trial);
        _standing.Remove(trial);
        return result with { History = result.History with { StopReason = reason } };
    }

    /// <inheritdoc/>
    public IReadOnlyList<(int Trial, TrainingState State)> Save() => [];

    /// <inheritdoc/>
    public void Dispose()
    {
        // The cluster keeps the batch: a later sweep can submit it again and get its results.
    }

    /// <inheritdoc/>
    public override void Begin(TakenPart part) =>
        _begun.UnionWith(leg.Trials.Skip(part.First).Take(part.Count).Select(trial => trial.Number));

    /// <inheritdoc/>
    protected override bool DependsOnCompany => !leg.Competes;

    /// <inheritdoc/>
    protected override void Add(FinishedPart part, byte[]? results)
    {
        var (all, notes) = results is null
            ? ([.. leg.Trials.Skip(part.First).Take(part.Count).Select(GivenUp)], [])
            : ResultBytes.Read(results, _trials);
        foreach (var result in all.Where(result => _running.Contains(result.Number)))
            if (result.History.StopReason == StopReason.Pruned)
            {
                _begun.Add(result.Number);
                _standing[result.Number] = result;
            }
            else
            {
                _running.Remove(result.Number);
                told.Ended(result);
            }

        foreach (var note in notes) told.Note(note);
        told.EpochEnded(this);

        TrialResult GivenUp(TrialWork trial) => TrialResult.Failed(trial.Number, "", trial.Options, part.Failure!);
    }

    // The last result of a trial.
    private TrialResult? Known(int trial) => _standing.GetValueOrDefault(trial) ?? before.GetValueOrDefault(trial);
}
