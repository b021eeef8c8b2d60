namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// Builds a <see cref="TrainingSet"/> from rows, block by block. No row is copied twice, except for the first rows of a set that may be
/// sparse: they decide whether the set is kept sparse.
/// </summary>
/// <param name="featureCount">The number of features.</param>
/// <param name="hasWeights">Whether rows have weights.</param>
/// <param name="store">The store of the rows; null for memory.</param>
/// <param name="standardizes">Whether the features are standardized: see <see cref="Standardization"/>.</param>
internal sealed class TrainingSetBuilder(int featureCount, bool hasWeights, RowStore? store = null, bool standardizes = false)
{
    // The first rows, of this number, decide whether the set is kept sparse. A sparse value takes the memory of two dense values, and even
    // more time; so it must replace at least four of them.
    private const int ProbedRows = 1024;
    private const int ValuesWorthAnEntry = 4;
    private const int FewFeatures = 128;

    private readonly RowStore _store = store ?? RowStore.Unlimited();
    private RowCollector? _rows;
    private bool _hasSparseRow;
    private double _weightSum;

    /// <summary>The number of rows so far.</summary>
    public int RowCount => _rows?.RowCount ?? 0;

    /// <summary>Adds a row.</summary>
    /// <param name="values">All features or, if there are indices, the ones that are not zero.</param>
    /// <param name="indices">The feature of each value, in ascending order; empty for a row that has all features.</param>
    /// <param name="label">The label.</param>
    /// <param name="weight">The weight; 1 if rows have none.</param>
    public void Add(ReadOnlySpan<float> values, ReadOnlySpan<int> indices, float label, float weight)
    {
        _hasSparseRow |= values.Length < featureCount;
        _rows ??= featureCount > FewFeatures
            ? new SparseCollector(featureCount, hasWeights, _store, standardizes)
            : new DenseCollector(featureCount, hasWeights, _store, standardizes);
        if (_rows.RowCount == ProbedRows) Settle();
        _rows.Add(values, indices, label, weight);
        _weightSum += weight;
    }

    /// <summary>Returns the rows. The weights are divided by their mean, so that only their ratios matter.</summary>
    /// <param name="rows">The name of the rows in the error message, such as "training".</param>
    /// <exception cref="InvalidOperationException">All weights are zero.</exception>
    public TrainingSet Build(string rows)
    {
        if (RowCount <= ProbedRows) Settle();
        var collected = _rows ?? new DenseCollector(featureCount, hasWeights, _store, standardizes);
        if (!hasWeights || RowCount == 0) return collected.Build(scale: 1);
        if (!(_weightSum > 0))
            throw new InvalidOperationException($"The sum of the example weights of the {rows} rows must be in (0, ∞). Received: 0");
        return collected.Build(RowCount / _weightSum);
    }

    private void Settle()
    {
        if (_rows is not SparseCollector sparse) return;
        if (_hasSparseRow && (long)sparse.EntryCount * ValuesWorthAnEntry <= (long)sparse.RowCount * featureCount) return;
        _rows = new DenseCollector(featureCount, hasWeights, _store, standardizes);
        sparse.CopyTo(_rows);
    }
}
