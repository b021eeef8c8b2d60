using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Optimizers;

/// <summary>
/// <c>g ← g + weightDecay · w</c>, <c>m ← beta1 · m + (1 − beta1) · g</c>, <c>v ← beta2 · v + (1 − beta2) · g²</c>,
/// <c>w ← w − rate · (m / (1 − beta1^t)) / (√(v / (1 − beta2^t)) + epsilon)</c>. Source: Kingma and Ba, "Adam", 2015;
/// PyTorch's <c>torch.optim.Adam</c>.
/// </summary>
/// <remarks>
/// Of sparse rows the lazy form, PyTorch's <c>SparseAdam</c>: a step changes w, m and v only of the features that a row of its minibatch
/// has, and weight decay and L2Regularization concern a weight at these steps only.
/// </remarks>
/// <example>
/// <code>
/// var options = new TorchLinearRegressionTrainer.Options { Optimizer = Optimizer.Adam(beta1: 0.95), LearningRate = 0.01 };
/// </code>
/// </example>
public sealed record Adam : AdamBase
{
    /// <summary>λ in [0, 3.4e38]: <c>g ← g + λ · w</c>; adds to the trainer's own L2Regularization. Default: 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative, NaN or beyond a float.</exception>
    public double WeightDecay { get; init => field = Argument.NonNegativeSingle(value, "weightDecay"); }

    internal override double GradientDecay => WeightDecay;
}
