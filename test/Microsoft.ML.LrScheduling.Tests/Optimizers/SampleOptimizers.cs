using Microsoft.ML.LrScheduling.Optimizers;

namespace Microsoft.ML.LrScheduling.Tests.Optimizers;

/// <summary>
/// Optimizers of every kind, with each of their settings in one at least: the general tests of optimizers go through all of them.
/// </summary>
internal static class SampleOptimizers
{
    public static readonly Optimizer[] All =
    [
        Optimizer.Sgd(), Optimizer.Sgd(momentum: 0.9), Optimizer.Sgd(momentum: 0.8, dampening: 0.3),
        Optimizer.Sgd(momentum: 0.9, nesterov: true, weightDecay: 0.01),
        Optimizer.Adam(), Optimizer.Adam(beta1: 0.8, beta2: 0.99, epsilon: 1e-6, weightDecay: 0.02), Optimizer.Adam(amsGrad: true),
        Optimizer.AdamW(), Optimizer.AdamW(weightDecay: 0.1, amsGrad: true),
        Optimizer.RmsProp(), Optimizer.RmsProp(alpha: 0.9, momentum: 0.5, weightDecay: 0.01), Optimizer.RmsProp(centered: true),
        Optimizer.RmsProp(epsilon: 0.01, momentum: 0.9, centered: true),
        Optimizer.Adagrad(), Optimizer.Adagrad(lrDecay: 0.01, weightDecay: 0.02, initialAccumulatorValue: 0.1, epsilon: 1e-6),
    ];
}
