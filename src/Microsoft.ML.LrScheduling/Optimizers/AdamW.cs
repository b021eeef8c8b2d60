using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Optimizers;

/// <summary>
/// <see cref="Adam"/> with decoupled weight decay: <c>w ← w − rate · weightDecay · w</c>, then the step of Adam without weight decay.
/// Source: Loshchilov and Hutter, "Decoupled weight decay regularization", 2019; PyTorch's <c>torch.optim.AdamW</c>.
/// </summary>
/// <remarks>
/// For sparse rows the optimizer is lazy, as PyTorch's <c>SparseAdam</c>: see <see cref="Adam"/>. The decoupled weight decay still applies
/// to all weights at each step.
/// </remarks>
/// <example>
/// <code>
/// var options = new TorchLinearRegressionTrainer.Options { Optimizer = Optimizer.AdamW(weightDecay: 0.05), LearningRate = 0.01 };
/// </code>
/// </example>
public sealed record AdamW : AdamBase
{
    /// <summary>λ in [0, 3.4e38]: <c>w ← w − rate · λ · w</c> before each step. Default: 0.01.</summary>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The value is negative, NaN or greater than the largest <see cref="float"/>.
    /// </exception>
    public double WeightDecay { get; init => field = Argument.NonNegativeSingle(value, "weightDecay"); } = 0.01;

    internal override double CoupledWeightDecay => 0;
}
