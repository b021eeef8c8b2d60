namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>A batch in the ledger: trials that were submitted together.</summary>
[GenerateSerializer]
internal sealed class LedgerBatch
{
    /// <summary>A hash of its trials. Clients that submit equal trials share the batch.</summary>
    [Id(0)]
    public string Id { get; set; } = "";

    /// <summary>Whether it is never split, even if workers are idle.</summary>
    [Id(1)]
    public bool IsWhole { get; set; }

    /// <summary>The epochs that its trials have trained; 0 for new trials.</summary>
    [Id(3)]
    public int Rung { get; set; }

    /// <summary>Whether workers store the state of each trial at the end of the leg.</summary>
    [Id(4)]
    public bool KeepsStates { get; set; }

    /// <summary>The parts into which it was split, in the order of its trials.</summary>
    [Id(2)]
    public List<LedgerPart> Parts { get; set; } = [];

    /// <summary>
    /// The parts that a worker had before they were cut; null if there are none. If the worker died, it may have stored results that
    /// nobody reads. The array is never changed in place, because copies share it.
    /// </summary>
    [Id(5)]
    public LedgerPart[]? CutParts { get; set; }

    /// <summary>Returns the number of trials.</summary>
    public int CountTrials() => Parts.Sum(part => part.Count);

    /// <summary>Returns a deep copy.</summary>
    public LedgerBatch Copy()
    {
        var copy = (LedgerBatch)MemberwiseClone();
        copy.Parts = [.. Parts.Select(part => part.Copy())];
        return copy;
    }
}
