using System.Text.Json;
using Microsoft.ML.LrScheduling.Sweeps;

namespace Microsoft.ML.LrScheduling.Orleans;

/// <summary>The scores of the trials of one fold, as a worker sends them: as JSON.</summary>
/// <param name="Results">The scores.</param>
/// <param name="Failure">Why the fold cannot be measured; null if it was measured.</param>
internal sealed record MeasuredFold(IReadOnlyList<FoldResult> Results, string? Failure = null)
{
    /// <summary>The scores as bytes.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this);

    /// <summary>Reads scores.</summary>
    /// <param name="bytes">What <see cref="ToBytes"/> returned.</param>
    public static MeasuredFold Read(byte[] bytes) => JsonSerializer.Deserialize<MeasuredFold>(bytes)!;
}
