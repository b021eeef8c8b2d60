using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Microsoft.ML.LrScheduling.Engines.Torch;

/// <summary>A contiguous tensor of floats on the CPU, and its elements in place. Owns the tensor.</summary>
internal sealed unsafe class TensorBuffer : IDisposable
{
    // Asking a tensor for its memory takes as long as a small product: it is asked once. The memory stays where it is while the tensor lives.
    private readonly float* _elements;
    private readonly int _length;

    public TensorBuffer(torch.Tensor tensor)
    {
        Tensor = tensor;
        var elements = tensor.Floats();
        _elements = (float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(elements));
        _length = elements.Length;
    }

    /// <summary>The tensor.</summary>
    public torch.Tensor Tensor { get; }

    /// <summary>The elements, row-major.</summary>
    public Span<float> Elements => new(_elements, _length);

    public void Dispose() => Tensor.Dispose();
}
