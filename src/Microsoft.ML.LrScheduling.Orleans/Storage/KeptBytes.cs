namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>The state of a <see cref="BytesGrain"/>: bytes, or the first piece of them.</summary>
[GenerateSerializer]
internal sealed class KeptBytes
{
    /// <summary>The bytes; null if there are none.</summary>
    [Id(0)]
    public byte[]? Bytes { get; set; }

    /// <summary>The names of the other pieces, in order; null if there are none.</summary>
    [Id(1)]
    public string[]? Others { get; set; }

    /// <summary>
    /// The names of pieces that a writer stores at the moment; null if there are none. If it dies, they are deleted with the bytes.
    /// </summary>
    [Id(2)]
    public string[]? Announced { get; set; }
}
