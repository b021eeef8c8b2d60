using System.Numerics;
using System.Runtime.InteropServices;
using Microsoft.ML.Data;

namespace Microsoft.ML.LrScheduling.Data;

/// <summary>A buffer of rows that one cursor has read, all from the same batch of the cursor. It is reused.</summary>
/// <param name="width">The number of features.</param>
internal sealed class RowBatch(int width)
{
    private const int MostRows = 256;
    private const int MostValues = 1 << 15;

    private readonly List<(int Values, int Indices, float Label, float Weight, RowFault Fault, object? Key)> _ends = [];
    private float[] _values = [];
    private int[] _indices = [];
    private int[] _sortedIndices = [];
    private float[] _sortedValues = [];

    /// <summary>The number of the cursor's batch. Among all cursors of a set, rows with a lower number come first.</summary>
    public long Number { get; private set; }

    /// <summary>The number of rows.</summary>
    public int Count => _ends.Count;

    /// <summary>Whether no more rows fit.</summary>
    public bool IsFull => Count == MostRows || Count > 0 && _ends[^1].Values >= MostValues;

    /// <summary>The label and the weight of a row, and its fault.</summary>
    public (float Label, float Weight, RowFault Fault) this[int row] => (_ends[row].Label, _ends[row].Weight, _ends[row].Fault);

    /// <summary>Returns the key of a row, for rows that stay together; null for none.</summary>
    public object? Key(int row) => _ends[row].Key;

    /// <summary>Returns the values of a row.</summary>
    public ReadOnlySpan<float> Values(int row) => _values.AsSpan((row == 0 ? 0 : _ends[row - 1].Values).._ends[row].Values);

    /// <summary>Returns the feature of each value; empty for a row that has all features.</summary>
    public ReadOnlySpan<int> Indices(int row) => _indices.AsSpan((row == 0 ? 0 : _ends[row - 1].Indices).._ends[row].Indices);

    /// <summary>Removes all rows, and sets the number of the batch.</summary>
    public void Clear(long number)
    {
        Number = number;
        _ends.Clear();
    }

    /// <summary>Adds a row.</summary>
    public void Add(in VBuffer<float> features, float label, float weight, object? key)
    {
        var last = Count == 0 ? default : _ends[^1];
        var values = features.GetValues();
        var indices = features.IsDense ? default : features.GetIndices();
        var isAscending = AreAscending(indices);
        if (!isAscending)
        {
            Sort(ref values, ref indices);
            isAscending = AreAscending(indices);
        }

        var fault = features.Length != width || !AllWithin(indices, width) ? RowFault.Shape
            : !isAscending ? RowFault.Repeated
            : float.IsFinite(label) && float.IsFinite(weight) && Finite.All(values) ? RowFault.None
            : RowFault.NotFinite;
        Append(values, ref _values, last.Values);
        Append(indices, ref _indices, last.Indices);
        _ends.Add((last.Values + values.Length, last.Indices + indices.Length, label, weight, fault, key));
    }

    private static void Append<T>(ReadOnlySpan<T> items, ref T[] all, int end)
    {
        if (end + items.Length > all.Length) Array.Resize(ref all, Math.Max(2 * all.Length, end + items.Length));
        items.CopyTo(all.AsSpan(end));
    }

    private static bool AllWithin(ReadOnlySpan<int> indices, int width)
    {
        var vectors = MemoryMarshal.Cast<int, Vector<uint>>(indices);
        var largest = Vector<uint>.Zero;
        foreach (var vector in vectors) largest = Vector.Max(largest, vector);
        var isWithin = indices.IsEmpty || Vector.LessThanAll(largest, new Vector<uint>((uint)width));
        foreach (var index in indices[(vectors.Length * Vector<uint>.Count)..]) isWithin &= (uint)index < (uint)width;
        return isWithin;
    }

    private static bool AreAscending(ReadOnlySpan<int> indices)
    {
        for (var i = 1; i < indices.Length; i++)
            if (indices[i - 1] >= indices[i])
                return false;
        return true;
    }

    // ML.NET requires ascending indices, but does not check it.
    private void Sort(ref ReadOnlySpan<float> values, ref ReadOnlySpan<int> indices)
    {
        Append(indices, ref _sortedIndices, end: 0);
        Append(values, ref _sortedValues, end: 0);
        _sortedIndices.AsSpan(0, indices.Length).Sort(_sortedValues.AsSpan(0, values.Length));
        indices = _sortedIndices.AsSpan(0, indices.Length);
        values = _sortedValues.AsSpan(0, values.Length);
    }
}
