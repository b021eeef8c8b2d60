using Microsoft.ML.LrScheduling.Optimizers;

namespace Microsoft.ML.LrScheduling.Engines;

/// <summary>What each of several models that train together has to itself.</summary>
/// <param name="Optimizer">The optimizer.</param>
/// <param name="L1Regularization">λ of the penalty λ · ‖weights‖₁, which the biases are free of.</param>
/// <param name="L2Regularization">λ of the penalty λ/2 · ‖weights‖², which the biases are free of.</param>
/// <param name="Clipping">The limits of gradients; null for none.</param>
internal sealed record ModelSettings(
    Optimizer Optimizer, double L1Regularization = 0, double L2Regularization = 0, GradientClipping? Clipping = null);
