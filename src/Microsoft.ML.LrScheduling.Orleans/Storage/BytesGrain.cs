using Orleans.Placement;

namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>Stores bytes. The grain is activated on the silo of the worker that writes them.</summary>
/// <param name="kept">The bytes.</param>
[PreferLocalPlacement]
internal sealed class BytesGrain(
    [PersistentState("bytes", LrSchedulingSiloBuilderExtensions.StorageName)] IPersistentState<KeptBytes> kept) : Grain, IBytesGrain
{
    /// <inheritdoc/>
    public Task Announce(string[] others)
    {
        kept.State.Announced = [.. (kept.State.Announced ?? []).Union(others)];
        return this.SaveOrForget(kept);
    }

    /// <inheritdoc/>
    public async Task Put(KeptBytes bytes)
    {
        var before = kept.State.Others;
        // Another writer may still store the pieces that it has announced.
        bytes.Announced = kept.State.Announced?.Except(bytes.Others ?? []).ToArray() is { Length: > 0 } left ? left : null;
        kept.State = bytes;
        await this.SaveOrForget(kept);
        // Each writer has pieces of its own: those of a writer before are read by nobody now.
        await ClearAll(before?.Except(bytes.Others ?? []));
    }

    /// <inheritdoc/>
    public Task<KeptBytes> Get() => Task.FromResult(kept.State);

    /// <inheritdoc/>
    public async Task Clear()
    {
        await ClearAll((kept.State.Others ?? []).Union(kept.State.Announced ?? []));
        await kept.ClearStateAsync();
        DeactivateOnIdle();
    }

    private Task ClearAll(IEnumerable<string>? names) =>
        Task.WhenAll((names ?? []).Select(name => GrainFactory.GetGrain<IBytesGrain>(name).Clear()));
}
