using System.Globalization;
using System.Security.Cryptography;

namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>
/// Bytes of any length, stored by name. A message of Orleans has at most 100 MB, and the weights of 64 trials with half a million features
/// have more: bytes are stored in pieces, each by a grain of its own.
/// </summary>
internal static class StoredBytes
{
    /// <summary>The length of a piece, in bytes.</summary>
    public const int PieceLength = 16 << 20;

    /// <summary>Stores bytes. Bytes of one name mean the same, so it does not matter who stores them last.</summary>
    /// <param name="grains">The grains.</param>
    /// <param name="name">The name.</param>
    /// <param name="bytes">The bytes.</param>
    public static async Task PutBytes(this IGrainFactory grains, string name, byte[] bytes)
    {
        if (bytes.Length <= PieceLength)
        {
            await grains.GetGrain<IBytesGrain>(name).Put(new KeptBytes { Bytes = bytes });
            return;
        }

        // Two workers may store results of the same trials at the same time. They differ in their durations: pieces must not be mixed.
        var own = Convert.ToHexStringLower(SHA256.HashData(bytes))[..16];
        var pieces = bytes.Chunk(PieceLength).ToArray();
        var others = Enumerable.Range(1, pieces.Length - 1)
            .Select(piece => string.Create(CultureInfo.InvariantCulture, $"{name}/{own}-{piece}")).ToArray();
        await grains.GetGrain<IBytesGrain>(name).Announce(others);
        foreach (var (other, piece) in others.Zip(pieces.Skip(1)))
            await grains.GetGrain<IBytesGrain>(other).Put(new KeptBytes { Bytes = piece });
        // The first piece comes last: if it is there, all are.
        await grains.GetGrain<IBytesGrain>(name).Put(new KeptBytes { Bytes = pieces[0], Others = others });
    }

    /// <summary>Returns stored bytes; null if there are none, or a piece is lost.</summary>
    /// <param name="grains">The grains.</param>
    /// <param name="name">The name.</param>
    public static async Task<byte[]?> GetBytes(this IGrainFactory grains, string name)
    {
        var first = await grains.GetGrain<IBytesGrain>(name).Get();
        if (first is not { Bytes: not null, Others: { } others }) return first.Bytes;
        using var all = new MemoryStream();
        all.Write(first.Bytes);
        foreach (var other in others)
        {
            if ((await grains.GetGrain<IBytesGrain>(other).Get()).Bytes is not { } piece) return null;
            all.Write(piece);
        }

        return all.ToArray();
    }

    /// <summary>Deletes stored bytes.</summary>
    /// <param name="grains">The grains.</param>
    /// <param name="name">The name.</param>
    public static Task ClearBytes(this IGrainFactory grains, string name) => grains.GetGrain<IBytesGrain>(name).Clear();
}
