using Microsoft.ML.LrScheduling.Optimizers;

namespace Microsoft.ML.LrScheduling.Engines;

/// <summary>The settings of one model, which can differ between models that train together.</summary>
/// <param name="Optimizer">The optimizer.</param>
/// <param name="L1Regularization">λ of the penalty λ · ‖weights‖₁, which does not apply to the biases.</param>
/// <param name="L2Regularization">λ of the penalty λ/2 · ‖weights‖², which does not apply to the biases.</param>
/// <param name="Clipping">The limits of gradients; null for none.</param>
internal sealed record ModelSettings(
    Optimizer Optimizer, double L1Regularization = 0, double L2Regularization = 0, GradientClipping? Clipping = null)
{
    /// <summary>Which terms the step has. Models with the same terms get the same bits, whichever of them train together.</summary>
    public object Terms => (Clipping is null, Clipping?.MaximumNorm is null, Optimizer.CycledMomentum > 0, Penalties.Of(this) switch
    {
        var (decay, detached, l1) => (decay != 0, detached != 0, l1 != 0),
    });
}
