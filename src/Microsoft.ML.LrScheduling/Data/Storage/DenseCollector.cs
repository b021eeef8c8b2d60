namespace Microsoft.ML.LrScheduling.Data;

/// <summary>Collects dense rows. It writes each row directly to its final place.</summary>
internal sealed class DenseCollector(int featureCount, bool hasWeights, RowStore store, bool standardizes)
    : RowCollector(featureCount, hasWeights, int.Log2(Math.Max(1, BlockValues / Math.Max(1, featureCount))), store, standardizes)
{
    private const int BlockValues = 1 << 18;

    private readonly FeatureMoments? _moments = standardizes ? new FeatureMoments(featureCount, hasWeights) : null;
    private AlignedArray? _memory;
    private Standardization? _standardization;

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

        // The last block is copied, so that it is no longer than necessary.
        var to = Layout(rows);
        var last = new AlignedArray(to.Length);
        memory.Elements[..to.Values].CopyTo(last.Elements);
        memory.Elements.Slice(from.Labels, rows).CopyTo(last.Elements[to.Labels..]);
        if (HasWeights) memory.Elements.Slice(from.Weights, rows).CopyTo(last.Elements[to.Weights..]);
        return (to, last);
    }

    protected override void GiveBack(AlignedArray memory) => _memory = memory;

    protected override void AddMoments(RowBlockLayout layout, AlignedArray memory) =>
        _moments!.Add(memory.Elements, layout.Rows, HasWeights ? memory.Elements.Slice(layout.Weights, layout.Rows) : []);

    protected override Standardization FinishMoments()
    {
        var (means, scales) = _moments!.Finish();
        return _standardization = new Standardization(means, scales, FeatureCount);
    }

    protected override void Standardize(RowBlockLayout layout, Span<float> numbers) =>
        _standardization!.ApplyToDense(numbers[..layout.Values]);

    private RowBlockLayout Layout(int rows) => new(rows, checked(rows * FeatureCount), IsSparse: false, HasWeights);
}
