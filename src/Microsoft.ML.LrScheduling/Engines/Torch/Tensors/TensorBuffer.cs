using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Microsoft.ML.LrScheduling.Engines.Torch;

/// <summary>
/// A contiguous tensor of floats, and its elements in the memory of this process: in place where the tensor is on the CPU, else in a copy
/// there. Owns the tensor.
/// </summary>
internal sealed unsafe class TensorBuffer : IDisposable
{
    // Asking a tensor for its memory takes as long as a small product: it is asked once. The memory stays where it is while the tensor
    // lives.
    private readonly float* _elements;
    private readonly int _length;
    private readonly torch.Tensor? _copy;

    /// <param name="tensor">The tensor.</param>
    /// <param name="place">Where it is.</param>
    public TensorBuffer(torch.Tensor tensor, TorchPlace place)
    {
        // It lives as long as this does, in whatever scope it was made.
        Tensor = tensor.DetachFromDisposeScope();
        _copy = place.HasCopies ? Tensors.Zeros(TorchPlace.Cpu, tensor.shape) : null;
        ToHost();
        var elements = (_copy ?? tensor).Floats();
        _elements = (float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(elements));
        _length = elements.Length;
    }

    /// <summary>The tensor.</summary>
    public torch.Tensor Tensor { get; }

    /// <summary>The elements, row-major.</summary>
    public Span<float> Elements => new(_elements, _length);

    /// <summary>Lets the elements have what was computed in the tensor.</summary>
    public void ToHost() => _copy?.copy_(Tensor);

    /// <summary>Lets the tensor have what was written to the elements.</summary>
    public void ToDevice()
    {
        if (_copy is not null) Tensor.copy_(_copy);
    }

    /// <summary>Writes the elements.</summary>
    public void Write(BinaryWriter writer) => writer.Write(MemoryMarshal.AsBytes(Elements));

    /// <summary>Reads as many elements.</summary>
    public void Read(BinaryReader reader) => reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(Elements));

    public void Dispose()
    {
        Tensor.Dispose();
        _copy?.Dispose();
    }
}
