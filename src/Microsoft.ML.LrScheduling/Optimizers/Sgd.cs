using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Optimizers;

/// <summary>
/// Stochastic gradient descent with momentum: <c>v ← momentum · v + gradient</c>, <c>w ← w − rate · v</c>; the first <c>v</c> is the first
/// gradient. Source: PyTorch's <c>torch.optim.SGD</c>.
/// </summary>
public sealed record Sgd : Optimizer
{
    internal Sgd(double momentum) => Momentum = momentum;

    /// <summary>The part of the last update that is kept, in [0, 1). Default: 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside [0, 1).</exception>
    public double Momentum { get; init => field = Argument.FractionOrZero(value, "momentum"); }
}
