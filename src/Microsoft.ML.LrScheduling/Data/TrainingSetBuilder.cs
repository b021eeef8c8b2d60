namespace Microsoft.ML.LrScheduling.Data;

/// <summary>Collects rows into a <see cref="TrainingSet"/>: block after block, nothing copied twice.</summary>
internal sealed class TrainingSetBuilder
{
    private const int BlockValues = 1 << 18;

    private readonly List<RowBlock> _blocks = [];
    private readonly int _featureCount;
    private readonly bool _hasWeights;
    private readonly int _blockShift;
    private int _rowCount;
    private double _weightSum;

    public TrainingSetBuilder(int featureCount, bool hasWeights)
    {
        (_featureCount, _hasWeights) = (featureCount, hasWeights);
        // A power of two, so that a row is found by shifting.
        _blockShift = int.Log2(Math.Max(1, BlockValues / Math.Max(1, featureCount)));
    }

    /// <summary>The number of rows so far.</summary>
    public int RowCount => _rowCount;

    /// <summary>Adds a row; returns where its features are to be written.</summary>
    public Span<float> Add(float label, float weight)
    {
        var blockRows = 1 << _blockShift;
        var row = _rowCount & (blockRows - 1);
        if (row == 0)
            _blocks.Add(new RowBlock(
                GC.AllocateUninitializedArray<float>(checked(blockRows * _featureCount)), new float[blockRows], _hasWeights ? new float[blockRows] : []));
        var block = _blocks[^1];
        block.Labels[row] = label;
        if (_hasWeights) block.Weights[row] = weight;
        _weightSum += weight;
        _rowCount = checked(_rowCount + 1);
        return block.Features.AsSpan(row * _featureCount, _featureCount);
    }

    /// <summary>The rows, their weights divided by their mean: only how they compare counts, not their scale.</summary>
    /// <param name="rows">What the rows are for, in the message.</param>
    /// <exception cref="InvalidOperationException">All weights are zero.</exception>
    public TrainingSet Build(string rows)
    {
        if (_hasWeights && _rowCount > 0)
        {
            if (!(_weightSum > 0)) throw new InvalidOperationException($"The sum of the example weights of the {rows} rows must be in (0, ∞). Received: 0");
            var mean = _weightSum / _rowCount;
            foreach (var block in _blocks)
                for (var i = 0; i < block.Weights.Length; i++)
                    block.Weights[i] = (float)(block.Weights[i] / mean);
        }

        return new TrainingSet(_featureCount, _rowCount, _hasWeights, [.. _blocks], _blockShift);
    }
}
