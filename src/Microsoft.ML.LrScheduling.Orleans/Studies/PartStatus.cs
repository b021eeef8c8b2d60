namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>Where trials of a batch stand.</summary>
internal enum PartStatus
{
    /// <summary>No worker has them.</summary>
    Waiting,

    /// <summary>A worker has them.</summary>
    Leased,

    /// <summary>Their results are there, or they were given up.</summary>
    Done,
}
