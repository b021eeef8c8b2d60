namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>Bytes that are kept.</summary>
[GenerateSerializer]
internal sealed class KeptBytes
{
    /// <summary>The bytes; null for none.</summary>
    [Id(0)]
    public byte[]? Bytes { get; set; }
}
