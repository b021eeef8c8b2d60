using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Microsoft.ML.LrScheduling.Engines.Torch;

/// <summary>
/// A contiguous tensor of floats with its elements in host memory: the memory of the tensor itself on the CPU, otherwise a copy. It owns
/// the tensor.
/// </summary>
internal sealed unsafe class TensorBuffer : IDisposable
{
    // The pointer is cached, because getting it from a tensor takes as long as a small product. The memory does not move while the tensor
    // exists.
    private readonly float* _elements;
    private readonly int _length;
    private readonly torch.Tensor? _copy;

    /// <param name="tensor">The tensor.</param>
    /// <param name="place">The device of the tensor.</param>
    public TensorBuffer(torch.Tensor tensor, TorchPlace place)
    {
        // Detached, so that no dispose scope of the caller disposes the tensor earlier than this object does.
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

    /// <summary>Copies the elements from the device to host memory.</summary>
    public void ToHost() => _copy?.copy_(Tensor);

    /// <summary>Copies the elements from host memory to the device.</summary>
    public void ToDevice()
    {
        if (_copy is not null) Tensor.copy_(_copy);
    }

    /// <summary>Writes the elements.</summary>
    public void Write(BinaryWriter writer) => writer.Write(MemoryMarshal.AsBytes(Elements));

    /// <summary>Reads all elements.</summary>
    public void Read(BinaryReader reader) => reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(Elements));

    public void Dispose()
    {
        Tensor.Dispose();
        _copy?.Dispose();
    }
}
