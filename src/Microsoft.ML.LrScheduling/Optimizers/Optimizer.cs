using System.ComponentModel;
using System.Text.Json.Serialization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Optimizers;

/// <summary>How a gradient and a learning rate become an update of the weights: an immutable configuration.</summary>
/// <remarks>
/// The definitions and defaults are those of PyTorch's <c>torch.optim</c>, but for the learning rate, which is the trainer's. In the
/// formulas <c>g</c> is the gradient and <c>t</c> the number of the step, from 1. Weight decay concerns the weights; the bias is free of
/// it. Where rows are kept sparse, a step costs what its minibatch has values, and what it leaves out of the other weights is made up for
/// when they are next met; where that has no closed form, the optimizer is lazy, as PyTorch's <c>SparseAdam</c> is, and says so.
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

    /// <summary>The momentum that a schedule may cycle (of Adam its beta1); null for an optimizer that has none.</summary>
    internal abstract double? CycledMomentum { get; }

    /// <summary>What optimizers have alike that are one formula with other numbers.</summary>
    internal virtual object Kind => GetType();

    /// <summary>λ of the decay <c>g ← g + λ · w</c>.</summary>
    internal abstract double GradientDecay { get; }

    /// <summary>What a step keeps of the mean of squared gradients; 1 where there is no such mean.</summary>
    internal virtual double SquareKeep => 1;

    /// <summary>What the sum of squared gradients begins with.</summary>
    internal virtual double InitialSquare => 0;

    /// <summary>What is added to the root of squared gradients, by which a step divides.</summary>
    internal virtual double DivisorEpsilon => 0;

    /// <summary>
    /// The rate that a training begins with where none is given; null for one that follows from the rows. Optimizers that divide by the
    /// size of gradients move each weight by about the rate, whatever the rows are.
    /// </summary>
    internal abstract double? StartingRate { get; }

    /// <summary>Stochastic gradient descent. See <see cref="Optimizers.Sgd"/>.</summary>
    /// <param name="momentum">The part of the last update that is kept, in [0, 1).</param>
    /// <param name="dampening">The part of a gradient that is left out of the momentum, in [0, 1).</param>
    /// <param name="nesterov">Whether the gradient is taken ahead of the momentum; needs a momentum and no dampening.</param>
    /// <param name="weightDecay">λ in [0, ∞): <c>g ← g + λ · w</c>.</param>
    /// <exception cref="ArgumentException">Nesterov's momentum is asked for without momentum, or with dampening.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static Sgd Sgd(double momentum = 0, double dampening = 0, bool nesterov = false, double weightDecay = 0) =>
        Checked(new Sgd { Momentum = momentum, Dampening = dampening, Nesterov = nesterov, WeightDecay = weightDecay });

    /// <summary>Adam. See <see cref="Optimizers.Adam"/>.</summary>
    /// <param name="beta1">The decay of the mean of the gradients, in [0, 1).</param>
    /// <param name="beta2">The decay of the mean of their squares, in [0, 1).</param>
    /// <param name="epsilon">What keeps the divisor from zero, in [0, ∞).</param>
    /// <param name="weightDecay">λ in [0, ∞): <c>g ← g + λ · w</c>.</param>
    /// <param name="amsGrad">Whether the divisor never falls.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static Adam Adam(
        double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0, bool amsGrad = false) =>
        new() { Beta1 = beta1, Beta2 = beta2, Epsilon = epsilon, WeightDecay = weightDecay, AmsGrad = amsGrad };

    /// <summary>Adam with decoupled weight decay. See <see cref="Optimizers.AdamW"/>.</summary>
    /// <param name="beta1">The decay of the mean of the gradients, in [0, 1).</param>
    /// <param name="beta2">The decay of the mean of their squares, in [0, 1).</param>
    /// <param name="epsilon">What keeps the divisor from zero, in [0, ∞).</param>
    /// <param name="weightDecay">λ in [0, ∞): <c>w ← w − rate · λ · w</c> before the step.</param>
    /// <param name="amsGrad">Whether the divisor never falls.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static AdamW AdamW(
        double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0.01, bool amsGrad = false) =>
        new() { Beta1 = beta1, Beta2 = beta2, Epsilon = epsilon, WeightDecay = weightDecay, AmsGrad = amsGrad };

    /// <summary>RMSprop. See <see cref="Optimizers.RmsProp"/>.</summary>
    /// <param name="alpha">The decay of the mean of the squared gradients, in [0, 1).</param>
    /// <param name="epsilon">What keeps the divisor from zero, in [0, ∞).</param>
    /// <param name="weightDecay">λ in [0, ∞): <c>g ← g + λ · w</c>.</param>
    /// <param name="momentum">The part of the last update that is kept, in [0, 1).</param>
    /// <param name="centered">Whether the gradients are divided by their standard deviation.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static RmsProp RmsProp(
        double alpha = 0.99, double epsilon = 1e-8, double weightDecay = 0, double momentum = 0, bool centered = false) =>
        new() { Alpha = alpha, Epsilon = epsilon, WeightDecay = weightDecay, Momentum = momentum, Centered = centered };

    /// <summary>Adagrad. See <see cref="Optimizers.Adagrad"/>.</summary>
    /// <param name="lrDecay">How fast the rate falls, in [0, ∞).</param>
    /// <param name="weightDecay">λ in [0, ∞): <c>g ← g + λ · w</c>.</param>
    /// <param name="initialAccumulatorValue">The sum of squares to begin with, in [0, ∞).</param>
    /// <param name="epsilon">What keeps the divisor from zero, in [0, ∞).</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static Adagrad Adagrad(double lrDecay = 0, double weightDecay = 0, double initialAccumulatorValue = 0, double epsilon = 1e-10) =>
        new() { LrDecay = lrDecay, WeightDecay = weightDecay, InitialAccumulatorValue = initialAccumulatorValue, Epsilon = epsilon };

    /// <summary>The type, and the settings that are not at their defaults, in a line.</summary>
    public sealed override string ToString() => PropertyText.Of(this);

    /// <summary>What a step multiplies the rate with, and divides the root of squared gradients by.</summary>
    /// <param name="step">The number of the step, from 1.</param>
    internal virtual (double Rate, double Root) CorrectionsAt(long step) => (1, 1);

    /// <summary>Refuses settings that do not go together.</summary>
    internal virtual void CheckSettings()
    {
    }

    private static T Checked<T>(T optimizer) where T : Optimizer
    {
        optimizer.CheckSettings();
        return optimizer;
    }
}
