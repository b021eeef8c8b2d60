namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>Bytes that are kept by a name: the trials of a batch, or the results of a lease.</summary>
internal interface IBytesGrain : IGrainWithStringKey
{
    /// <summary>Keeps bytes. What the same name has is always the same, so that it does not matter who is last.</summary>
    [ResponseTimeout("00:00:20")]
    Task Put(byte[] bytes);

    /// <summary>The bytes; null where there are none.</summary>
    [ResponseTimeout("00:00:20")]
    Task<byte[]?> Get();

    /// <summary>Deletes them.</summary>
    [ResponseTimeout("00:00:20")]
    Task Clear();
}
