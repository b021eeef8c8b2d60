using System.Runtime.InteropServices;

namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// Rows read once: features, a label and a weight each, in blocks of contiguous rows, in memory or in a file. Features are dense, or
/// sparse: then a row has only those that are not zero. Immutable once built; to be used as long as the <see cref="RowStore"/> lives that
/// it was built with.
/// </summary>
internal sealed class TrainingSet
{
    /// <summary>How many numbers may be read behind the features of a dense row: one fewer than a vector has.</summary>
    public const int Slack = AlignedArray.Lanes - 1;

    private readonly RowBlock[] _blocks;
    private readonly int _blockShift;

    // They are asked for several times before training, and then no more.
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

    /// <summary>Whether <see cref="Entries"/> gives the features, and not <see cref="Features"/>.</summary>
    public bool IsSparse { get; }

    /// <summary>Whether the rows have weights; where not, each weighs 1.</summary>
    public bool HasWeights { get; }

    /// <summary>Whether rows are in a file, which is fast only where it is read straight.</summary>
    public required bool IsInFile { get; init; }

    /// <summary>What the weights that were read are multiplied with.</summary>
    public required float WeightScale { get; init; }

    /// <summary>A power of two that they are multiplied with before that; 1 but for weights that are very large or very small.</summary>
    public required float WeightBoost { get; init; }

    /// <summary>The values of all rows.</summary>
    public required long ValueCount { get; init; }

    /// <summary>How the features were brought to one scale; null where they are as they were read.</summary>
    public required Standardization? Standardization { get; init; }

    /// <summary>Keeps the blocks in memory from being collected.</summary>
    public required AlignedArray[] Memory { private get; init; }

    /// <summary>How many values a row takes, on average.</summary>
    public int ValuesPerRow => IsSparse ? (int)(ValueCount / Math.Max(1, RowCount)) + 1 : FeatureCount;

    /// <summary>The label of a row.</summary>
    public float Label(int row) => FirstLabel(row);

    /// <summary>The weight of a row.</summary>
    public float Weight(int row) => HasWeights ? _blocks[row >> _blockShift].Weight(row & BlockMask) * WeightBoost * WeightScale : 1f;

    /// <summary>Whether all rows have the same label.</summary>
    public bool HasOneLabel
    {
        get
        {
            for (var row = 1; row < RowCount; row++)
                if (Label(row) != Label(0)) return false;
            return true;
        }
    }

    /// <summary>The labels and the weights of all rows, not to be changed; no weights where each is 1.</summary>
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

    /// <summary>The features of a row of a dense set.</summary>
    public ReadOnlySpan<float> Features(int row) => MemoryMarshal.CreateReadOnlySpan(ref FirstFeature(row), FeatureCount);

    /// <summary>
    /// The first feature of a row of a dense set; the others follow it. So do <see cref="Slack"/> more numbers, all finite, that are no
    /// part of the row: vectors may be read across its end.
    /// </summary>
    public ref float FirstFeature(int row) => ref _blocks[row >> _blockShift].Value((nint)(uint)(row & BlockMask) * FeatureCount);

    /// <summary>Where the features of a row of a dense set are in memory, as long as this object lives.</summary>
    public nint AddressOf(int row) => _blocks[row >> _blockShift].AddressOf((nint)(uint)(row & BlockMask) * FeatureCount);

    /// <summary>The label of a row; those of the <see cref="RowsFrom"/> rows from it on follow.</summary>
    public ref float FirstLabel(int row) => ref _blocks[row >> _blockShift].FirstLabel(row & BlockMask);

    /// <summary>How many rows from a row on stand in memory one behind the other, if the set has so many.</summary>
    public int RowsFrom(int row) => BlockMask + 1 - (row & BlockMask);

    /// <summary>The features of a row of a sparse set that are not zero.</summary>
    public SparseRow Entries(int row) => _blocks[row >> _blockShift].Entries(row & BlockMask);

    /// <summary>Where the values and the indices of a row of a sparse set are in memory, and how many there are.</summary>
    public (nint Values, nint Indices, int Count) EntriesAt(int row) => _blocks[row >> _blockShift].EntriesAt(row & BlockMask);

    private int BlockMask => (1 << _blockShift) - 1;
}
