using Microsoft.ML.LrScheduling.Sweeps;

namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>A batch of trials whose results a sweep waits for.</summary>
/// <param name="trials">The trials, in order.</param>
/// <param name="work">The work, as workers read it.</param>
internal abstract class ClusterWork(IReadOnlyList<TrialWork> trials, byte[] work)
{
    private readonly HashSet<int> _finished = [];
    private bool _isNoted;

    /// <summary>The trials, in order.</summary>
    protected IReadOnlyList<TrialWork> Trials => trials;

    /// <summary>The name of the batch.</summary>
    public string Name { get; } = TravellingWork.NameOf(work);

    /// <summary>The work as bytes.</summary>
    public byte[] Bytes => work;

    /// <summary>The entry of the batch for the ledger of the study.</summary>
    public abstract Submission Submission { get; }

    /// <summary>Whether its results are complete.</summary>
    public abstract bool IsOver { get; }

    /// <summary>Whether the results of a part have been added.</summary>
    public bool Has(FinishedPart part) => _finished.Contains(part.First);

    /// <summary>Records that a worker trains a part.</summary>
    public virtual void Begin(TakenPart part)
    {
    }

    /// <summary>Adds the results of a part.</summary>
    /// <param name="part">The part.</param>
    /// <param name="results">Its results as bytes; null if it was given up.</param>
    /// <returns>A note for the user; null for none.</returns>
    public string? Take(FinishedPart part, byte[]? results)
    {
        _finished.Add(part.First);
        Add(part, results);
        if (_isNoted || results is null || !part.IsTakenApart || !DependsOnCompany) return null;
        _isNoted = true;
        return $"Trial {trials[part.First].Number} and others of its batch trained alone, since workers had failed to train them together. "
            + "Their last bits may differ from those of the same sweep in one process.";
    }

    /// <summary>Whether the last bits of a trial depend on the trials that train with it.</summary>
    protected abstract bool DependsOnCompany { get; }

    /// <inheritdoc cref="Take"/>
    protected abstract void Add(FinishedPart part, byte[]? results);
}
