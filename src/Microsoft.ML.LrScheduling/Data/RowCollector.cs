namespace Microsoft.ML.LrScheduling.Data;

/// <summary>Rows of a <see cref="TrainingSet"/> that is being built: blocks of a number of rows that is a power of two, so that a row is found by shifting.</summary>
internal abstract class RowCollector(int featureCount, bool hasWeights, int blockShift)
{
    private readonly List<RowBlock> _blocks = [];

    /// <summary>The number of rows so far.</summary>
    public int RowCount { get; private set; }

    /// <summary>The number of features of each row.</summary>
    protected int FeatureCount => featureCount;

    /// <summary>The rows of a block.</summary>
    protected int BlockRows => 1 << blockShift;

    /// <summary>Adds a row: all its features, or those that are not zero with their indices.</summary>
    public void Add(ReadOnlySpan<float> values, ReadOnlySpan<int> indices, float label, float weight)
    {
        var row = RowCount & (BlockRows - 1);
        if (row == 0)
        {
            EndBlock();
            _blocks.Add(BeginBlock(new float[BlockRows], hasWeights ? new float[BlockRows] : []));
        }

        var block = _blocks[^1];
        AddFeatures(block, row, values, indices);
        block.Labels[row] = label;
        if (hasWeights) block.Weights[row] = weight;
        RowCount = checked(RowCount + 1);
    }

    /// <summary>The rows, their weights times a scale.</summary>
    public TrainingSet Build(double scale)
    {
        EndBlock();
        foreach (var block in _blocks)
            for (var i = 0; i < block.Weights.Length; i++)
                block.Weights[i] = (float)(block.Weights[i] * scale);
        return new TrainingSet(featureCount, RowCount, IsSparse, hasWeights, [.. _blocks], blockShift);
    }

    /// <summary>Whether rows have only the features that are not zero.</summary>
    protected abstract bool IsSparse { get; }

    /// <summary>A block without rows.</summary>
    protected abstract RowBlock BeginBlock(float[] labels, float[] weights);

    /// <summary>Adds the features of a row.</summary>
    protected abstract void AddFeatures(RowBlock block, int row, ReadOnlySpan<float> values, ReadOnlySpan<int> indices);

    /// <summary>The block as it stays.</summary>
    protected virtual RowBlock Complete(RowBlock block) => block;

    private void EndBlock()
    {
        if (_blocks.Count > 0) _blocks[^1] = Complete(_blocks[^1]);
    }
}

/// <summary>Collects rows that have all their features.</summary>
internal sealed class DenseCollector(int featureCount, bool hasWeights)
    : RowCollector(featureCount, hasWeights, int.Log2(Math.Max(1, BlockValues / Math.Max(1, featureCount))))
{
    private const int BlockValues = 1 << 18;

    protected override bool IsSparse => false;

    protected override RowBlock BeginBlock(float[] labels, float[] weights) =>
        new(new float[checked(BlockRows * FeatureCount + TrainingSet.Slack)], [], [], labels, weights);

    protected override void AddFeatures(RowBlock block, int row, ReadOnlySpan<float> values, ReadOnlySpan<int> indices)
    {
        var features = block.Values.AsSpan(row * FeatureCount, FeatureCount);
        if (values.Length == features.Length)
        {
            values.CopyTo(features);
            return;
        }

        features.Clear();
        for (var i = 0; i < values.Length; i++) features[indices[i]] = values[i];
    }
}

/// <summary>Collects rows of which most features are zero.</summary>
internal sealed class SparseCollector(int featureCount, bool hasWeights) : RowCollector(featureCount, hasWeights, blockShift: 12)
{
    private readonly List<float> _values = [];
    private readonly List<int> _indices = [];

    /// <summary>The features of all rows that are not zero.</summary>
    public long EntryCount { get; private set; }

    protected override bool IsSparse => true;

    /// <summary>Adds the rows, of which there is one block, to others.</summary>
    public void CopyTo(RowCollector rows)
    {
        var set = Build(scale: 1);
        for (var row = 0; row < set.RowCount; row++) rows.Add(set.Entries(row).Values, set.Entries(row).Indices, set.Label(row), set.Weight(row));
    }

    protected override RowBlock BeginBlock(float[] labels, float[] weights)
    {
        _values.Clear();
        _indices.Clear();
        return new RowBlock([], [], new int[BlockRows + 1], labels, weights);
    }

    protected override void AddFeatures(RowBlock block, int row, ReadOnlySpan<float> values, ReadOnlySpan<int> indices)
    {
        var isDense = values.Length == FeatureCount;
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] == 0) continue;
            _values.Add(values[i]);
            _indices.Add(isDense ? i : indices[i]);
        }

        EntryCount += _values.Count - block.Starts[row];
        block.Starts[row + 1] = _values.Count;
    }

    protected override RowBlock Complete(RowBlock block) => block with { Values = [.. _values], Indices = [.. _indices] };
}
