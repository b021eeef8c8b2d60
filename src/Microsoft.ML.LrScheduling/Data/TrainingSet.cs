using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// Rows read once and held in memory: features, a label and a weight each, in blocks of contiguous rows. Features are dense, or sparse: then
/// a row has only those that are not zero. Immutable once built.
/// </summary>
internal sealed class TrainingSet
{
    /// <summary>How many numbers may be read behind the features of a dense row: one fewer than a vector has.</summary>
    public const int Slack = 15;

    private readonly RowBlock[] _blocks;
    private readonly int _blockShift;

    internal TrainingSet(int featureCount, int rowCount, bool isSparse, bool hasWeights, RowBlock[] blocks, int blockShift)
    {
        (FeatureCount, RowCount, IsSparse, HasWeights) = (featureCount, rowCount, isSparse, hasWeights);
        (_blocks, _blockShift) = (blocks, blockShift);
    }

    /// <summary>The number of features of each row.</summary>
    public int FeatureCount { get; }

    /// <summary>The number of rows.</summary>
    public int RowCount { get; }

    /// <summary>Whether <see cref="Entries"/> gives the features, and not <see cref="Features"/>.</summary>
    public bool IsSparse { get; }

    /// <summary>Whether the rows have weights; where not, each weighs 1.</summary>
    public bool HasWeights { get; }

    /// <summary>How many values a row takes, on average.</summary>
    public int ValuesPerRow => IsSparse ? (int)(_blocks.Sum(block => block.Values.LongLength) / Math.Max(1, RowCount)) + 1 : FeatureCount;

    /// <summary>The label of a row.</summary>
    public float Label(int row) => _blocks[row >> _blockShift].Labels[row & BlockMask];

    /// <summary>The weight of a row.</summary>
    public float Weight(int row) => HasWeights ? _blocks[row >> _blockShift].Weights[row & BlockMask] : 1f;

    /// <summary>The features of a row of a dense set.</summary>
    public ReadOnlySpan<float> Features(int row) =>
        _blocks[row >> _blockShift].Values.AsSpan((row & BlockMask) * FeatureCount, FeatureCount);

    /// <summary>
    /// The first feature of a row of a dense set; the others follow it. So do <see cref="Slack"/> more numbers, all finite, that are no part of the row: vectors may be
    /// read across its end.
    /// </summary>
    public ref float FirstFeature(int row) =>
        ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_blocks[row >> _blockShift].Values), (nint)(uint)(row & BlockMask) * FeatureCount);

    /// <summary>The features of a row of a sparse set that are not zero.</summary>
    public SparseRow Entries(int row)
    {
        var block = _blocks[row >> _blockShift];
        var (start, end) = (block.Starts[row & BlockMask], block.Starts[(row & BlockMask) + 1]);
        return new SparseRow(block.Values.AsSpan(start, end - start), block.Indices.AsSpan(start, end - start));
    }

    private int BlockMask => (1 << _blockShift) - 1;
}

/// <summary>The features of a row that are not zero: their values, and which features they are, in ascending order.</summary>
internal readonly ref struct SparseRow(ReadOnlySpan<float> values, ReadOnlySpan<int> indices)
{
    /// <summary>The values.</summary>
    public ReadOnlySpan<float> Values { get; } = values;

    /// <summary>The feature of each value.</summary>
    public ReadOnlySpan<int> Indices { get; } = indices;

    /// <summary>The product with a weight a feature.</summary>
    public float Dot(ReadOnlySpan<float> weights)
    {
        var sum = 0f;
        for (var i = 0; i < Indices.Length; i++) sum += Values[i] * weights[Indices[i]];
        return sum;
    }

    /// <summary>Adds the features, each times a factor, to a number a feature.</summary>
    public void AddTo(Span<float> sums, float factor)
    {
        for (var i = 0; i < Indices.Length; i++) sums[Indices[i]] += factor * Values[i];
    }
}

/// <summary>
/// Contiguous rows of a <see cref="TrainingSet"/>. Weights are empty where rows have none. Dense rows have all their values behind one another; of sparse
/// ones row i has the values and indices from Starts[i] to before Starts[i + 1].
/// </summary>
internal readonly record struct RowBlock(float[] Values, int[] Indices, int[] Starts, float[] Labels, float[] Weights);
