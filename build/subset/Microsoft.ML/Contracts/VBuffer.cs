using System.Collections;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Data;

/// <summary>A vector that is either dense or holds some of its slots by index; its arrays are reused from row to row.</summary>
public readonly struct VBuffer<T> : IEnumerable
{
    private readonly T[] _values;
    private readonly int[] _indices;
    private readonly int _count;

    public readonly int Length;

    public bool IsDense => _count == Length;

    public VBuffer(int length, T[] values, int[] indices = null)
    {
        Contracts.CheckParam(length >= 0, nameof(length), $"A vector's length must be at least 0. Received: {length}.");
        Contracts.CheckParam((values?.Length ?? 0) >= length, nameof(values),
            $"A dense vector of length {length} needs as many values. Received: {values?.Length ?? 0}.");
        (Length, _count, _values, _indices) = (length, length, values, indices);
    }

    public VBuffer(int length, int count, T[] values, int[] indices)
    {
        Contracts.CheckParam(length >= 0, nameof(length), $"A vector's length must be at least 0. Received: {length}.");
        Contracts.CheckParam(0 <= count && count <= length, nameof(count),
            $"The number of explicit values must be in [0, {length}]. Received: {count}.");
        Contracts.CheckParam((values?.Length ?? 0) >= count, nameof(values),
            $"{count} explicit values need as long an array. Received: {values?.Length ?? 0}.");
        Contracts.CheckParam(count == length || (indices?.Length ?? 0) >= count, nameof(indices),
            $"{count} explicit values need as many indices. Received: {indices?.Length ?? 0}.");
        (Length, _count, _values, _indices) = (length, count, values, indices);
    }

    // For the editor, which has made the arrays fit itself.
    internal VBuffer(T[] values, int[] indices, int length, int count)
        => (_values, _indices, Length, _count) = (values, indices, length, count);

    internal T[] ValuesArray => _values;

    internal int[] IndicesArray => _indices;

    public ReadOnlySpan<T> GetValues() => new(_values, 0, _count);

    /// <summary>The ascending slots of the explicit values; empty where the vector is dense.</summary>
    public ReadOnlySpan<int> GetIndices() => IsDense ? default : _indices.AsSpan(0, _count);

    public T GetItemOrDefault(int index)
    {
        if ((uint)index >= (uint)Length)
            throw new ArgumentOutOfRangeException(nameof(index), index, $"A slot's index must be in [0, {Length - 1}].");
        if (IsDense)
            return _values[index];
        var place = GetIndices().BinarySearch(index);
        return place < 0 ? default : _values[place];
    }

    public void GetItemOrDefault(int index, ref T destination) => destination = GetItemOrDefault(index);

    public IEnumerable<KeyValuePair<int, T>> Items(bool all = false)
    {
        if (IsDense || !all)
        {
            for (var i = 0; i < _count; i++)
                yield return new(IsDense ? i : _indices[i], _values[i]);
            yield break;
        }
        for (int slot = 0, next = 0; slot < Length; slot++)
        {
            var isExplicit = next < _count && _indices[next] == slot;
            yield return new(slot, isExplicit ? _values[next++] : default);
        }
    }

    public IEnumerable<T> DenseValues() => Items(all: true).Select(item => item.Value);

    public IEnumerator GetEnumerator() => (_values ?? []).GetEnumerator();

    public void CopyTo(Span<T> destination) => CopyTo(destination, 0);

    public void CopyTo(Span<T> destination, int destinationIndex, T defaultValue = default)
    {
        Contracts.CheckParam(0 <= destinationIndex && destinationIndex <= destination.Length - Length, nameof(destination),
            $"{Length} values from index {destinationIndex} need a longer destination. Received: {destination.Length}.");
        var target = destination.Slice(destinationIndex, Length);
        if (IsDense)
        {
            GetValues().CopyTo(target);
            return;
        }
        target.Fill(defaultValue);
        for (var i = 0; i < _count; i++)
            target[_indices[i]] = _values[i];
    }

    public void CopyTo(ref VBuffer<T> destination)
    {
        var editor = VBufferEditor.Create(ref destination, Length, _count);
        GetValues().CopyTo(editor.Values);
        GetIndices().CopyTo(editor.Indices);
        destination = editor.Commit();
    }

    public void CopyTo(ref VBuffer<T> destination, int sourceIndex, int length)
    {
        Contracts.CheckParam(0 <= sourceIndex && sourceIndex <= Length, nameof(sourceIndex),
            $"The first slot must be in [0, {Length}]. Received: {sourceIndex}.");
        Contracts.CheckParam(0 <= length && length <= Length - sourceIndex, nameof(length),
            $"The number of slots must be in [0, {Length - sourceIndex}]. Received: {length}.");
        var (first, end) = IsDense ? (sourceIndex, sourceIndex + length) : (Place(sourceIndex), Place(sourceIndex + length));
        var editor = VBufferEditor.Create(ref destination, length, end - first);
        GetValues()[first..end].CopyTo(editor.Values);
        if (!IsDense && end - first < length)
        {
            for (var i = first; i < end; i++)
                editor.Indices[i - first] = _indices[i] - sourceIndex;
        }
        destination = editor.Commit();
    }

    public void CopyToDense(ref VBuffer<T> destination)
    {
        var editor = VBufferEditor.Create(ref destination, Length);
        CopyTo(editor.Values);
        destination = editor.Commit();
    }

    public static void Copy(T[] source, int sourceIndex, ref VBuffer<T> destination, int length)
    {
        Contracts.CheckParam(0 <= length && length <= (source?.Length ?? 0), nameof(length),
            $"The number of slots must be in [0, {source?.Length ?? 0}]. Received: {length}.");
        Contracts.CheckParam(0 <= sourceIndex && sourceIndex <= (source?.Length ?? 0) - length, nameof(sourceIndex),
            $"The first slot must leave room for {length}. Received: {sourceIndex}.");
        var editor = VBufferEditor.Create(ref destination, length);
        source.AsSpan(sourceIndex, length).CopyTo(editor.Values);
        destination = editor.Commit();
    }

    public override string ToString()
        => IsDense ? $"Dense vector of size {Length}" : $"Sparse vector of size {Length}, {_count} explicit values";

    // Where a slot stands among the explicit values, or would.
    private int Place(int slot)
    {
        var place = GetIndices().BinarySearch(slot);
        return place < 0 ? ~place : place;
    }
}
