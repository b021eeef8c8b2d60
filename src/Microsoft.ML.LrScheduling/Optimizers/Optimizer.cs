using System.ComponentModel;
using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Optimizers;

/// <summary>An optimizer: how training updates the weights from a gradient and a learning rate. An immutable configuration.</summary>
/// <remarks>
/// The definitions and defaults are those of PyTorch's <c>torch.optim</c>, except for the learning rate, which is an option of the
/// trainer. In the formulas <c>g</c> is the gradient and <c>t</c> the number of the step, from 1. Weight decay applies to the weights, not
/// to the bias. With sparse rows, the cost of a step depends on the number of values in its minibatch. The updates of the other weights
/// are deferred until their features occur again. If such an update has no closed form, the optimizer is lazy, as PyTorch's
/// <c>SparseAdam</c>, and its documentation says so.
/// </remarks>
[TypeConverter(typeof(KindConverter))]
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Sgd), "Sgd")]
[JsonDerivedType(typeof(Adam), "Adam")]
[JsonDerivedType(typeof(AdamW), "AdamW")]
[JsonDerivedType(typeof(RmsProp), "RmsProp")]
[JsonDerivedType(typeof(Adagrad), "Adagrad")]
public abstract record Optimizer
{
    private protected Optimizer()
    {
    }

    /// <summary>The momentum that a schedule can cycle (for Adam, beta1); null if the optimizer has none.</summary>
    internal abstract double? CycledMomentum { get; }

    /// <summary>
    /// A key that is equal for optimizers with the same formula and different numbers. Such optimizers can train together.
    /// </summary>
    internal virtual object Kind => GetType();

    /// <summary>λ of the weight decay <c>g ← g + λ · w</c>.</summary>
    internal abstract double CoupledWeightDecay { get; }

    /// <summary>The decay of the moving average of squared gradients; 1 if the optimizer has no such average.</summary>
    internal virtual double SquareAverageDecay => 1;

    /// <summary>The initial value of the sum of squared gradients.</summary>
    internal virtual double InitialSquare => 0;

    /// <summary>The number that is added to the root of the squared gradients before a step divides by it.</summary>
    internal virtual double DivisorEpsilon => 0;

    /// <summary>
    /// The default initial learning rate; null if it is computed from the rows. Optimizers that divide by the size of the gradients move
    /// each weight by about the rate, whatever the rows are.
    /// </summary>
    internal abstract double? StartingRate { get; }

    /// <summary>Creates stochastic gradient descent (SGD). See <see cref="Optimizers.Sgd"/>.</summary>
    /// <param name="momentum">The momentum: the fraction of the previous update that is kept, in [0, 1).</param>
    /// <param name="dampening">The dampening: the fraction of the gradient that is not added to the momentum, in [0, 1).</param>
    /// <param name="nesterov">Whether to use Nesterov momentum, which needs a momentum above 0 and no dampening.</param>
    /// <param name="weightDecay">λ in [0, 3.4e38]: <c>g ← g + λ · w</c>.</param>
    /// <exception cref="ArgumentException">Nesterov momentum is used without a momentum, or with dampening.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static Sgd Sgd(double momentum = 0, double dampening = 0, bool nesterov = false, double weightDecay = 0) =>
        Checked(new Sgd { Momentum = momentum, Dampening = dampening, Nesterov = nesterov, WeightDecay = weightDecay });

    /// <summary>Creates the Adam optimizer. See <see cref="Optimizers.Adam"/>.</summary>
    /// <param name="beta1">The decay of the moving average of the gradients, in [0, 1).</param>
    /// <param name="beta2">The decay of the moving average of the squared gradients, in [0, 1).</param>
    /// <param name="epsilon">The number that is added to the divisor to avoid division by zero, in [0, 3.4e38].</param>
    /// <param name="weightDecay">λ in [0, 3.4e38]: <c>g ← g + λ · w</c>.</param>
    /// <param name="amsGrad">Whether the divisor uses the maximum of v so far (AMSGrad).</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static Adam Adam(
        double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0, bool amsGrad = false) =>
        new() { Beta1 = beta1, Beta2 = beta2, Epsilon = epsilon, WeightDecay = weightDecay, AmsGrad = amsGrad };

    /// <summary>Creates Adam with decoupled weight decay. See <see cref="Optimizers.AdamW"/>.</summary>
    /// <param name="beta1">The decay of the moving average of the gradients, in [0, 1).</param>
    /// <param name="beta2">The decay of the moving average of the squared gradients, in [0, 1).</param>
    /// <param name="epsilon">The number that is added to the divisor to avoid division by zero, in [0, 3.4e38].</param>
    /// <param name="weightDecay">λ in [0, 3.4e38]: <c>w ← w − rate · λ · w</c> before the step.</param>
    /// <param name="amsGrad">Whether the divisor uses the maximum of v so far (AMSGrad).</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static AdamW AdamW(
        double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0.01, bool amsGrad = false) =>
        new() { Beta1 = beta1, Beta2 = beta2, Epsilon = epsilon, WeightDecay = weightDecay, AmsGrad = amsGrad };

    /// <summary>Creates the RMSprop optimizer. See <see cref="Optimizers.RmsProp"/>.</summary>
    /// <param name="alpha">The decay of the moving average of the squared gradients, in [0, 1).</param>
    /// <param name="epsilon">The number that is added to the divisor to avoid division by zero, in [0, 3.4e38].</param>
    /// <param name="weightDecay">λ in [0, 3.4e38]: <c>g ← g + λ · w</c>.</param>
    /// <param name="momentum">The momentum: the fraction of the previous update that is kept, in [0, 1).</param>
    /// <param name="centered">Whether the gradients are divided by an estimate of their standard deviation.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static RmsProp RmsProp(
        double alpha = 0.99, double epsilon = 1e-8, double weightDecay = 0, double momentum = 0, bool centered = false) =>
        new() { Alpha = alpha, Epsilon = epsilon, WeightDecay = weightDecay, Momentum = momentum, Centered = centered };

    /// <summary>Creates the Adagrad optimizer. See <see cref="Optimizers.Adagrad"/>.</summary>
    /// <param name="lrDecay">The decay of the rate per step, in [0, ∞).</param>
    /// <param name="weightDecay">λ in [0, 3.4e38]: <c>g ← g + λ · w</c>.</param>
    /// <param name="initialAccumulatorValue">The initial value of the sum of squared gradients, in [0, 3.4e38].</param>
    /// <param name="epsilon">The number that is added to the divisor to avoid division by zero, in [0, 3.4e38].</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static Adagrad Adagrad(double lrDecay = 0, double weightDecay = 0, double initialAccumulatorValue = 0, double epsilon = 1e-10) =>
        new() { LrDecay = lrDecay, WeightDecay = weightDecay, InitialAccumulatorValue = initialAccumulatorValue, Epsilon = epsilon };

    /// <summary>Returns the type and the settings that differ from their defaults, on one line.</summary>
    public sealed override string ToString() => PropertyText.Of(this);

    /// <summary>Returns the factor of the rate in a step, and the number that divides the root of the squared gradients.</summary>
    /// <param name="step">The number of the step, from 1.</param>
    internal virtual (double Rate, double Root) CorrectionsAt(long step) => (1, 1);

    /// <summary>Throws an exception if settings contradict each other.</summary>
    internal virtual void CheckSettings()
    {
    }

    private static T Checked<T>(T optimizer) where T : Optimizer
    {
        optimizer.CheckSettings();
        return optimizer;
    }
}
