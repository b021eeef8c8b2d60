using System.Runtime.InteropServices;
using TorchSharp;

namespace Microsoft.ML.LrScheduling.Engines.Torch;

/// <summary>Creates tensors of 32-bit floats, whatever the default type of the process is.</summary>
internal static class Tensors
{
    /// <summary>Creates a tensor of zeros. It lives until it is disposed, independent of dispose scopes.</summary>
    public static torch.Tensor Zeros(TorchPlace place, params long[] shape) =>
        torch.zeros(shape, torch.float32, place.Device).DetachFromDisposeScope();

    /// <summary>Returns the elements of a contiguous tensor, without a copy.</summary>
    public static Span<float> Floats(this torch.Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes);
}
