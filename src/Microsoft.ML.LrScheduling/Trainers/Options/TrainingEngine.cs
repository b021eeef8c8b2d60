using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>
/// What does the arithmetic of training. All engines visit the same rows in the same order, and give the same model but for rounding.
/// </summary>
[JsonConverter(typeof(EnumJsonConverter))]
public enum TrainingEngine
{
    /// <summary><see cref="Fused"/> on the CPU, <see cref="Torch"/> on another device.</summary>
    Auto,

    /// <summary>
    /// This package's own: vectors on the CPU, one pass over each minibatch, many times as fast at small ones. It needs no libtorch.
    /// </summary>
    Fused,

    /// <summary>
    /// TorchSharp's operations on tensors, on the CPU or a GPU. The application adds <c>TorchSharp-cpu</c>, or a CUDA one.
    /// </summary>
    Torch,
}
