using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Optimizers;

/// <summary>
/// Stochastic gradient descent: <c>g ← g + weightDecay · w</c>, <c>v ← momentum · v + (1 − dampening) · g</c>, <c>w ← w − rate · v</c>; v
/// starts as the first g. With Nesterov momentum, <c>g + momentum · v</c> replaces v in the last formula. Source: PyTorch's
/// <c>torch.optim.SGD</c>.
/// </summary>
/// <example>
/// <code>
/// var options = new TorchLinearRegressionTrainer.Options { Optimizer = Optimizer.Sgd(momentum: 0.9, nesterov: true) };
/// </code>
/// </example>
public sealed record Sgd : Optimizer
{
    /// <summary>The momentum: the fraction of the previous update that is kept, in [0, 1). Default: 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside [0, 1).</exception>
    public double Momentum { get; init => field = Argument.FractionOrZero(value, "momentum"); }

    /// <summary>The dampening: the fraction of the gradient that is not added to the momentum, in [0, 1). Default: 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside [0, 1).</exception>
    public double Dampening { get; init => field = Argument.FractionOrZero(value, "dampening"); }

    /// <summary>Whether to use Nesterov momentum, which needs a momentum above 0 and no dampening. Default: false.</summary>
    public bool Nesterov { get; init; }

    /// <summary>λ in [0, 3.4e38]: <c>g ← g + λ · w</c>; it is added to the L2Regularization of the trainer. Default: 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The value is negative, NaN or greater than the largest <see cref="float"/>.
    /// </exception>
    public double WeightDecay { get; init => field = Argument.NonNegativeSingle(value, "weightDecay"); }

    internal override double? CycledMomentum => Momentum;

    internal override double? StartingRate => null;

    internal override object Kind => (typeof(Sgd), Nesterov);

    internal override double CoupledWeightDecay => WeightDecay;

    internal override void CheckSettings()
    {
        if (Nesterov && (Momentum == 0 || Dampening != 0))
            throw new ArgumentException(
                FormattableString.Invariant(
                    $"nesterov needs a momentum in (0, 1) and a dampening of 0. Received: {Momentum} and {Dampening}"), "nesterov");
    }
}
