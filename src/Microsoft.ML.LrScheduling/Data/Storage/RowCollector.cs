namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// Collects the rows of a <see cref="TrainingSet"/> in blocks. The number of rows in a block is a power of two, so that the block of a row
/// is found by a shift.
/// </summary>
internal abstract class RowCollector(int featureCount, bool hasWeights, int blockShift, RowStore store, bool standardizes)
{
    private const double LargeScale = 1e30;
    private const float PowerOfTwo = 1L << 62;

    // The blocks: in memory, or at an offset in the file of the store.
    private readonly List<(RowBlockLayout Layout, AlignedArray? Memory, long Offset)> _blocks = [];

    /// <summary>The number of rows so far.</summary>
    public int RowCount { get; private set; }

    /// <summary>The number of features of each row.</summary>
    protected int FeatureCount => featureCount;

    /// <summary>Whether rows have weights.</summary>
    protected bool HasWeights => hasWeights;

    /// <summary>The number of rows in a block.</summary>
    protected int BlockRows => 1 << blockShift;

    /// <summary>Adds a row: all features, or the ones that are not zero with their indices.</summary>
    public void Add(ReadOnlySpan<float> values, ReadOnlySpan<int> indices, float label, float weight)
    {
        var row = RowCount & (BlockRows - 1);
        AddToBlock(row, values, indices, label, weight);
        RowCount = checked(RowCount + 1);
        if (row == BlockRows - 1) EndBlock(BlockRows);
    }

    /// <summary>Returns the rows, with scaled weights and, if requested, standardized features.</summary>
    /// <param name="scale">The factor of the weights.</param>
    public TrainingSet Build(double scale)
    {
        // If the weights are near the limits of a float, the factor does not fit into a float. It is then split into a power of two and the
        // rest.
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

    /// <summary>Whether the rows are sparse.</summary>
    protected abstract bool IsSparse { get; }

    /// <summary>Adds a row to the current block.</summary>
    protected abstract void AddToBlock(int row, ReadOnlySpan<float> values, ReadOnlySpan<int> indices, float label, float weight);

    /// <summary>Returns the current block with its number of rows, and starts a new one.</summary>
    protected abstract (RowBlockLayout Layout, AlignedArray Memory) TakeBlock(int rows);

    /// <summary>Takes back the memory of a block that has been written to the file, so that it can be reused.</summary>
    protected abstract void GiveBack(AlignedArray memory);

    /// <summary>Adds a block to the means and deviations of the features, at once or later.</summary>
    protected abstract void AddMoments(RowBlockLayout layout, AlignedArray memory);

    /// <summary>Returns the standardization from these means and deviations. No row can be added afterwards.</summary>
    protected abstract Standardization FinishMoments();

    /// <summary>Standardizes a block.</summary>
    protected abstract void Standardize(RowBlockLayout layout, Span<float> numbers);

    private Standardization Standardize()
    {
        var standardization = FinishMoments();
        // Each value is standardized independently, so the order of the blocks does not matter.
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
