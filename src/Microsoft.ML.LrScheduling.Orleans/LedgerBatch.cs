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

    /// <summary>The parts that it has been cut into, in the order of its trials.</summary>
    [Id(2)]
    public List<LedgerPart> Parts { get; set; } = [];
}
