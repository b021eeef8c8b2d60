namespace Microsoft.ML.LrScheduling.Optimizers;

/// <summary>How a gradient and a learning rate become an update of the weights: an immutable configuration.</summary>
public abstract record Optimizer
{
    private protected Optimizer()
    {
    }

    /// <summary>Stochastic gradient descent. See <see cref="Optimizers.Sgd"/>.</summary>
    /// <param name="momentum">The part of the last update that is kept, in [0, 1).</param>
    /// <exception cref="ArgumentOutOfRangeException">The momentum is outside [0, 1).</exception>
    public static Sgd Sgd(double momentum = 0) => new(momentum);
}
