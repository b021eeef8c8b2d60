using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// The rows that some steps are about, in the order of the visit. Short dense rows that come shuffled are copied side by side, each from the start of a line of the cache
/// and filled up with zeros; others are read where they are.
/// </summary>
internal sealed class RowWindow
{
    private readonly TrainingSet _set;
    // Where rows are not packed.
    private readonly int[] _rows;
    private readonly float[] _labels;
    private readonly float[] _weights;
    private readonly AlignedArray? _features;
    private readonly bool _prefetches;

    private const int LongRow = 512;

    // Rows may be taken four at a time, also the last ones.
    private const int FurtherRows = 3;

    // Of the last vector of a row: copied on its own, since what is read behind the row is not part of it.
    private readonly Vector512<float> _lastLanes;

    /// <param name="set">The set.</param>
    /// <param name="capacity">The most rows of the window.</param>
    /// <param name="isPacked">Whether dense rows are copied side by side.</param>
    /// <seealso cref="IsWorthPacking"/>
    public RowWindow(TrainingSet set, int capacity, bool isPacked)
    {
        isPacked &= !set.IsSparse;
        (_set, _rows, _labels, _weights) = (set, new int[isPacked ? 0 : capacity], new float[capacity], new float[set.HasWeights ? capacity : 0]);
        Stride = AlignedArray.Padded(set.FeatureCount);
        _features = isPacked ? new AlignedArray(checked((capacity + FurtherRows) * Stride)) : null;
        // .NET has no prefetch for other processors.
        _prefetches = Sse.IsSupported && _features is null && set.FeatureCount is > AlignedArray.Lanes and <= LongRow;
        _lastLanes = Vector512.LessThan(Vector512<int>.Indices, Vector512.Create((set.FeatureCount - 1) % AlignedArray.Lanes + 1)).AsSingle();
    }

    /// <summary>Whether shuffled rows are short enough for copying to take less time than finding each in memory, which of longer ones can be asked for ahead.</summary>
    public static bool IsWorthPacking(TrainingSet set) => !set.IsSparse && set.FeatureCount <= AlignedArray.Lanes;

    /// <summary>The number of rows.</summary>
    public int Count { get; private set; }

    /// <summary>Whether rows stand side by side, <see cref="Stride"/> apart.</summary>
    public bool IsPacked => _features is not null;

    /// <summary>The features of a row, rounded up to whole vectors.</summary>
    public int Stride { get; }

    /// <summary>The labels of some rows.</summary>
    public ReadOnlySpan<float> Labels(int start, int count) => _labels.AsSpan(start, count);

    /// <summary>The weights of some rows; empty where rows have none.</summary>
    public ReadOnlySpan<float> Weights(int start, int count) => _weights.Length == 0 ? [] : _weights.AsSpan(start, count);

    /// <summary>The features of a sparse row.</summary>
    public SparseRow Entries(int position) => _set.Entries(_rows[position]);

    /// <summary>
    /// The first feature of a dense row, which others follow up to the last; behind that up to <see cref="Stride"/> stand zeros where rows are packed, else any finite numbers.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref float FirstFeature(int position) =>
        ref _features is { } features ? ref Unsafe.Add(ref features.First, (nint)position * Stride) : ref _set.FirstFeature(_rows[position]);

    /// <summary>Asks memory for the four rows from a position on. Of rows that stand side by side, and of long ones, the processor does so by itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void PrefetchFour(int position)
    {
        if (!_prefetches || position + 4 > Count) return;
        for (var end = position + 4; position < end; position++) Prefetch(ref FirstFeature(position));
    }

    /// <summary>Takes rows.</summary>
    /// <param name="rows">The rows, best in the order of memory, which is then read straight.</param>
    /// <param name="positions">The place of each in the order of the visit; empty for the same order.</param>
    public void Fill(ReadOnlySpan<int> rows, ReadOnlySpan<int> positions)
    {
        Count = rows.Length;
        for (var start = 0; start < rows.Length;)
        {
            // Rows that follow one another are found by counting.
            var end = start + 1;
            for (var most = Math.Min(rows.Length, start + _set.RowsFrom(rows[start])); end < most && rows[end] == rows[end - 1] + 1; end++)
            {
            }

            if (_features is not null) Copy(rows[start], positions.IsEmpty ? default : positions[start..end], start, end - start);
            else Note(rows[start], positions.IsEmpty ? default : positions[start..end], start, end - start);
            start = end;
        }
    }

    private void Note(int row, ReadOnlySpan<int> positions, int position, int count)
    {
        ref var label = ref _set.FirstLabel(row);
        for (var i = 0; i < count; i++)
        {
            var to = positions.IsEmpty ? position + i : positions[i];
            _rows[to] = row + i;
            _labels[to] = Unsafe.Add(ref label, i);
            if (_weights.Length > 0) _weights[to] = _set.Weight(row + i);
        }
    }

    private void Copy(int row, ReadOnlySpan<int> positions, int position, int count)
    {
        ref var label = ref _set.FirstLabel(row);
        ref var source = ref _set.FirstFeature(row);
        ref var target = ref _features!.First;
        for (var i = 0; i < count; i++)
        {
            var to = positions.IsEmpty ? position + i : positions[i];
            _labels[to] = Unsafe.Add(ref label, i);
            if (_weights.Length > 0) _weights[to] = _set.Weight(row + i);
            Copy(ref Unsafe.Add(ref source, (nint)i * _set.FeatureCount), ref Unsafe.Add(ref target, (nint)to * Stride));
        }
    }

    private unsafe void Prefetch(ref float first)
    {
        const int LineBytes = 64;
        var line = (byte*)Unsafe.AsPointer(ref first);
        for (var end = line + _set.FeatureCount * sizeof(float); line < end; line += LineBytes) Sse.Prefetch0(line);
    }

    private void Copy(ref float source, ref float target)
    {
        nuint i = 0;
        for (var last = (nuint)(Stride - AlignedArray.Lanes); i < last; i += AlignedArray.Lanes) Vector512.LoadUnsafe(ref source, i).StoreUnsafe(ref target, i);
        (Vector512.LoadUnsafe(ref source, i) & _lastLanes).StoreUnsafe(ref target, i);
    }
}
