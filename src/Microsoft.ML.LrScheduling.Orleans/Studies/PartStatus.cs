namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>The status of part of a batch.</summary>
internal enum PartStatus
{
    /// <summary>It waits for a worker.</summary>
    Waiting,

    /// <summary>A worker trains it.</summary>
    Leased,

    /// <summary>Its results are stored, or it was given up.</summary>
    Done,
}
