using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Optimizers;

/// <summary>
/// <c>g ← g + weightDecay · w</c>, <c>v ← v + g²</c>, <c>w ← w − rate / (1 + (t − 1) · lrDecay) · g / (√v + epsilon)</c>;
/// the first v is initialAccumulatorValue. Source: Duchi, Hazan and Singer, "Adaptive subgradient methods", 2011; PyTorch's
/// <c>torch.optim.Adagrad</c>.
/// </summary>
/// <remarks>
/// Of sparse rows weight decay and L2Regularization are lazy: they concern a weight only at the steps that meet its feature.
/// </remarks>
/// <example>
/// <code>
/// var options = new TorchLinearRegressionTrainer.Options { Optimizer = Optimizer.Adagrad(), LearningRate = 0.1 };
/// </code>
/// </example>
public sealed record Adagrad : Optimizer
{
    /// <summary>How fast the rate falls, in [0, ∞). Default: 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative, NaN or infinite.</exception>
    public double LrDecay { get; init => field = Argument.NonNegative(value, "lrDecay"); }

    /// <summary>λ in [0, 3.4e38]: <c>g ← g + λ · w</c>; adds to the trainer's own L2Regularization. Default: 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative, NaN or beyond a float.</exception>
    public double WeightDecay { get; init => field = Argument.NonNegativeSingle(value, "weightDecay"); }

    /// <summary>The sum of squares to begin with, in [0, 3.4e38]. Default: 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative, NaN or beyond a float.</exception>
    public double InitialAccumulatorValue { get; init => field = Argument.NonNegativeSingle(value, "initialAccumulatorValue"); }

    /// <summary>What keeps the divisor from zero, in [0, 3.4e38]. Default: 1e-10.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative, NaN or beyond a float.</exception>
    public double Epsilon { get; init => field = Argument.NonNegativeSingle(value, "epsilon"); } = 1e-10;

    internal override double? CycledMomentum => null;

    internal override double GradientDecay => WeightDecay;

    internal override double InitialSquare => InitialAccumulatorValue;

    internal override double DivisorEpsilon => Epsilon;

    internal override double? StartingRate => 0.1;

    internal override (double Rate, double Root) CorrectionsAt(long step) => (1 / (1 + (step - 1) * LrDecay), 1);
}
