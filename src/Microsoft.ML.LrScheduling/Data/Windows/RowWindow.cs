using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// The rows that some steps are about, in the order of the visit. Short dense rows that come shuffled are copied side by side, each from
/// the start of a line of the cache and filled up with zeros; others are read where they are.
/// </summary>
internal sealed class RowWindow
{
    // A vector of rows may be taken at once, also at the end.
    private const int FurtherRows = AlignedArray.Lanes - 1;

    private readonly TrainingSet _set;
    // Where the features of a row are; of a sparse one, its indices too, and how many there are.
    private readonly nint[] _addresses;
    private readonly nint[] _indices;
    private readonly int[] _counts;
    private readonly int[] _places;
    private readonly float[] _labels;
    private readonly float[] _weights;
    private readonly AlignedArray? _features;
    private readonly bool _prefetches;
    private bool _isInOrder;

    private const int LongRow = 512;
    private const int LineBytes = 64;

    // Of the last vector of a row: copied on its own, since what is read behind the row is not part of it.
    private readonly Vector512<float> _lastLanes;

    /// <param name="set">The set.</param>
    /// <param name="capacity">The most rows of the window.</param>
    /// <param name="isPacked">Whether dense rows are copied side by side.</param>
    /// <seealso cref="IsWorthPacking"/>
    public RowWindow(TrainingSet set, int capacity, bool isPacked)
    {
        isPacked &= !set.IsSparse;
        _set = set;
        (_labels, _weights) = (new float[capacity], new float[set.HasWeights ? capacity : 0]);
        (_indices, _counts) = (new nint[set.IsSparse ? capacity : 0], new int[set.IsSparse ? capacity : 0]);
        _addresses = new nint[set.IsSparse ? capacity : checked(capacity + FurtherRows)];
        _places = new int[isPacked ? 0 : capacity];
        Stride = AlignedArray.Padded(set.FeatureCount);
        _features = isPacked ? new AlignedArray(checked(_addresses.Length * Stride)) : null;
        for (var i = 0; i < _addresses.Length && !set.IsSparse; i++)
            _addresses[i] = _features?.AddressOf((nint)i * Stride) ?? set.AddressOf(0);
        // .NET has no prefetch for other processors.
        _prefetches = Sse.IsSupported && _features is null && set.FeatureCount is > AlignedArray.Lanes and <= LongRow;
        _lastLanes = Vector512.LessThan(Vector512<int>.Indices, Vector512.Create((set.FeatureCount - 1) % AlignedArray.Lanes + 1))
            .AsSingle();
    }

    /// <summary>
    /// Whether shuffled rows are short enough for copying to take less time than finding each in memory, which of longer ones can be
    /// asked for ahead.
    /// </summary>
    public static bool IsWorthPacking(TrainingSet set) => !set.IsSparse && set.FeatureCount <= 2 * AlignedArray.Lanes;

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

    /// <summary>The features of a sparse row that are not zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe SparseRow Entries(int position)
    {
        var count = _counts[position];
        return new SparseRow(
            new ReadOnlySpan<float>((void*)_addresses[position], count), new ReadOnlySpan<int>((void*)_indices[position], count));
    }

    /// <summary>How many features of a sparse row are not zero.</summary>
    public int EntryCount(int position) => _counts[position];

    /// <summary>Asks memory for the features of a sparse row, if the window has it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe void PrefetchEntries(int position)
    {
        if (!Sse.IsSupported || position >= Count) return;
        var (values, indices) = (_addresses[position], _indices[position]);
        for (var end = values + _counts[position] * sizeof(float); values < end; values += LineBytes, indices += LineBytes)
        {
            Sse.Prefetch0((void*)values);
            Sse.Prefetch0((void*)indices);
        }
    }

    /// <summary>
    /// The first feature of a dense row, which others follow up to the last; behind that up to <see cref="Stride"/> stand zeros where
    /// rows are packed, else any finite numbers. Behind the last row of the window stand, up to a multiple of 16, others of the set.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe ref float FirstFeature(int position) =>
        ref Unsafe.AsRef<float>((void*)Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_addresses), position));

    /// <summary>The positions in the order in which memory is read fastest.</summary>
    /// <param name="i">The number of the position in that order, in [0, <see cref="Count"/>).</param>
    public int PlaceOf(int i) => _isInOrder ? i : _places[i];

    /// <summary>Asks memory for rows. Of rows that stand side by side, and of long ones, the processor does so by itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(int start, int count)
    {
        if (!_prefetches || start + count > Count) return;
        for (var end = start + count; start < end; start++) Prefetch(ref FirstFeature(start));
    }

    /// <summary>Takes rows.</summary>
    /// <param name="runs">The rows, best in the order of memory, which is then read straight.</param>
    /// <param name="places">The place of each in the order of the visit; empty for the same order.</param>
    public void Fill(ReadOnlySpan<RowRun> runs, ReadOnlySpan<int> places)
    {
        Count = 0;
        _isInOrder = IsPacked || places.IsEmpty;
        if (!_isInOrder) places.CopyTo(_places);
        foreach (var run in runs)
        {
            // A run may go on in another block of memory.
            for (var (row, left) = (run.Start, run.Count); left > 0;)
            {
                var count = Math.Min(left, _set.RowsFrom(row));
                Take(row, places.IsEmpty ? [] : places.Slice(Count, count), count);
                (row, left, Count) = (row + count, left - count, Count + count);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Take(int row, ReadOnlySpan<int> places, int count)
    {
        ref var label = ref _set.FirstLabel(row);
        for (var i = 0; i < count; i++) _labels[places.IsEmpty ? Count + i : places[i]] = Unsafe.Add(ref label, i);
        for (var i = 0; i < Math.Min(_weights.Length, count); i++) _weights[places.IsEmpty ? Count + i : places[i]] = _set.Weight(row + i);
        if (_set.IsSparse)
        {
            for (var i = 0; i < count; i++)
            {
                var place = places.IsEmpty ? Count + i : places[i];
                (_addresses[place], _indices[place], _counts[place]) = _set.EntriesAt(row + i);
            }

            return;
        }

        if (_features is null)
        {
            var (address, size) = (_set.AddressOf(row), (nint)_set.FeatureCount * sizeof(float));
            for (var i = 0; i < count; i++, address += size) _addresses[places.IsEmpty ? Count + i : places[i]] = address;
            return;
        }

        ref var source = ref _set.FirstFeature(row);
        ref var target = ref _features.First;
        for (var i = 0; i < count; i++)
        {
            var place = (nint)(places.IsEmpty ? Count + i : places[i]);
            Copy(ref Unsafe.Add(ref source, (nint)i * _set.FeatureCount), ref Unsafe.Add(ref target, place * Stride));
        }
    }

    private unsafe void Prefetch(ref float first)
    {
        var line = (byte*)Unsafe.AsPointer(ref first);
        for (var end = line + _set.FeatureCount * sizeof(float); line < end; line += LineBytes) Sse.Prefetch0(line);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Copy(ref float source, ref float target)
    {
        nuint i = 0;
        for (var last = (nuint)(Stride - AlignedArray.Lanes); i < last; i += AlignedArray.Lanes)
            Vector512.LoadUnsafe(ref source, i).StoreUnsafe(ref target, i);
        (Vector512.LoadUnsafe(ref source, i) & _lastLanes).StoreUnsafe(ref target, i);
    }
}
