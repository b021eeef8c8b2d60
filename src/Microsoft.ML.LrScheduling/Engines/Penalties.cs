using Microsoft.ML.LrScheduling.Optimizers;

namespace Microsoft.ML.LrScheduling.Engines;

/// <summary>The penalties and decays that move the weights of a model towards zero.</summary>
/// <param name="Decay">λ of the decay that is added to the gradient: <c>g ← g + λ · w</c>.</param>
/// <param name="DetachedDecay">λ of the decoupled decay: <c>w ← w − rate · λ · w</c>.</param>
/// <param name="L1">λ of the penalty λ · ‖w‖₁.</param>
internal readonly record struct Penalties(double Decay, double DetachedDecay, double L1)
{
    /// <summary>Returns the penalties of a model.</summary>
    public static Penalties Of(ModelSettings own) => new(
        own.Optimizer.CoupledWeightDecay + own.L2Regularization, own.Optimizer is AdamW adam ? adam.WeightDecay : 0, own.L1Regularization);
}
