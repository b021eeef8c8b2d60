using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Optimizers;

/// <summary>
/// <c>g ← g + weightDecay · w</c>, <c>v ← alpha · v + (1 − alpha) · g²</c>, <c>w ← w − rate · g / (√v + epsilon)</c>.
/// Centered: <c>a ← alpha · a + (1 − alpha) · g</c> and <c>√(v − a²)</c> in place of √v. With momentum:
/// <c>b ← momentum · b + g / (√v + epsilon)</c>, <c>w ← w − rate · b</c>. Source: Hinton's lecture 6e, 2012; PyTorch's
/// <c>torch.optim.RMSprop</c>.
/// </summary>
/// <remarks>
/// Of sparse rows weight decay and L2Regularization are lazy: they concern a weight only at the steps that meet its feature.
/// </remarks>
/// <example>
/// <code>
/// var options = new TorchLinearRegressionTrainer.Options { Optimizer = Optimizer.RmsProp(alpha: 0.9), LearningRate = 0.01 };
/// </code>
/// </example>
public sealed record RmsProp : Optimizer
{
    /// <summary>The decay of the mean of the squared gradients, in [0, 1). Default: 0.99.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside [0, 1).</exception>
    public double Alpha { get; init => field = Argument.FractionOrZero(value, "alpha"); } = 0.99;

    /// <summary>What keeps the divisor from zero, in [0, 3.4e38]. Default: 1e-8.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative, NaN or beyond a float.</exception>
    public double Epsilon { get; init => field = Argument.NonNegativeSingle(value, "epsilon"); } = 1e-8;

    /// <summary>λ in [0, 3.4e38]: <c>g ← g + λ · w</c>; adds to the trainer's own L2Regularization. Default: 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative, NaN or beyond a float.</exception>
    public double WeightDecay { get; init => field = Argument.NonNegativeSingle(value, "weightDecay"); }

    /// <summary>The part of the last update that is kept, in [0, 1). Default: 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside [0, 1).</exception>
    public double Momentum { get; init => field = Argument.FractionOrZero(value, "momentum"); }

    /// <summary>
    /// Whether the gradients are divided by their standard deviation, instead of by the root of their mean square. Default: false.
    /// </summary>
    public bool Centered { get; init; }

    internal override double? CycledMomentum => Momentum;

    internal override double SquareKeep => Alpha;

    internal override double DivisorEpsilon => Epsilon;

    internal override double? StartingRate => 0.01;

    internal override object Kind => (typeof(RmsProp), Centered);

    internal override double GradientDecay => WeightDecay;
}
