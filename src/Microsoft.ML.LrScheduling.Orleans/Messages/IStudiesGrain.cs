namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>The studies of a cluster that workers take trials from; there is one such grain.</summary>
internal interface IStudiesGrain : IGrainWithIntegerKey
{
    /// <summary>Adds a study, where it is not there.</summary>
    [ResponseTimeout("00:00:05")]
    Task Open(string study);

    /// <summary>Takes a study out, where it is there.</summary>
    [ResponseTimeout("00:00:05")]
    Task Close(string study);

    /// <summary>The studies.</summary>
    [ResponseTimeout("00:00:05")]
    Task<string[]> List();
}
