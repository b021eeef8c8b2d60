namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>A batch of trials that train on some machine of a cluster, as a sweep sees it that waits for them.</summary>
/// <param name="work">The trials, as bytes.</param>
internal abstract class ClusterWork(byte[] work)
{
    private readonly HashSet<int> _finished = [];

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

    /// <summary>Takes the results of a part.</summary>
    /// <param name="part">The part.</param>
    /// <param name="results">Its results, as bytes; null where it was given up.</param>
    public void Take(FinishedPart part, byte[]? results)
    {
        _finished.Add(part.First);
        Add(part, results);
    }

    /// <inheritdoc cref="Take"/>
    protected abstract void Add(FinishedPart part, byte[]? results);
}
