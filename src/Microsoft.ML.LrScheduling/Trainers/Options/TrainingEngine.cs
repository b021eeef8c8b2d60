using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Trainers;

/// <summary>
/// The engine that computes the training steps. All engines visit the same rows in the same order. Their models are the same except for
/// rounding.
/// </summary>
[JsonConverter(typeof(EnumJsonConverter))]
public enum TrainingEngine
{
    /// <summary><see cref="Fused"/> on the CPU, <see cref="Torch"/> on any other device.</summary>
    Auto,

    /// <summary>
    /// The engine of this package: SIMD code on the CPU, with one pass over each minibatch. It is many times faster than
    /// <see cref="Torch"/> for small minibatches, and does not need libtorch.
    /// </summary>
    Fused,

    /// <summary>
    /// TorchSharp's tensor operations, on the CPU or a GPU. Your application must reference <c>TorchSharp-cpu</c>, a smaller package such
    /// as <c>libtorch-cpu-linux-x64</c>, which has one platform, or a CUDA package.
    /// </summary>
    Torch,
}
