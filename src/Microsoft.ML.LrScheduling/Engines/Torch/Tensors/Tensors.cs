using System.Runtime.InteropServices;
using TorchSharp;

namespace Microsoft.ML.LrScheduling.Engines.Torch;

/// <summary>Tensors of 32-bit floats, whatever the defaults of the process are.</summary>
internal static class Tensors
{
    /// <summary>A tensor of zeros, which lives until it is disposed of, in whatever scope it was made.</summary>
    public static torch.Tensor Zeros(TorchPlace place, params long[] shape) =>
        torch.zeros(shape, torch.float32, place.Device).DetachFromDisposeScope();

    /// <summary>The elements of a contiguous tensor, in place.</summary>
    public static Span<float> Floats(this torch.Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes);
}
