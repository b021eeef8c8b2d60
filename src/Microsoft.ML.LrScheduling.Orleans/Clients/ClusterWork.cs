using Microsoft.ML.LrScheduling.Sweeps;

namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>A batch of trials that train on some machine of a cluster, as a sweep sees it that waits for them.</summary>
/// <param name="trials">The trials, in their order.</param>
/// <param name="work">The same as bytes.</param>
internal abstract class ClusterWork(IReadOnlyList<TrialWork> trials, byte[] work)
{
    private readonly HashSet<int> _finished = [];
    private bool _isNoted;

    /// <summary>The trials, in their order.</summary>
    protected IReadOnlyList<TrialWork> Trials => trials;

    /// <summary>The name of the batch.</summary>
    public string Name { get; } = TravellingWork.NameOf(work);

    /// <summary>The trials, as bytes.</summary>
    public byte[] Bytes => work;

    /// <summary>What the study is told of it.</summary>
    public abstract Submission Submission { get; }

    /// <summary>Whether all that is wanted of it is there.</summary>
    public abstract bool IsOver { get; }

    /// <summary>Whether a part has been taken.</summary>
    public bool Has(FinishedPart part) => _finished.Contains(part.First);

    /// <summary>Takes note that a worker trains a part.</summary>
    public virtual void Begin(TakenPart part)
    {
    }

    /// <summary>Takes the results of a part.</summary>
    /// <param name="part">The part.</param>
    /// <param name="results">Its results, as bytes; null where it was given up.</param>
    /// <returns>What a user should know of it; null for nothing.</returns>
    public string? Take(FinishedPart part, byte[]? results)
    {
        _finished.Add(part.First);
        Add(part, results);
        if (_isNoted || results is null || !part.IsTakenApart || !DependsOnCompany) return null;
        _isNoted = true;
        return $"Trial {trials[part.First].Number} and others of its batch trained alone, since workers had failed to train them together. "
            + "Their last bits may differ from those of the same sweep in one process.";
    }

    /// <summary>Whether the last bits of a trial depend on those that train with it.</summary>
    protected abstract bool DependsOnCompany { get; }

    /// <inheritdoc cref="Take"/>
    protected abstract void Add(FinishedPart part, byte[]? results);
}
