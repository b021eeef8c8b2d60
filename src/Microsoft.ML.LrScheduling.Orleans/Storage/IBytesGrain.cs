namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>Stores bytes that fit into one message of Orleans. <see cref="StoredBytes"/> stores bytes of any length.</summary>
internal interface IBytesGrain : IGrainWithStringKey
{
    /// <summary>Records the names of other pieces before they are stored, so that they are deleted even if their writer dies.</summary>
    /// <param name="others">The names.</param>
    [ResponseTimeout("00:00:20")]
    Task Announce(string[] others);

    /// <summary>Stores bytes, in place of earlier ones.</summary>
    /// <param name="kept">The bytes. The other pieces that it names are stored already.</param>
    [ResponseTimeout("00:00:20")]
    Task Put(KeptBytes kept);

    /// <summary>Returns what is stored.</summary>
    [ResponseTimeout("00:00:20")]
    Task<KeptBytes> Get();

    /// <summary>Deletes what is stored, with the other pieces.</summary>
    [ResponseTimeout("00:01:00")]
    Task Clear();
}
