using Orleans.Placement;

namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>Bytes that are kept in storage, by a grain beside the worker that writes them.</summary>
/// <param name="kept">The bytes.</param>
[PreferLocalPlacement]
internal sealed class BytesGrain(
    [PersistentState("bytes", LrSchedulingSiloBuilderExtensions.StorageName)] IPersistentState<KeptBytes> kept) : Grain, IBytesGrain
{
    /// <inheritdoc/>
    public Task Put(byte[] bytes)
    {
        kept.State.Bytes = bytes;
        return this.SaveOrForget(kept);
    }

    /// <inheritdoc/>
    public Task<byte[]?> Get() => Task.FromResult(kept.State.Bytes);

    /// <inheritdoc/>
    public async Task Clear()
    {
        await kept.ClearStateAsync();
        DeactivateOnIdle();
    }
}
