namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// Rows of a <see cref="TrainingSet"/> that is being built: blocks of a number of rows that is a power of two, so that a row is found by
/// shifting.
/// </summary>
internal abstract class RowCollector(int featureCount, bool hasWeights, int blockShift, RowStore store, bool standardizes)
{
    private const double LargeScale = 1e30;
    private const float PowerOfTwo = 1L << 62;

    // Blocks as they are kept: in memory, or at their place in the store's file.
    private readonly List<(RowBlockLayout Layout, AlignedArray? Memory, long Offset)> _blocks = [];

    /// <summary>The number of rows so far.</summary>
    public int RowCount { get; private set; }

    /// <summary>The number of features of each row.</summary>
    protected int FeatureCount => featureCount;

    /// <summary>Whether rows have weights.</summary>
    protected bool HasWeights => hasWeights;

    /// <summary>The rows of a block.</summary>
    protected int BlockRows => 1 << blockShift;

    /// <summary>Adds a row: all its features, or those that are not zero with their indices.</summary>
    public void Add(ReadOnlySpan<float> values, ReadOnlySpan<int> indices, float label, float weight)
    {
        var row = RowCount & (BlockRows - 1);
        AddToBlock(row, values, indices, label, weight);
        RowCount = checked(RowCount + 1);
        if (row == BlockRows - 1) EndBlock(BlockRows);
    }

    /// <summary>The rows, their weights times a scale, their features brought to one scale.</summary>
    /// <param name="scale">What weights are multiplied with.</param>
    public TrainingSet Build(double scale)
    {
        // Beyond a float where weights are.
        var boost = scale > LargeScale ? PowerOfTwo : scale < 1 / LargeScale ? 1 / PowerOfTwo : 1;
        if ((RowCount & (BlockRows - 1)) is > 0 and var rest) EndBlock(rest);
        var standardization = standardizes && RowCount > 0 ? Standardize() : null;
        var blocks = _blocks.ConvertAll(block => new RowBlock(block.Memory?.Address ?? store.AddressOf(block.Offset), block.Layout));
        return new TrainingSet(featureCount, RowCount, IsSparse, hasWeights, [.. blocks], blockShift)
        {
            ValueCount = _blocks.Sum(block => (long)block.Layout.Values),
            WeightScale = (float)(scale / boost),
            WeightBoost = boost,
            IsInFile = _blocks.Exists(block => block.Memory is null),
            Memory = [.. _blocks.Select(block => block.Memory).OfType<AlignedArray>()],
            Standardization = standardization,
        };
    }

    /// <summary>Whether rows have only the features that are not zero.</summary>
    protected abstract bool IsSparse { get; }

    /// <summary>Adds a row to the block.</summary>
    protected abstract void AddToBlock(int row, ReadOnlySpan<float> values, ReadOnlySpan<int> indices, float label, float weight);

    /// <summary>The block, of so many rows. A new one begins.</summary>
    protected abstract (RowBlockLayout Layout, AlignedArray Memory) TakeBlock(int rows);

    /// <summary>Takes back memory that is in the file.</summary>
    protected abstract void GiveBack(AlignedArray memory);

    /// <summary>Adds a block to the moments of the features, now or later.</summary>
    protected abstract void AddMoments(RowBlockLayout layout, AlignedArray memory);

    /// <summary>The scale of the features, from their moments. No row is added any more.</summary>
    protected abstract Standardization FinishMoments();

    /// <summary>Brings a block to that scale.</summary>
    protected abstract void Standardize(RowBlockLayout layout, Span<float> numbers);

    private Standardization Standardize()
    {
        var standardization = FinishMoments();
        // Each number is changed by itself, so that blocks may go in any order.
        Parallel.ForEach(_blocks.Where(block => block.Memory is not null), block => Standardize(block.Layout, block.Memory!.Elements));
        foreach (var (layout, _, offset) in _blocks.Where(block => block.Memory is null))
            store.Rewrite(offset, layout.Length, numbers => Standardize(layout, numbers));
        return standardization;
    }

    private void EndBlock(int rows)
    {
        var (layout, memory) = TakeBlock(rows);
        if (standardizes) AddMoments(layout, memory);
        if (store.Keep(memory) is not { } offset)
        {
            _blocks.Add((layout, memory, 0));
            return;
        }

        _blocks.Add((layout, null, offset));
        GiveBack(memory);
    }
}
