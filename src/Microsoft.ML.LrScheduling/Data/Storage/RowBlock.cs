using System.Runtime.CompilerServices;

namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// What is where in the memory of contiguous rows, in numbers of four bytes from its start, which is that of a line of the cache. Dense
/// rows have all their values behind one another; of sparse ones row i has the values and indices from its start to before that of the
/// next.
/// </summary>
/// <param name="Rows">The rows.</param>
/// <param name="Values">The values of all of them.</param>
/// <param name="IsSparse">Whether there are indices and starts.</param>
/// <param name="HasWeights">Whether there are weights.</param>
internal readonly record struct RowBlockLayout(int Rows, int Values, bool IsSparse, bool HasWeights)
{
    /// <summary>Where the labels begin.</summary>
    public int Labels => AlignedArray.Padded(checked(Values + TrainingSet.Slack));

    /// <summary>Where the weights begin.</summary>
    public int Weights => Labels + AlignedArray.Padded(Rows);

    /// <summary>Where the indices begin.</summary>
    public int Indices => Weights + (HasWeights ? AlignedArray.Padded(Rows) : 0);

    /// <summary>Where the starts begin; there is one more than rows.</summary>
    public int Starts => Indices + (IsSparse ? AlignedArray.Padded(Values) : 0);

    /// <summary>The length of all of it.</summary>
    public int Length => checked(Starts + (IsSparse ? AlignedArray.Padded(Rows + 1) : 0));
}

/// <summary>Contiguous rows in memory that does not move: that of an array, or of a file.</summary>
internal readonly unsafe struct RowBlock(nint address, RowBlockLayout layout)
{
    private readonly float* _values = (float*)address;
    private readonly float* _labels = (float*)address + layout.Labels;
    private readonly float* _weights = (float*)address + layout.Weights;
    private readonly int* _indices = (int*)address + layout.Indices;
    private readonly int* _starts = (int*)address + layout.Starts;

    /// <summary>The rows.</summary>
    public int Rows { get; } = layout.Rows;

    /// <summary>The values of all of them.</summary>
    public int Values { get; } = layout.Values;

    /// <summary>The label of a row, which others follow.</summary>
    public ref float FirstLabel(int row) => ref Unsafe.AsRef<float>(_labels + row);

    /// <summary>The weight of a row.</summary>
    public float Weight(int row) => _weights[row];

    /// <summary>A value.</summary>
    public ref float Value(nint i) => ref Unsafe.AsRef<float>(_values + i);

    /// <summary>Where a value is.</summary>
    public nint AddressOf(nint i) => (nint)(_values + i);

    /// <summary>The entries of a sparse row.</summary>
    public SparseRow Entries(int row)
    {
        var (values, indices, count) = EntriesAt(row);
        return new SparseRow(new ReadOnlySpan<float>((float*)values, count), new ReadOnlySpan<int>((int*)indices, count));
    }

    /// <summary>Where the values and the indices of a sparse row are, and how many there are.</summary>
    public (nint Values, nint Indices, int Count) EntriesAt(int row)
    {
        var start = _starts[row];
        return ((nint)(_values + start), (nint)(_indices + start), _starts[row + 1] - start);
    }
}
