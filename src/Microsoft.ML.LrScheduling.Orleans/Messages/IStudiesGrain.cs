namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>The list of the studies that have trials for workers. A cluster has one such grain.</summary>
internal interface IStudiesGrain : IGrainWithIntegerKey
{
    /// <summary>Adds a study, if it is not in the list.</summary>
    [ResponseTimeout("00:00:05")]
    Task Open(string study);

    /// <summary>Removes a study, if it is in the list.</summary>
    [ResponseTimeout("00:00:05")]
    Task Close(string study);

    /// <summary>Returns the names of the studies.</summary>
    [ResponseTimeout("00:00:05")]
    Task<string[]> List();
}
