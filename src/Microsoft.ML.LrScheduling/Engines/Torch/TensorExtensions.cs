using System.Runtime.InteropServices;
using TorchSharp;

namespace Microsoft.ML.LrScheduling.Engines.Torch;

/// <summary>Access to the memory of a tensor.</summary>
internal static class TensorExtensions
{
    /// <summary>The elements of a contiguous tensor of 32-bit floats on the CPU, in place.</summary>
    public static Span<float> Floats(this torch.Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes);
}
