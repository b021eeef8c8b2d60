using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// The rows of the current steps, in the order of visits. Short dense rows that are shuffled are copied side by side (packed): each starts
/// at a cache line and is padded with zeros. Other rows are read in place.
/// </summary>
internal sealed class RowWindow
{
    // Kernels process a vector of rows at once, also at the end of the window.
    private const int FurtherRows = AlignedArray.Lanes - 1;

    private readonly TrainingSet _set;
    // The address of each row's features; for sparse rows also the address of the indices, and the number of values.
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

    // A mask for the last vector of a row, because the numbers after the row do not belong to it.
    private readonly Vector512<float> _lastLanes;

    /// <param name="set">The training set.</param>
    /// <param name="capacity">The maximum number of rows.</param>
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
        // .NET has prefetch instructions only for x86 processors.
        _prefetches = Sse.IsSupported && _features is null && set.FeatureCount is > AlignedArray.Lanes and <= LongRow;
        _lastLanes = Vector512.LessThan(Vector512<int>.Indices, Vector512.Create((set.FeatureCount - 1) % AlignedArray.Lanes + 1))
            .AsSingle();
    }

    /// <summary>
    /// Whether shuffled rows are so short that copying them is faster than reading each from memory in place. Longer rows can be
    /// prefetched.
    /// </summary>
    public static bool IsWorthPacking(TrainingSet set) => !set.IsSparse && set.FeatureCount <= 2 * AlignedArray.Lanes;

    /// <summary>The number of rows.</summary>
    public int Count { get; private set; }

    /// <summary>Whether the rows are copied side by side, <see cref="Stride"/> apart.</summary>
    public bool IsPacked => _features is not null;

    /// <summary>The number of features, rounded up to whole vectors.</summary>
    public int Stride { get; }

    /// <summary>Returns the labels of rows.</summary>
    public ReadOnlySpan<float> Labels(int start, int count) => _labels.AsSpan(start, count);

    /// <summary>Returns the weights of rows; empty if the rows have none.</summary>
    public ReadOnlySpan<float> Weights(int start, int count) => _weights.Length == 0 ? [] : _weights.AsSpan(start, count);

    /// <summary>Returns a sparse row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe SparseRow Entries(int position)
    {
        var count = _counts[position];
        return new SparseRow(
            new ReadOnlySpan<float>((void*)_addresses[position], count), new ReadOnlySpan<int>((void*)_indices[position], count));
    }

    /// <summary>Returns the number of values in a sparse row.</summary>
    public int EntryCount(int position) => _counts[position];

    /// <summary>Prefetches a sparse row, if the window has it.</summary>
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
    /// Returns the first feature of a dense row. The other features follow it in memory. After them, up to <see cref="Stride"/>, are zeros
    /// if the rows are packed, otherwise any finite numbers. After the last row of the window, up to a multiple of 16 rows, are other rows
    /// of the set, or zeros.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe ref float FirstFeature(int position) =>
        ref Unsafe.AsRef<float>((void*)Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_addresses), position));

    /// <summary>Returns the positions in the order in which memory is read fastest.</summary>
    /// <param name="i">The number of the position in that order, in [0, <see cref="Count"/>).</param>
    public int PlaceOf(int i) => _isInOrder ? i : _places[i];

    /// <summary>Prefetches rows. For packed rows, and for long ones, the processor does this itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(int start, int count)
    {
        if (!_prefetches || start + count > Count) return;
        for (var end = start + count; start < end; start++) Prefetch(ref FirstFeature(start));
    }

    /// <summary>Fills the window with rows.</summary>
    /// <param name="runs">The rows, preferably in the order of memory, so that memory is read sequentially.</param>
    /// <param name="places">The place of each row in the order of visits; empty for the same order.</param>
    public void Fill(ReadOnlySpan<RowRun> runs, ReadOnlySpan<int> places)
    {
        Count = 0;
        _isInOrder = IsPacked || places.IsEmpty;
        if (!_isInOrder) places.CopyTo(_places);
        foreach (var run in runs)
        {
            // A run can continue in the next block of memory.
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
