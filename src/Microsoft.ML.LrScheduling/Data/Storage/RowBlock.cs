using System.Runtime.CompilerServices;

namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// The memory layout of a block of contiguous rows. Positions are in numbers of four bytes from the start of the block, which is at a cache
/// line. The values of dense rows follow one another. The values and indices of sparse row i are at positions <c>starts[i]</c> to
/// <c>starts[i + 1] − 1</c>.
/// </summary>
/// <param name="Rows">The number of rows.</param>
/// <param name="Values">The number of values in all rows.</param>
/// <param name="IsSparse">Whether there are indices and starts.</param>
/// <param name="HasWeights">Whether there are weights.</param>
internal readonly record struct RowBlockLayout(int Rows, int Values, bool IsSparse, bool HasWeights)
{
    /// <summary>The position of the labels.</summary>
    public int Labels => AlignedArray.Padded(checked(Values + TrainingSet.Slack));

    /// <summary>The position of the weights.</summary>
    public int Weights => Labels + AlignedArray.Padded(Rows);

    /// <summary>The position of the indices.</summary>
    public int Indices => Weights + (HasWeights ? AlignedArray.Padded(Rows) : 0);

    /// <summary>The position of the starts: one per row, and the end of the last row.</summary>
    public int Starts => Indices + (IsSparse ? AlignedArray.Padded(Values) : 0);

    /// <summary>The total length.</summary>
    public int Length => checked(Starts + (IsSparse ? AlignedArray.Padded(Rows + 1) : 0));
}

/// <summary>A block of contiguous rows in memory that does not move: in a pinned array or a mapped file.</summary>
internal readonly unsafe struct RowBlock(nint address, RowBlockLayout layout)
{
    private readonly float* _values = (float*)address;
    private readonly float* _labels = (float*)address + layout.Labels;
    private readonly float* _weights = (float*)address + layout.Weights;
    private readonly int* _indices = (int*)address + layout.Indices;
    private readonly int* _starts = (int*)address + layout.Starts;

    /// <summary>The number of rows.</summary>
    public int Rows { get; } = layout.Rows;

    /// <summary>The number of values in all rows.</summary>
    public int Values { get; } = layout.Values;

    /// <summary>Returns the label of a row. The labels of the following rows follow it in memory.</summary>
    public ref float FirstLabel(int row) => ref Unsafe.AsRef<float>(_labels + row);

    /// <summary>Returns the weight of a row.</summary>
    public float Weight(int row) => _weights[row];

    /// <summary>Returns a value.</summary>
    public ref float Value(nint i) => ref Unsafe.AsRef<float>(_values + i);

    /// <summary>Returns the address of a value.</summary>
    public nint AddressOf(nint i) => (nint)(_values + i);

    /// <summary>Returns a sparse row.</summary>
    public SparseRow Entries(int row)
    {
        var (values, indices, count) = EntriesAt(row);
        return new SparseRow(new ReadOnlySpan<float>((float*)values, count), new ReadOnlySpan<int>((int*)indices, count));
    }

    /// <summary>Returns the addresses of the values and indices of a sparse row, and their number.</summary>
    public (nint Values, nint Indices, int Count) EntriesAt(int row)
    {
        var start = _starts[row];
        return ((nint)(_values + start), (nint)(_indices + start), _starts[row + 1] - start);
    }
}
