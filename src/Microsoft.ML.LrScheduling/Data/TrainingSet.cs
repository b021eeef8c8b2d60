namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// Rows read once and held in memory: dense features, a label and a weight each, in blocks of contiguous rows. Immutable once built.
/// </summary>
internal sealed class TrainingSet
{
    private readonly RowBlock[] _blocks;
    private readonly int _blockShift;

    internal TrainingSet(int featureCount, int rowCount, bool hasWeights, RowBlock[] blocks, int blockShift) =>
        (FeatureCount, RowCount, HasWeights, _blocks, _blockShift) = (featureCount, rowCount, hasWeights, blocks, blockShift);

    /// <summary>The number of features of each row.</summary>
    public int FeatureCount { get; }

    /// <summary>The number of rows.</summary>
    public int RowCount { get; }

    /// <summary>Whether the rows have weights; where not, each weighs 1.</summary>
    public bool HasWeights { get; }

    /// <summary>The label of a row.</summary>
    public float Label(int row) => _blocks[row >> _blockShift].Labels[row & BlockMask];

    /// <summary>The weight of a row.</summary>
    public float Weight(int row) => HasWeights ? _blocks[row >> _blockShift].Weights[row & BlockMask] : 1f;

    /// <summary>The features of a row.</summary>
    public ReadOnlySpan<float> Features(int row) =>
        _blocks[row >> _blockShift].Features.AsSpan((row & BlockMask) * FeatureCount, FeatureCount);

    private int BlockMask => (1 << _blockShift) - 1;

    /// <summary>Copies the features of some rows, in the order given, behind one another.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="features">Row-major, as long as rows · <see cref="FeatureCount"/>.</param>
    public void GatherFeatures(ReadOnlySpan<int> rows, Span<float> features)
    {
        var width = FeatureCount;
        for (var i = 0; i < rows.Length; i++)
            Features(rows[i]).CopyTo(features.Slice(i * width, width));
    }
}

/// <summary>Contiguous rows of a <see cref="TrainingSet"/>. Weights are empty where rows have none.</summary>
internal readonly record struct RowBlock(float[] Features, float[] Labels, float[] Weights);
