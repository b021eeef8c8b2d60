using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Optimizers;

/// <summary>The base of <see cref="Adam"/> and <see cref="AdamW"/>.</summary>
public abstract record AdamBase : Optimizer
{
    private protected AdamBase()
    {
    }

    /// <summary>
    /// The decay of the moving average of the gradients, in [0, 1). A schedule that cycles the momentum changes this value. Default: 0.9.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside [0, 1).</exception>
    public double Beta1 { get; init => field = Argument.FractionOrZero(value, "beta1"); } = 0.9;

    /// <summary>The decay of the moving average of the squared gradients, in [0, 1). Default: 0.999.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside [0, 1).</exception>
    public double Beta2 { get; init => field = Argument.FractionOrZero(value, "beta2"); } = 0.999;

    /// <summary>The number that is added to the divisor to avoid division by zero, in [0, 3.4e38]. Default: 1e-8.</summary>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The value is negative, NaN or greater than the largest <see cref="float"/>.
    /// </exception>
    public double Epsilon { get; init => field = Argument.NonNegativeSingle(value, "epsilon"); } = 1e-8;

    /// <summary>
    /// Whether the divisor uses the maximum of v so far (AMSGrad), as in Reddi et al., "On the convergence of Adam and beyond", 2018.
    /// Default: false.
    /// </summary>
    public bool AmsGrad { get; init; }

    internal sealed override double? CycledMomentum => Beta1;

    internal sealed override double SquareAverageDecay => Beta2;

    internal sealed override double DivisorEpsilon => Epsilon;

    internal sealed override double? StartingRate => 0.01;

    internal sealed override object Kind => (GetType(), AmsGrad);

    internal sealed override (double Rate, double Root) CorrectionsAt(long step) =>
        (1 / (1 - Math.Pow(Beta1, step)), Math.Sqrt(1 - Math.Pow(Beta2, step)));
}
