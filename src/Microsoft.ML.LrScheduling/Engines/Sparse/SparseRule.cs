using Microsoft.ML.LrScheduling.Optimizers;

namespace Microsoft.ML.LrScheduling.Engines.Sparse;

/// <summary>
/// How an optimizer changes a weight at a step that skips it, because no row of the minibatch has a value for its feature. If the change
/// has a closed form, it is applied when the weight is next used. Otherwise neither the weight nor its states change: the lazy form, as in
/// PyTorch's <c>SparseAdam</c>.
/// </summary>
/// <param name="States">
/// The numbers of the optimizer's states per weight. For SGD, 0 is the momentum. For RMSProp and Adagrad, 0 is the mean or sum of squares.
/// For Adam, 0 is the mean and 1 the mean of squares.
/// </param>
/// <param name="Carried">
/// The number of the state that moves the weight even without a gradient: the step is a linear map of the weight and this state. −1 for
/// none.
/// </param>
/// <param name="Fading">The numbers of the states that a skipped step multiplies by the decay of the mean of squares.</param>
/// <param name="DecaysExactly">
/// Whether the decay <c>g ← g + λ · w</c> changes all weights at each step; otherwise only the weights that the minibatch uses.
/// </param>
internal sealed record SparseRule(int[] States, int Carried, int[] Fading, bool DecaysExactly)
{
    /// <summary>Returns the rule of an optimizer.</summary>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="hasMomentum">Whether the optimizer or a schedule gives a momentum.</param>
    public static SparseRule Of(Optimizer optimizer, bool hasMomentum) => optimizer switch
    {
        Sgd when hasMomentum => new([0], Carried: 0, [], DecaysExactly: true),
        Sgd => new([], Carried: -1, [], DecaysExactly: true),
        // The root and the epsilon of the divisor prevent a closed form over several steps.
        AdamBase adam => new(adam.AmsGrad ? [0, 1, 2] : [0, 1], Carried: -1, [], DecaysExactly: false),
        RmsProp rms => new(
            [0, .. rms.Centered ? [1] : Array.Empty<int>(), .. hasMomentum ? [2] : Array.Empty<int>()],
            Carried: hasMomentum ? 2 : -1, rms.Centered ? [0, 1] : [0], DecaysExactly: false),
        Adagrad => new([0], Carried: -1, [], DecaysExactly: false),
        var other => throw new NotSupportedException($"There is no rule for sparse rows of {other}."),
    };

    /// <summary>Returns a step that skips a weight, as a map of the weight and its carried state.</summary>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="numbers">The numbers of the step.</param>
    /// <param name="decay">λ of the decay.</param>
    public static Carry CarryOf(Optimizer optimizer, in StepNumbers numbers, double decay)
    {
        var (rate, momentum, keep, gain) = numbers;
        return optimizer switch
        {
            // The gradient is only the decay: g = λ · w.
            Sgd when momentum == 0 => new Carry(1 - rate * decay, 0, 0, 1),
            // v ← keep · v + gain · g, w ← w − rate · v.
            Sgd { Nesterov: false } => new Carry(1 - rate * gain * decay, -rate * keep, gain * decay, keep),
            // v ← keep · v + gain · g, w ← w − rate · (g + momentum · v), with the new v.
            Sgd => new Carry(
                1 - rate * decay * (1 + momentum * gain), -rate * momentum * keep, gain * decay, keep),
            // With momentum 0 the momentum buffer does not change, and has no effect.
            RmsProp when momentum != 0 => new Carry(1, -rate * momentum, 0, momentum),
            _ => new Carry(1, 0, 0, 1),
        };
    }
}
