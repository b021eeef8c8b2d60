using Microsoft.ML.LrScheduling.Optimizers;

namespace Microsoft.ML.LrScheduling.Engines;

/// <summary>What each of several models that train together has to itself.</summary>
/// <param name="Optimizer">The optimizer.</param>
/// <param name="L1Regularization">λ of the penalty λ · ‖weights‖₁, which the biases are free of.</param>
/// <param name="L2Regularization">λ of the penalty λ/2 · ‖weights‖², which the biases are free of.</param>
/// <param name="Clipping">The limits of gradients; null for none.</param>
internal sealed record ModelSettings(
    Optimizer Optimizer, double L1Regularization = 0, double L2Regularization = 0, GradientClipping? Clipping = null)
{
    /// <summary>The terms that its step has: models whose terms are the same are not trained otherwise by one another's company.</summary>
    public object Terms => (Clipping is null, Clipping?.MaximumNorm is null, Optimizer.CycledMomentum > 0, Penalties.Of(this) switch
    {
        var (decay, detached, l1) => (decay != 0, detached != 0, l1 != 0),
    });
}
