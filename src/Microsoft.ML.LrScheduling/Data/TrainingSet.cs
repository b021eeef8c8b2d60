using System.Runtime.InteropServices;

namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// Rows that were read once, each with features, a label and a weight. They are stored in blocks of contiguous rows, in memory or in a
/// file. Features are dense or sparse; a sparse row contains only the features that are not zero. The set is immutable. The
/// <see cref="RowStore"/> with which it was built must live as long as the set is used.
/// </summary>
internal sealed class TrainingSet
{
    /// <summary>How many numbers can be read after the features of a dense row: one fewer than the length of a vector.</summary>
    public const int Slack = AlignedArray.Lanes - 1;

    private readonly RowBlock[] _blocks;
    private readonly int _blockShift;

    // A weak reference, because they are used several times before training, and not afterwards.
    private WeakReference<Tuple<float[], float[]>>? _labelsAndWeights;

    internal TrainingSet(int featureCount, int rowCount, bool isSparse, bool hasWeights, RowBlock[] blocks, int blockShift)
    {
        (FeatureCount, RowCount, IsSparse, HasWeights) = (featureCount, rowCount, isSparse, hasWeights);
        (_blocks, _blockShift) = (blocks, blockShift);
    }

    /// <summary>The number of features of each row.</summary>
    public int FeatureCount { get; }

    /// <summary>The number of rows.</summary>
    public int RowCount { get; }

    /// <summary>Whether the rows are sparse: use <see cref="Entries"/> instead of <see cref="Features"/>.</summary>
    public bool IsSparse { get; }

    /// <summary>Whether the rows have weights; if not, each weight is 1.</summary>
    public bool HasWeights { get; }

    /// <summary>Whether rows are in a file, which is fast only if it is read sequentially.</summary>
    public required bool IsInFile { get; init; }

    /// <summary>The factor of the stored weights, apart from <see cref="WeightBoost"/>.</summary>
    public required float WeightScale { get; init; }

    /// <summary>
    /// A power of two by which the stored weights are also multiplied; 1 unless the weights are very large or very small.
    /// </summary>
    public required float WeightBoost { get; init; }

    /// <summary>The number of values in all rows.</summary>
    public required long ValueCount { get; init; }

    /// <summary>The standardization of the features; null if they are not standardized.</summary>
    public required Standardization? Standardization { get; init; }

    /// <summary>The memory of the blocks. These references keep it from being garbage-collected.</summary>
    public required AlignedArray[] Memory { private get; init; }

    /// <summary>The average number of values per row, rounded up.</summary>
    public int ValuesPerRow => IsSparse ? (int)(ValueCount / Math.Max(1, RowCount)) + 1 : FeatureCount;

    /// <summary>Returns the label of a row.</summary>
    public float Label(int row) => FirstLabel(row);

    /// <summary>Returns the weight of a row.</summary>
    public float Weight(int row) => HasWeights ? _blocks[row >> _blockShift].Weight(row & BlockMask) * WeightBoost * WeightScale : 1f;

    /// <summary>The label of all rows with a weight above 0; null if these have different labels.</summary>
    public float? OnlyLabel
    {
        get
        {
            float? only = null;
            for (var row = 0; row < RowCount; row++)
            {
                if (HasWeights && Weight(row) == 0) continue;
                if (only is { } label && label != Label(row)) return null;
                only ??= Label(row);
            }

            return only;
        }
    }

    /// <summary>Returns the labels and weights of all rows. The weights are empty if each is 1. Do not change the arrays.</summary>
    public (float[] Labels, float[] Weights) LabelsAndWeights()
    {
        if (_labelsAndWeights?.TryGetTarget(out var known) == true) return (known.Item1, known.Item2);
        var (labels, weights) = (new float[RowCount], new float[HasWeights ? RowCount : 0]);
        for (var row = 0; row < RowCount; row += RowsFrom(row))
        {
            var count = Math.Min(RowsFrom(row), RowCount - row);
            MemoryMarshal.CreateReadOnlySpan(ref FirstLabel(row), count).CopyTo(labels.AsSpan(row));
        }

        for (var row = 0; row < weights.Length; row++) weights[row] = Weight(row);
        _labelsAndWeights = new WeakReference<Tuple<float[], float[]>>(Tuple.Create(labels, weights));
        return (labels, weights);
    }

    /// <summary>Returns the features of a dense row.</summary>
    public ReadOnlySpan<float> Features(int row) => MemoryMarshal.CreateReadOnlySpan(ref FirstFeature(row), FeatureCount);

    /// <summary>
    /// Returns the first feature of a dense row. The other features follow it in memory, and then <see cref="Slack"/> more numbers, which
    /// are finite but do not belong to the row: vectors can be read across its end.
    /// </summary>
    public ref float FirstFeature(int row) => ref _blocks[row >> _blockShift].Value((nint)(uint)(row & BlockMask) * FeatureCount);

    /// <summary>Returns the address of the features of a dense row. It is valid as long as this object lives.</summary>
    public nint AddressOf(int row) => _blocks[row >> _blockShift].AddressOf((nint)(uint)(row & BlockMask) * FeatureCount);

    /// <summary>Returns the label of a row. In memory, the labels of the next rows follow, <see cref="RowsFrom"/> in total.</summary>
    public ref float FirstLabel(int row) => ref _blocks[row >> _blockShift].FirstLabel(row & BlockMask);

    /// <summary>Returns the number of rows from this row on that are contiguous in memory, if the set has so many.</summary>
    public int RowsFrom(int row) => BlockMask + 1 - (row & BlockMask);

    /// <summary>Returns a sparse row.</summary>
    public SparseRow Entries(int row) => _blocks[row >> _blockShift].Entries(row & BlockMask);

    /// <summary>Returns the addresses of the values and indices of a sparse row, and their number.</summary>
    public (nint Values, nint Indices, int Count) EntriesAt(int row) => _blocks[row >> _blockShift].EntriesAt(row & BlockMask);

    private int BlockMask => (1 << _blockShift) - 1;
}
