using System.Runtime.InteropServices;
using Microsoft.ML.LrScheduling.Data;

namespace Microsoft.ML.LrScheduling.Benchmarks.Performance;

/// <summary>
/// Rows as text becomes them, made up: few of many features, of which the k-th most frequent comes up in proportion to 1/k (Zipf) and
/// stands anywhere, as a hash has it; a label that follows from them and from chance.
/// </summary>
internal sealed class TextRows
{
    private const int Seed = 1;
    private const double HeavyWeight = 6;

    /// <param name="rowCount">The number of rows.</param>
    /// <param name="featureCount">The features, a power of two.</param>
    /// <param name="valuesPerRow">The values of each row, fewer than there are features.</param>
    /// <param name="classes">The classes, at least 2.</param>
    public TextRows(int rowCount, int featureCount, int valuesPerRow, int classes = 2)
    {
        (RowCount, FeatureCount, ValuesPerRow) = (rowCount, featureCount, valuesPerRow);
        var size = checked(rowCount * valuesPerRow);
        (Values, Indices, Labels) = (new float[size], new int[size], new float[rowCount]);
        var random = new Random(Seed);
        var (met, scores) = (new HashSet<int>(), new double[classes]);
        for (var row = 0; row < rowCount; row++)
        {
            met.Clear();
            var indices = Indices.AsSpan(row * valuesPerRow, valuesPerRow);
            for (var i = 0; i < valuesPerRow;)
            {
                // A power of the number of features, to a power that is equally likely to be anywhere in [0, 1]: a rank by Zipf's law.
                var rank = (int)Math.Pow(featureCount, random.NextDouble()) - 1;
                var feature = Scattered(rank);
                if (met.Add(feature)) indices[i++] = feature;
            }

            indices.Sort();
            Array.Clear(scores);
            for (var i = 0; i < valuesPerRow; i++)
            {
                var value = (0.5f + random.NextSingle()) / MathF.Sqrt(valuesPerRow);
                Values[row * valuesPerRow + i] = value;
                for (var c = 0; c < classes; c++) scores[c] += value * Weight(indices[i], c);
            }

            for (var c = 0; c < classes; c++) scores[c] -= Math.Log(-Math.Log(random.NextDouble()));
            Labels[row] = Array.IndexOf(scores, scores.Max());
        }
    }

    /// <summary>The number of rows.</summary>
    public int RowCount { get; }

    /// <summary>The features.</summary>
    public int FeatureCount { get; }

    /// <summary>The values of each row.</summary>
    public int ValuesPerRow { get; }

    /// <summary>The values, row after row.</summary>
    public float[] Values { get; }

    /// <summary>The feature of each.</summary>
    public int[] Indices { get; }

    /// <summary>The class of each row, from 0.</summary>
    public float[] Labels { get; }

    /// <summary>The rows as a set.</summary>
    /// <param name="start">The first row.</param>
    /// <param name="count">The number of rows.</param>
    public TrainingSet ToSet(int start, int count)
    {
        var builder = new TrainingSetBuilder(FeatureCount, hasWeights: false);
        for (var row = start; row < start + count; row++)
        {
            builder.Add(
                Values.AsSpan(row * ValuesPerRow, ValuesPerRow), Indices.AsSpan(row * ValuesPerRow, ValuesPerRow), Labels[row], weight: 1);
        }

        return builder.Build("training");
    }

    /// <summary>Writes indices, values and labels, for Python.</summary>
    public void Write(string path)
    {
        using var file = File.Create(path);
        file.Write(MemoryMarshal.AsBytes(Indices.AsSpan()));
        file.Write(MemoryMarshal.AsBytes(Values.AsSpan()));
        file.Write(MemoryMarshal.AsBytes(Labels.AsSpan()));
    }

    // An odd factor makes each number another one below a power of two.
    private int Scattered(int rank) => (int)(rank * 0x9E3779B1L + 12345 & FeatureCount - 1);

    private static double Weight(int feature, int label)
    {
        var bits = (uint)feature * 0x85EBCA6Bu ^ (uint)(label + 1) * 0xC2B2AE35u;
        bits = (bits ^ bits >> 15) * 0x2C1B3C6Du;
        return HeavyWeight * ((bits >> 8) / (double)(1 << 24) - 0.5);
    }
}
