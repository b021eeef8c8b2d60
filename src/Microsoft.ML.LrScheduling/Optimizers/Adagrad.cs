using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Optimizers;

/// <summary>
/// <c>g ← g + weightDecay · w</c>, <c>v ← v + g²</c>, <c>w ← w − rate / (1 + (t − 1) · lrDecay) · g / (√v + epsilon)</c>; v starts at
/// initialAccumulatorValue. Source: Duchi, Hazan and Singer, "Adaptive subgradient methods", 2011; PyTorch's <c>torch.optim.Adagrad</c>.
/// </summary>
/// <remarks>
/// For sparse rows, weight decay and L2Regularization are lazy: a step applies them only to the weights whose features occur in the
/// minibatch.
/// </remarks>
/// <example>
/// <code>
/// var options = new TorchLinearRegressionTrainer.Options { Optimizer = Optimizer.Adagrad(), LearningRate = 0.1 };
/// </code>
/// </example>
public sealed record Adagrad : Optimizer
{
    /// <summary>The decay of the rate per step, as in the formula, in [0, ∞). Default: 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative, NaN or infinite.</exception>
    public double LrDecay { get; init => field = Argument.NonNegative(value, "lrDecay"); }

    /// <summary>λ in [0, 3.4e38]: <c>g ← g + λ · w</c>; it is added to the L2Regularization of the trainer. Default: 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The value is negative, NaN or greater than the largest <see cref="float"/>.
    /// </exception>
    public double WeightDecay { get; init => field = Argument.NonNegativeSingle(value, "weightDecay"); }

    /// <summary>The initial value of the sum of squared gradients, in [0, 3.4e38]. Default: 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The value is negative, NaN or greater than the largest <see cref="float"/>.
    /// </exception>
    public double InitialAccumulatorValue { get; init => field = Argument.NonNegativeSingle(value, "initialAccumulatorValue"); }

    /// <summary>The number that is added to the divisor to avoid division by zero, in [0, 3.4e38]. Default: 1e-10.</summary>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The value is negative, NaN or greater than the largest <see cref="float"/>.
    /// </exception>
    public double Epsilon { get; init => field = Argument.NonNegativeSingle(value, "epsilon"); } = 1e-10;

    internal override double? CycledMomentum => null;

    internal override double CoupledWeightDecay => WeightDecay;

    internal override double InitialSquare => InitialAccumulatorValue;

    internal override double DivisorEpsilon => Epsilon;

    internal override double? StartingRate => 0.1;

    internal override (double Rate, double Root) CorrectionsAt(long step) => (1 / (1 + (step - 1) * LrDecay), 1);
}
