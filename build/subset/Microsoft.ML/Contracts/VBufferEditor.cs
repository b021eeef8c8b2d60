using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

public static class VBufferEditor
{
    public static VBufferEditor<T> CreateFromBuffer<T>(ref VBuffer<T> destination)
        => Create(ref destination, destination.Length, destination.GetValues().Length, keepOldOnResize: true);

    /// <summary>Opens a buffer for writing, in its own arrays where they are long enough.</summary>
    public static VBufferEditor<T> Create<T>(ref VBuffer<T> destination, int newLogicalLength, int? valuesCount = null,
        int? maxValuesCapacity = null, bool keepOldOnResize = false, bool requireIndicesOnDense = false)
    {
        Contracts.CheckParam(newLogicalLength >= 0, nameof(newLogicalLength),
            $"A vector's length must be at least 0. Received: {newLogicalLength}.");
        Contracts.CheckParam(valuesCount is null || (0 <= valuesCount && valuesCount <= newLogicalLength), nameof(valuesCount),
            $"The number of explicit values must be in [0, {newLogicalLength}]. Received: {valuesCount}.");
        var count = valuesCount ?? newLogicalLength;
        var capacity = Math.Max(count, Math.Min(maxValuesCapacity ?? newLogicalLength, newLogicalLength));
        var values = Grown(destination.ValuesArray, count, capacity, keepOldOnResize, out var createdValues);
        var indices = destination.IndicesArray;
        var createdIndices = false;
        if (count < newLogicalLength || requireIndicesOnDense)
            indices = Grown(indices, count, capacity, keepOldOnResize, out createdIndices);
        return new(newLogicalLength, count, values, indices, requireIndicesOnDense, createdValues, createdIndices);
    }

    private static TItem[] Grown<TItem>(TItem[] array, int needed, int capacity, bool keep, out bool created)
    {
        var length = array is null ? 0 : array.Length;
        created = length < needed;
        if (!created)
            return array;
        var grown = new TItem[Math.Min(capacity, Math.Max(needed, 2L * length))];
        if (keep)
            array?.CopyTo(grown, 0);
        return grown;
    }
}

public readonly ref struct VBufferEditor<T>
{
    private readonly int _length;
    private readonly T[] _values;
    private readonly int[] _indices;

    public readonly Span<T> Values;

    public readonly Span<int> Indices;

    public bool CreatedNewValues { get; }

    public bool CreatedNewIndices { get; }

    internal VBufferEditor(int length, int count, T[] values, int[] indices, bool indicesOnDense, bool createdValues, bool createdIndices)
    {
        (_length, _values, _indices) = (length, values, indices);
        Values = values.AsSpan(0, count);
        Indices = count < length || indicesOnDense ? indices.AsSpan(0, count) : default;
        (CreatedNewValues, CreatedNewIndices) = (createdValues, createdIndices);
    }

    public VBuffer<T> Commit() => new(_values, _indices, _length, Values.Length);

    public VBuffer<T> CommitTruncated(int physicalValuesCount)
    {
        Contracts.CheckParam(0 <= physicalValuesCount && physicalValuesCount <= Values.Length, nameof(physicalValuesCount),
            $"The number of explicit values must be in [0, {Values.Length}]. Received: {physicalValuesCount}.");
        // A truncated vector is sparse: it needs the indices that a dense one may lack.
        return new(_length, physicalValuesCount, _values, _indices);
    }
}
