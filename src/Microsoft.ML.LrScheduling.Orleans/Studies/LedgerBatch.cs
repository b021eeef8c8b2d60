namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>Trials that were submitted together.</summary>
[GenerateSerializer]
internal sealed class LedgerBatch
{
    /// <summary>A hash of its trials: whoever submits the same ones means the same batch.</summary>
    [Id(0)]
    public string Id { get; set; } = "";

    /// <summary>Whether all its trials train together, also where workers wait.</summary>
    [Id(1)]
    public bool IsWhole { get; set; }

    /// <summary>The rung at which its trials stand, in epochs; 0 where they begin.</summary>
    [Id(3)]
    public int Rung { get; set; }

    /// <summary>Whether it is kept where its trials stand in the end.</summary>
    [Id(4)]
    public bool KeepsStates { get; set; }

    /// <summary>The parts that it has been cut into, in the order of its trials.</summary>
    [Id(2)]
    public List<LedgerPart> Parts { get; set; } = [];

    /// <summary>How many trials there are.</summary>
    public int CountTrials() => Parts.Sum(part => part.Count);

    /// <summary>A copy of all.</summary>
    public LedgerBatch Copy()
    {
        var copy = (LedgerBatch)MemberwiseClone();
        copy.Parts = [.. Parts.Select(part => part.Copy())];
        return copy;
    }
}
