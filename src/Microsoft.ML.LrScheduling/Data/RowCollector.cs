using System.Runtime.InteropServices;

namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// Rows of a <see cref="TrainingSet"/> that is being built: blocks of a number of rows that is a power of two, so that a row is found by
/// shifting.
/// </summary>
internal abstract class RowCollector(int featureCount, bool hasWeights, int blockShift, RowStore store, bool standardizes)
{
    // Blocks as they are kept: in memory, or at their place in the store's file.
    private readonly List<(RowBlockLayout Layout, AlignedArray? Memory, long Offset)> _blocks = [];

    private FeatureMoments? _moments;

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
    public TrainingSet Build(float scale)
    {
        if ((RowCount & (BlockRows - 1)) is > 0 and var rest) EndBlock(rest);
        var standardization = _moments is null ? null : Standardize(_moments);
        var blocks = _blocks.ConvertAll(block => new RowBlock(block.Memory?.Address ?? store.AddressOf(block.Offset), block.Layout));
        return new TrainingSet(featureCount, RowCount, IsSparse, hasWeights, [.. blocks], blockShift)
        {
            ValueCount = _blocks.Sum(block => (long)block.Layout.Values),
            WeightScale = scale,
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

    private Standardization Standardize(FeatureMoments moments)
    {
        var (means, scales) = moments.Finish();
        // Zeros that are not there cannot be centred: what is in each row can, and what does not vary is the same as a part of the bias.
        if (IsSparse)
            for (var feature = 0; feature < featureCount; feature++)
                if (scales[feature] != 0 && !moments.IsInEachRow(feature))
                    means[feature] = 0;
        var standardization = new Standardization(means, scales, featureCount);
        // Each number is changed by itself, so that blocks may go in any order.
        Parallel.ForEach(
            _blocks.Where(block => block.Memory is not null), block => Apply(standardization, block.Layout, block.Memory!.Elements));
        foreach (var (layout, _, offset) in _blocks.Where(block => block.Memory is null))
            store.Rewrite(offset, layout.Length, numbers => Apply(standardization, layout, numbers));
        return standardization;
    }

    private void AddTo(FeatureMoments moments, RowBlockLayout layout, AlignedArray memory)
    {
        var numbers = memory.Elements;
        var weights = hasWeights ? numbers.Slice(layout.Weights, layout.Rows) : [];
        if (!IsSparse)
        {
            moments.AddDense(numbers, layout.Rows, weights);
            return;
        }

        var block = new RowBlock(memory.Address, layout);
        for (var row = 0; row < layout.Rows; row++) moments.AddSparse(block.Entries(row), hasWeights ? weights[row] : 1);
    }

    private static void Apply(Standardization standardization, RowBlockLayout layout, Span<float> numbers)
    {
        var values = numbers[..layout.Values];
        if (layout.IsSparse)
            standardization.ApplyToSparse(values, MemoryMarshal.Cast<float, int>(numbers).Slice(layout.Indices, layout.Values));
        else standardization.ApplyToDense(values);
    }

    private void EndBlock(int rows)
    {
        var (layout, memory) = TakeBlock(rows);
        if (standardizes) AddTo(_moments ??= new FeatureMoments(featureCount, hasWeights), layout, memory);
        if (store.Keep(memory) is not { } offset)
        {
            _blocks.Add((layout, memory, 0));
            return;
        }

        _blocks.Add((layout, null, offset));
        GiveBack(memory);
    }
}

/// <summary>Collects rows that have all their features, at once in the place where they stay.</summary>
internal sealed class DenseCollector(int featureCount, bool hasWeights, RowStore store, bool standardizes)
    : RowCollector(featureCount, hasWeights, int.Log2(Math.Max(1, BlockValues / Math.Max(1, featureCount))), store, standardizes)
{
    private const int BlockValues = 1 << 18;

    private AlignedArray? _memory;

    protected override bool IsSparse => false;

    protected override void AddToBlock(int row, ReadOnlySpan<float> values, ReadOnlySpan<int> indices, float label, float weight)
    {
        var layout = Layout(BlockRows);
        var numbers = (_memory ??= new AlignedArray(layout.Length)).Elements;
        numbers[layout.Labels + row] = label;
        if (HasWeights) numbers[layout.Weights + row] = weight;
        var features = numbers.Slice(row * FeatureCount, FeatureCount);
        if (values.Length == features.Length)
        {
            values.CopyTo(features);
            return;
        }

        features.Clear();
        for (var i = 0; i < values.Length; i++) features[indices[i]] = values[i];
    }

    protected override (RowBlockLayout Layout, AlignedArray Memory) TakeBlock(int rows)
    {
        var (from, memory) = (Layout(BlockRows), _memory!);
        _memory = null;
        if (rows == BlockRows) return (from, memory);

        // The last block is as long as it needs to be.
        var to = Layout(rows);
        var last = new AlignedArray(to.Length);
        memory.Elements[..to.Values].CopyTo(last.Elements);
        memory.Elements.Slice(from.Labels, rows).CopyTo(last.Elements[to.Labels..]);
        if (HasWeights) memory.Elements.Slice(from.Weights, rows).CopyTo(last.Elements[to.Weights..]);
        return (to, last);
    }

    protected override void GiveBack(AlignedArray memory) => _memory = memory;

    private RowBlockLayout Layout(int rows) => new(rows, checked(rows * FeatureCount), IsSparse: false, HasWeights);
}

/// <summary>Collects rows of which most features are zero.</summary>
internal sealed class SparseCollector(int featureCount, bool hasWeights, RowStore store, bool standardizes)
    : RowCollector(featureCount, hasWeights, blockShift: 12, store, standardizes)
{
    private readonly List<float> _values = [];
    private readonly List<int> _indices = [];
    private readonly List<int> _starts = [0];
    private readonly List<float> _labels = [];
    private readonly List<float> _weights = [];

    /// <summary>The features of the block's rows that are not zero.</summary>
    public int EntryCount => _values.Count;

    protected override bool IsSparse => true;

    /// <summary>Adds the rows, of which there is no whole block yet, to others.</summary>
    public void CopyTo(RowCollector rows)
    {
        var values = CollectionsMarshal.AsSpan(_values);
        var indices = CollectionsMarshal.AsSpan(_indices);
        for (var row = 0; row < _labels.Count; row++)
        {
            var entries = _starts[row].._starts[row + 1];
            rows.Add(values[entries], indices[entries], _labels[row], _weights[row]);
        }
    }

    protected override void AddToBlock(int row, ReadOnlySpan<float> values, ReadOnlySpan<int> indices, float label, float weight)
    {
        var isDense = values.Length == FeatureCount;
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] == 0) continue;
            _values.Add(values[i]);
            _indices.Add(isDense ? i : indices[i]);
        }

        _starts.Add(_values.Count);
        _labels.Add(label);
        _weights.Add(weight);
    }

    protected override (RowBlockLayout Layout, AlignedArray Memory) TakeBlock(int rows)
    {
        var layout = new RowBlockLayout(rows, _values.Count, IsSparse: true, HasWeights);
        var memory = new AlignedArray(layout.Length);
        var numbers = memory.Elements;
        var integers = MemoryMarshal.Cast<float, int>(numbers);
        Move(_values, numbers);
        Move(_labels, numbers[layout.Labels..]);
        if (HasWeights) Move(_weights, numbers[layout.Weights..]);
        else _weights.Clear();
        Move(_indices, integers[layout.Indices..]);
        Move(_starts, integers[layout.Starts..]);
        _starts.Add(0);
        return (layout, memory);
    }

    protected override void GiveBack(AlignedArray memory)
    {
    }

    private static void Move<T>(List<T> list, Span<T> target)
    {
        CollectionsMarshal.AsSpan(list).CopyTo(target);
        list.Clear();
    }
}
