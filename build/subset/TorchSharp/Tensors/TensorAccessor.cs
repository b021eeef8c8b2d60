using System;
using System.Collections;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using TorchSharp.Interop;

namespace TorchSharp.Utils;

// The elements of a tensor in row order, whatever its strides. Keeps the tensor object alive, though not from being disposed.
public sealed unsafe class TensorAccessor<T> : IDisposable, IEnumerable<T> where T : unmanaged
{
    private readonly long[] _shape;
    private readonly long[] _strides;
    private readonly bool _contiguous;
    private torch.Tensor _tensor;

    internal TensorAccessor(torch.Tensor tensor)
    {
        _tensor = tensor;
        _shape = tensor.shape;
        _strides = tensor.stride();
        _contiguous = tensor.is_contiguous();
        Count = tensor.NumberOfElements;
    }

    public long Count { get; }

    public bool IsReadOnly => false;

    private T* Start => (T*)Native.Data((_tensor ?? throw new ObjectDisposedException(nameof(TensorAccessor<>))).Handle);

    // One index counts elements in row order; more are one a dimension.
    public T this[params long[] indices]
    {
        get => Start[Offset(indices)];
        set => Start[Offset(indices)] = value;
    }

    public T[] ToArray()
    {
        var array = GC.AllocateUninitializedArray<T>(checked((int)Count));
        CopyTo(array);
        return array;
    }

    public void CopyTo(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyTo(array.AsSpan(), arrayIndex, tensorIndex);

    public void CopyTo(Span<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        var target = array[arrayIndex..];
        var count = (int)Math.Min(target.Length, Remaining(tensorIndex));
        var start = Start;
        if (_contiguous) new Span<T>(start + tensorIndex, count).CopyTo(target);
        else
            for (var i = 0; i < count; i++) target[i] = start[Offset(tensorIndex + i)];
        GC.KeepAlive(_tensor);
    }

    public void CopyFrom(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyFrom((ReadOnlySpan<T>)array, arrayIndex, tensorIndex);

    public void CopyFrom(ReadOnlySpan<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        var source = array[arrayIndex..];
        var count = (int)Math.Min(source.Length, Remaining(tensorIndex));
        var start = Start;
        if (_contiguous) source[..count].CopyTo(new Span<T>(start + tensorIndex, count));
        else
            for (var i = 0; i < count; i++) start[Offset(tensorIndex + i)] = source[i];
        GC.KeepAlive(_tensor);
    }

    public IEnumerator<T> GetEnumerator()
    {
        for (var i = 0L; i < Count; i++) yield return At(i);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override bool Equals(object obj) => ReferenceEquals(this, obj);

    public override int GetHashCode() => RuntimeHelpers.GetHashCode(this);

    public void Dispose() => _tensor = null;

    private T At(long index) => Start[Offset(index)];

    private long Remaining(long index) => index >= 0 && index <= Count
        ? Count - index
        : throw new ArgumentOutOfRangeException(nameof(index), index, $"The index must be from 0 to {Count}.");

    private long Offset(long index)
    {
        if (_contiguous) return index;
        var offset = 0L;
        for (var dimension = _shape.Length - 1; dimension >= 0; dimension--)
        {
            (index, var within) = Math.DivRem(index, _shape[dimension]);
            offset += within * _strides[dimension];
        }
        return offset;
    }

    private long Offset(long[] indices)
    {
        if (indices.Length == 1) return indices[0] >= 0 && indices[0] < Count ? Offset(indices[0]) : throw OutOfRange(indices);
        if (indices.Length != _shape.Length) throw OutOfRange(indices);
        var offset = 0L;
        for (var dimension = 0; dimension < indices.Length; dimension++)
        {
            if (indices[dimension] < 0 || indices[dimension] >= _shape[dimension]) throw OutOfRange(indices);
            offset += indices[dimension] * _strides[dimension];
        }
        return offset;
    }

    private IndexOutOfRangeException OutOfRange(long[] indices) =>
        new($"[{string.Join(", ", indices)}] is not an element of a tensor of shape [{string.Join(", ", _shape)}].");
}
