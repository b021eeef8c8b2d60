using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.LrScheduling.Data;

/// <summary>
/// Computes the weighted scales of the features of sparse rows, in double precision, while the rows are read: see
/// <see cref="Standardization"/>. The memory depends on the number of features that occur, not on the number of possible features.
/// </summary>
/// <remarks>
/// If each feature is its own number, several threads sum disjoint ranges of the features, each in the order of the rows. So the sums do
/// not depend on the number of threads.
/// </remarks>
/// <param name="featureCount">The number of possible features.</param>
/// <param name="hasWeights">Whether rows have weights.</param>
/// <param name="threads">The number of threads; null for half of the processors, because others read the rows at the same time.</param>
internal sealed unsafe class SparseMoments(int featureCount, bool hasWeights, int? threads = null)
{
    // With more threads, each would search all rows for only a few values.
    private const int MostRanges = 4;

    // The prefetch distance in values, within at most this number of rows.
    private const int ValuesAhead = 64;
    private const int MostRowsAhead = 16;

    // Each feature has two adjacent doubles: the sum of squares and the sum of weights.
    private const int Sums = 2;
    private const int FloatsOfSums = Sums * sizeof(double) / sizeof(float);

    private readonly FeatureNumbers _numbers = new(featureCount);
    private readonly CommonFeatures _common = new();
    private readonly FeatureRanges _ranges = new(
        featureCount <= FeatureNumbers.Few ? Math.Clamp(threads ?? Environment.ProcessorCount / 2, 1, MostRanges) : 1);
    private AlignedArray? _sums;
    // The scale of each feature by its number; 1 for the common features, which are scaled separately.
    private double[] _scales = [];

    /// <summary>Adds the rows of blocks.</summary>
    /// <param name="blocks">The blocks, in order.</param>
    public void Add(IReadOnlyList<RowBlock> blocks)
    {
        if (_sums is null)
        {
            _sums = new AlignedArray(checked(Math.Min(featureCount, FeatureNumbers.Few) * FloatsOfSums));
            _ranges.Take(blocks[0]);
        }

        if (_ranges.Count == 1) AddRange(blocks, 0);
        else Parallel.For(0, _ranges.Count, range => AddRange(blocks, range));
    }

    /// <summary>Computes the scales from the sums. No row can be added afterwards.</summary>
    public Standardization Finish()
    {
        var scales = _scales = new double[_numbers.Count];
        Parallel.For(0, _ranges.Count, range =>
        {
            var (start, end) = ((int)((long)range * scales.Length / _ranges.Count), (int)((range + 1L) * scales.Length / _ranges.Count));
            var sums = (double*)_sums!.Address;
            for (var number = start; number < end; number++)
            {
                // NaN if the feature occurs in no row, or only in rows with the weight 0.
                var size = sums[Sums * number] / sums[Sums * number + 1];
                // The scale is 1 / root mean square: the mean cannot be subtracted, because zeros are not stored.
                scales[number] = size > 0 ? 1 / Math.Sqrt(size) : 0;
            }
        });
        _sums = null;
        if (_common.Count > 0) scales = [.. scales];
        return _numbers.IsIdentity ? Standardize(features: null, scales) : StandardizeMet(scales);
    }

    /// <summary>Standardizes rows in place, after <see cref="Finish"/>. Several threads can call it at once.</summary>
    /// <param name="values">The values that are not zero.</param>
    /// <param name="indices">The feature of each value.</param>
    /// <param name="starts">The index of the first value of each row, and the end of the last row.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void ApplyTo(Span<float> values, ReadOnlySpan<int> indices, ReadOnlySpan<int> starts)
    {
        for (var row = 0; _common.Count > 0 && row < starts.Length - 1; row++)
        {
            var own = starts[row]..starts[row + 1];
            ApplyToCommon(values[own], indices[own]);
        }

        if (!_numbers.IsIdentity)
        {
            for (var i = 0; i < values.Length; i++)
            {
                if (i + ValuesAhead < indices.Length) _numbers.Prefetch(indices[i + ValuesAhead]);
                values[i] = (float)(values[i] * _scales[_numbers.Find(indices[i])]);
            }

            return;
        }

        fixed (double* scales = _scales)
        {
            for (var i = 0; i < values.Length; i++)
            {
                if (i + ValuesAhead < indices.Length && Sse.IsSupported) Sse.Prefetch0(scales + indices[i + ValuesAhead]);
                values[i] = Wide.ToSingle(Wide.Of(values[i]) * Vector128.CreateScalarUnsafe(scales[indices[i]]));
            }
        }
    }

    private void ApplyToCommon(Span<float> values, ReadOnlySpan<int> indices)
    {
        for (var (i, place) = (0, 0); i < _common.Count; i++)
        {
            var (feature, mean, scale) = _common[i];
            place = CommonFeatures.Find(indices, place, feature);
            values[place] = (float)((values[place] - mean) * scale);
        }
    }

