using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Data;

/// <summary>Computes a SHA-256 hash of rows: their features, labels and weights, in order.</summary>
internal static class RowsHash
{
    /// <summary>Describes the number of rows and features.</summary>
    public static string Describe(TrainingSet training, TrainingSet? validation) =>
        $"{Quantity.Of(training.RowCount, "training row")} of {Quantity.Of(training.FeatureCount, "feature")}"
        + (validation is null ? "" : $" and {Quantity.Of(validation.RowCount, "validation row")}");

    /// <summary>Returns the hash of several sets together, in hexadecimal.</summary>
    public static string Of(params ReadOnlySpan<TrainingSet?> sets)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var set in sets)
        {
            Span<int> shape = set is null ? [0, 0, 0, 0] : [set.RowCount, set.FeatureCount, set.IsSparse ? 1 : 0, set.HasWeights ? 1 : 0];
            hash.AppendData(MemoryMarshal.AsBytes(shape));
            for (var row = 0; row < set?.RowCount; row++) Add(hash, set, row);
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private static void Add(IncrementalHash hash, TrainingSet set, int row)
    {
        Span<float> labelAndWeight = [set.Label(row), set.Weight(row)];
        hash.AppendData(MemoryMarshal.AsBytes(labelAndWeight));
        if (!set.IsSparse)
        {
            hash.AppendData(MemoryMarshal.AsBytes(set.Features(row)));
            return;
        }

        var entries = set.Entries(row);
        Span<int> count = [entries.Indices.Length];
        hash.AppendData(MemoryMarshal.AsBytes(count));
        hash.AppendData(MemoryMarshal.AsBytes(entries.Indices));
        hash.AppendData(MemoryMarshal.AsBytes(entries.Values));
    }
}
