using System.Runtime.InteropServices;
using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Engines;

/// <summary>A linear model: <c>score[output] = Σ weights[output, feature] · features[feature] + biases[output]</c>.</summary>
/// <param name="Weights">The weights, row-major: outputs · features.</param>
/// <param name="Biases">One bias per output: its score for a row whose features are all zero.</param>
internal sealed record LinearWeights(float[] Weights, float[] Biases)
{
    /// <summary>The number of scores per row.</summary>
    public int OutputCount => Biases.Length;

    /// <summary>The number of features.</summary>
    public int FeatureCount => Weights.Length / Biases.Length;

    /// <summary>Whether all weights and biases are finite.</summary>
    public bool IsFinite => Finite.All(Biases) && Finite.All(Weights);

    /// <summary>The weights of an output.</summary>
    public ReadOnlySpan<float> WeightsOf(int output) => Weights.AsSpan(output * FeatureCount, FeatureCount);

    /// <summary>Writes the weights.</summary>
    public void Save(BinaryWriter writer)
    {
        writer.Write(Weights.Length);
        writer.Write(Biases.Length);
        writer.Write(MemoryMarshal.AsBytes(Weights.AsSpan()));
        writer.Write(MemoryMarshal.AsBytes(Biases.AsSpan()));
    }

    /// <summary>Reads weights into existing arrays.</summary>
    /// <exception cref="InvalidDataException">The number of weights is different.</exception>
    public static void Load(BinaryReader reader, Span<float> weights, Span<float> biases)
    {
        var (weightCount, biasCount) = (reader.ReadInt32(), reader.ReadInt32());
        if (weightCount != weights.Length || biasCount != biases.Length)
            throw new InvalidDataException(
                $"There must be {Quantity.Of(weights.Length, "weight")} and {Quantity.Of(biases.Length, "bias", "biases")}. Received: "
                + $"{weightCount} and {biasCount}");
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(weights));
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(biases));
    }

    /// <summary>Reads weights of the same shape as others.</summary>
    /// <exception cref="InvalidDataException">The number of weights is different.</exception>
    public static LinearWeights Load(BinaryReader reader, LinearWeights like)
    {
        var read = new LinearWeights(new float[like.Weights.Length], new float[like.Biases.Length]);
        Load(reader, read.Weights, read.Biases);
        return read;
    }

    /// <summary>Computes the scores of all rows of a set.</summary>
    /// <param name="set">The rows.</param>
    /// <param name="scores">Receives the scores, row-major: rows · outputs.</param>
    public void Score(TrainingSet set, Span<float> scores)
    {
        for (var row = 0; row < set.RowCount; row++) Score(set, row, scores.Slice(row * OutputCount, OutputCount));
    }

    /// <summary>Computes the scores of a row.</summary>
    /// <param name="set">The rows.</param>
    /// <param name="row">The row, from 0.</param>
    /// <param name="scores">Receives the scores, one per output.</param>
    public void Score(TrainingSet set, int row, Span<float> scores)
    {
        for (var output = 0; output < OutputCount; output++)
        {
            var product = set.IsSparse ? set.Entries(row).Dot(WeightsOf(output)) : Product.Of(set.Features(row), WeightsOf(output));
            scores[output] = product + Biases[output];
        }
    }
}
