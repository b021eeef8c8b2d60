namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>Part of a batch: consecutive trials that train together, with their status.</summary>
[GenerateSerializer]
internal sealed class LedgerPart
{
    /// <summary>The index of its first trial in the batch, from 0.</summary>
    [Id(0)]
    public int First { get; set; }

    /// <summary>The number of trials.</summary>
    [Id(1)]
    public int Count { get; set; }

    /// <summary>The status.</summary>
    [Id(2)]
    public PartStatus Status { get; set; }

    /// <summary>The number of the last lease; 0 for none.</summary>
    [Id(3)]
    public long Lease { get; set; }

    /// <summary>The silo of the last lease; null for none.</summary>
    [Id(4)]
    public string? Worker { get; set; }

    /// <summary>The address of the worker of each failure. The array is never changed in place, because copies share it.</summary>
    [Id(7)]
    public string[] FailedAt { get; set; } = [];

    /// <summary>Whether its trial trains alone because workers have failed to train it together with others.</summary>
    [Id(8)]
    public bool IsTakenApart { get; set; }

    /// <summary>The reason for giving up; null if it was not given up.</summary>
    [Id(6)]
    public string? Failure { get; set; }

    /// <summary>Returns a copy.</summary>
    public LedgerPart Copy() => (LedgerPart)MemberwiseClone();
}
