using Microsoft.ML.LrScheduling.Data;
using Microsoft.ML.LrScheduling.Engines.Sparse;

namespace Microsoft.ML.LrScheduling.Engines.Fused;

/// <summary>The copied weights of <see cref="MetWeights"/> as a parameter group of the optimizers, with their gradients.</summary>
/// <param name="group">The parameter group.</param>
internal sealed class FusedTakenOut(FusedGroup group) : ITakenOut
{
    /// <summary>The gradients.</summary>
    public AlignedArray Gradient { get; private set; } = new(0);

    /// <inheritdoc/>
    public nint Weights => group.Values.Address;

    /// <inheritdoc/>
    public nint State(int i) => group.State(i).Address;

    /// <inheritdoc/>
    public void Resize(int places, int length)
    {
        group.Resize(length);
        Gradient = new AlignedArray(length);
    }
}