    private void AddRange(IReadOnlyList<RowBlock> blocks, int range)
    {
        foreach (var block in blocks)
        {
            if (range == 0) AddCommon(block);
            if (_numbers.IsIdentity) AddRange(block, range);
            else AddNumbered(block);
        }
    }

    private void AddCommon(RowBlock block)
    {
        if (!_common.MayBe) return;
        for (var row = 0; row < block.Rows; row++) _common.Add(block.Entries(row), hasWeights ? block.Weight(row) : 1);
    }

    /// <summary>Adds the features in a range, if each feature is its own number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddRange(RowBlock block, int range)
    {
        var sums = (double*)_sums!.Address;
        var ahead = RowsAhead(block);
        var rows = stackalloc (nint Values, nint Indices, int Count)[ahead];
        for (var row = 0; row < block.Rows + ahead; row++)
        {
            ref var slot = ref rows[row % ahead];
            if (row >= ahead)
                AddTo(sums, (float*)slot.Values, (int*)slot.Indices, slot.Count, hasWeights ? block.Weight(row - ahead) : 1);
            if (row >= block.Rows) continue;
            var entries = _ranges.Of(block.Entries(row), range);
            slot = (AddressOf(entries.Values), AddressOf(entries.Indices), entries.Indices.Length);
            for (var i = 0; i < entries.Indices.Length && Sse.IsSupported; i++) Sse.Prefetch0(sums + Sums * (nint)entries.Indices[i]);
        }
    }

    /// <summary>Adds features that are numbered in the order of their first occurrence.</summary>
    private void AddNumbered(RowBlock block)
    {
        var ahead = RowsAhead(block);
        int[] numbers = [];
        for (var row = 0; row < block.Rows; row++)
        {
            for (var i = 0; row + ahead < block.Rows && i < block.Entries(row + ahead).Indices.Length; i++)
                _numbers.Prefetch(block.Entries(row + ahead).Indices[i]);
            var entries = block.Entries(row);
            if (numbers.Length < entries.Indices.Length) numbers = new int[2 * entries.Indices.Length];
            for (var i = 0; i < entries.Indices.Length; i++) numbers[i] = _numbers.Of(entries.Indices[i]);
            if (_numbers.Count * (long)FloatsOfSums > _sums!.Length) Grow();
            fixed (int* first = numbers)
            {
                var sums = (double*)_sums.Address;
                for (var i = 0; i < entries.Indices.Length && Sse.IsSupported; i++) Sse.Prefetch0(sums + Sums * (nint)first[i]);
                AddTo(sums, (float*)AddressOf(entries.Values), first, entries.Indices.Length, hasWeights ? block.Weight(row) : 1);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddTo(double* sums, float* values, int* numbers, int count, double weight)
    {
        var (weights, isSquare) = (Vector128.Create(weight), Vector128.Create(-1L, 0).AsDouble());
        for (var i = 0; i < count; i++)
        {
            var own = sums + Sums * (nint)numbers[i];
            // The first lane sums weight · value², the second lane weight · 1.
            var value = Vector128.ConditionalSelect(isSquare, Wide.Of(values[i]), Vector128<double>.One);
            (Vector128.Load(own) + weights * value * value).Store(own);
        }
    }

    private void Grow()
    {
        var longer = new AlignedArray(checked(Math.Max(2 * _sums!.Length, _numbers.Count * FloatsOfSums)));
        _sums.Elements.CopyTo(longer.Elements);
        _sums = longer;
    }

    /// <summary>Creates the standardization of the features that occur, from the scales in the order of their numbers.</summary>
    private Standardization StandardizeMet(double[] scales)
    {
        var (features, own, i) = (new int[scales.Length], new double[scales.Length], 0);
        foreach (var (feature, number) in _numbers.InOrder())
        {
            (features[i], own[i]) = (feature, scales[number]);
            i++;
        }

        return Standardize(features, own);
    }

    private Standardization Standardize(int[]? features, double[] scales)
    {
        var means = new double[scales.Length];
        for (var i = 0; i < _common.Count; i++)
        {
            var (feature, mean, scale) = _common[i];
            var place = features is null ? feature : Array.BinarySearch(features, feature);
            (means[place], scales[place], _scales[_numbers.Find(feature)]) = (mean, scale, 1);
        }

        return features is null ? new Standardization(means, scales, scales.Length) : new Standardization(features, means, scales);
    }

    private static int RowsAhead(RowBlock block) =>
        Math.Clamp(ValuesAhead * block.Rows / Math.Max(1, block.Values), 1, Math.Min(MostRowsAhead, block.Rows));

    private static nint AddressOf<T>(ReadOnlySpan<T> numbers) => (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(numbers));
}
