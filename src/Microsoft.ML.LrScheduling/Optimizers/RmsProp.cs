using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Optimizers;

/// <summary>
/// <c>g ← g + weightDecay · w</c>, <c>v ← alpha · v + (1 − alpha) · g²</c>, <c>w ← w − rate · g / (√v + epsilon)</c>. If centered, <c>a ←
/// alpha · a + (1 − alpha) · g</c> and <c>√(v − a²)</c> replaces √v. With momentum, <c>b ← momentum · b + g / (√v + epsilon)</c>, <c>w ← w
/// − rate · b</c>. Source: Hinton's lecture 6e, 2012; PyTorch's <c>torch.optim.RMSprop</c>.
/// </summary>
/// <remarks>
/// For sparse rows, weight decay and L2Regularization are lazy: a step applies them only to the weights whose features occur in the
/// minibatch.
/// </remarks>
/// <example>
/// <code>
/// var options = new TorchLinearRegressionTrainer.Options { Optimizer = Optimizer.RmsProp(alpha: 0.9), LearningRate = 0.01 };
/// </code>
/// </example>
public sealed record RmsProp : Optimizer
{
    /// <summary>The decay of the moving average of the squared gradients, in [0, 1). Default: 0.99.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside [0, 1).</exception>
    public double Alpha { get; init => field = Argument.FractionOrZero(value, "alpha"); } = 0.99;

    /// <summary>The number that is added to the divisor to avoid division by zero, in [0, 3.4e38]. Default: 1e-8.</summary>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The value is negative, NaN or greater than the largest <see cref="float"/>.
    /// </exception>
    public double Epsilon { get; init => field = Argument.NonNegativeSingle(value, "epsilon"); } = 1e-8;

    /// <summary>λ in [0, 3.4e38]: <c>g ← g + λ · w</c>; it is added to the L2Regularization of the trainer. Default: 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The value is negative, NaN or greater than the largest <see cref="float"/>.
    /// </exception>
    public double WeightDecay { get; init => field = Argument.NonNegativeSingle(value, "weightDecay"); }

    /// <summary>The momentum: the fraction of the previous update that is kept, in [0, 1). Default: 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside [0, 1).</exception>
    public double Momentum { get; init => field = Argument.FractionOrZero(value, "momentum"); }

    /// <summary>
    /// Whether the gradients are divided by an estimate of their standard deviation instead of their root mean square. Default: false.
    /// </summary>
    public bool Centered { get; init; }

    internal override double? CycledMomentum => Momentum;

    internal override double SquareAverageDecay => Alpha;

    internal override double DivisorEpsilon => Epsilon;

    internal override double? StartingRate => 0.01;

    internal override object Kind => (typeof(RmsProp), Centered);

    internal override double CoupledWeightDecay => WeightDecay;
}
