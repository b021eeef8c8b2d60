using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Optimizers;

/// <summary>
/// <c>g ← g + weightDecay · w</c>, <c>m ← beta1 · m + (1 − beta1) · g</c>, <c>v ← beta2 · v + (1 − beta2) · g²</c>,
/// <c>w ← w − rate · (m / (1 − beta1^t)) / (√(v / (1 − beta2^t)) + epsilon)</c>. Source: Kingma and Ba, "Adam", 2015;
/// PyTorch's <c>torch.optim.Adam</c>.
/// </summary>
/// <remarks>
/// For sparse rows the optimizer is lazy, as PyTorch's <c>SparseAdam</c>: a step updates w, m and v only for the features that occur in
/// the minibatch, and applies weight decay and L2Regularization only to their weights.
/// </remarks>
/// <example>
/// <code>
/// var options = new TorchLinearRegressionTrainer.Options { Optimizer = Optimizer.Adam(beta1: 0.95), LearningRate = 0.01 };
/// </code>
/// </example>
public sealed record Adam : AdamBase
{
    /// <summary>λ in [0, 3.4e38]: <c>g ← g + λ · w</c>; it is added to the L2Regularization of the trainer. Default: 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The value is negative, NaN or greater than the largest <see cref="float"/>.
    /// </exception>
    public double WeightDecay { get; init => field = Argument.NonNegativeSingle(value, "weightDecay"); }

    internal override double CoupledWeightDecay => WeightDecay;
}
