namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>Trials of a batch that train together, and where they stand.</summary>
[GenerateSerializer]
internal sealed class LedgerPart
{
    /// <summary>The place of the first in the batch, from 0.</summary>
    [Id(0)]
    public int First { get; set; }

    /// <summary>How many there are.</summary>
    [Id(1)]
    public int Count { get; set; }

    /// <summary>Where they stand.</summary>
    [Id(2)]
    public PartStatus Status { get; set; }

    /// <summary>The number of the last lease; 0 for none.</summary>
    [Id(3)]
    public long Lease { get; set; }

    /// <summary>The silo that has them, or had them last.</summary>
    [Id(4)]
    public string? Worker { get; set; }

    /// <summary>The addresses of the workers that have failed to train them, once for each time. A change is a new array.</summary>
    [Id(7)]
    public string[] FailedAt { get; set; } = [];

    /// <summary>Whether they belonged to more that trained together, and train alone since workers failed.</summary>
    [Id(8)]
    public bool IsTakenApart { get; set; }

    /// <summary>Why they were given up; null where they were not.</summary>
    [Id(6)]
    public string? Failure { get; set; }

    /// <summary>A copy.</summary>
    public LedgerPart Copy() => (LedgerPart)MemberwiseClone();
}
