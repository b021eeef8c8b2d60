using Microsoft.ML.LrScheduling.Optimizers;

namespace Microsoft.ML.LrScheduling.Engines.Sparse;

/// <summary>
/// What an optimizer makes of a weight at a step that does not meet it, because no row of the minibatch has a value for its feature.
/// Where that has a closed form, it is made up for when the weight is met; else nothing happens to the weight, nor to what is remembered
/// of it: the lazy form, as in PyTorch's <c>SparseAdam</c>.
/// </summary>
/// <param name="States">
/// What is remembered of each weight: the momentum of SGD is 0; of means, squares come first, of Adam's behind the mean.
/// </param>
/// <param name="Carried">
/// The one of these that moves the weight also without a gradient: the step is a linear map of both. −1 for none.
/// </param>
/// <param name="Fading">Those that are multiplied with what is kept of the mean of squares.</param>
/// <param name="DecaysExactly">
/// Whether the decay <c>g ← g + λ · w</c> concerns all weights at each step; else those that it meets.
/// </param>
internal sealed record SparseRule(int[] States, int Carried, int[] Fading, bool DecaysExactly)
{
    /// <summary>The rule of an optimizer.</summary>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="hasMomentum">Whether it, or a schedule, gives it a momentum.</param>
    public static SparseRule Of(Optimizer optimizer, bool hasMomentum) => optimizer switch
    {
        Sgd when hasMomentum => new([0], Carried: 0, [], DecaysExactly: true),
        Sgd => new([], Carried: -1, [], DecaysExactly: true),
        // The divisor's root and epsilon have no closed form over several steps.
        AdamBase adam => new(adam.AmsGrad ? [0, 1, 2] : [0, 1], Carried: -1, [], DecaysExactly: false),
        RmsProp rms => new(
            [0, .. rms.Centered ? [1] : Array.Empty<int>(), .. hasMomentum ? [2] : Array.Empty<int>()],
            Carried: hasMomentum ? 2 : -1, rms.Centered ? [0, 1] : [0], DecaysExactly: false),
        Adagrad => new([0], Carried: -1, [], DecaysExactly: false),
        var other => throw new NotSupportedException($"There is no rule for sparse rows of {other}."),
    };

    /// <summary>A step that does not meet a weight, as a map of the weight and what is carried.</summary>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="numbers">The numbers of the step.</param>
    /// <param name="decay">λ of the decay.</param>
    public static Carry CarryOf(Optimizer optimizer, in StepNumbers numbers, double decay)
    {
        var (rate, momentum, keep, gain) = numbers;
        return optimizer switch
        {
            // g = λ · w alone.
            Sgd when momentum == 0 => new Carry(1 - rate * decay, 0, 0, 1),
            // v ← keep · v + gain · g, w ← w − rate · v.
            Sgd { Nesterov: false } => new Carry(1 - rate * gain * decay, -rate * keep, gain * decay, keep),
            // w ← w − rate · (g + momentum · v) of the new v.
            Sgd => new Carry(
                1 - rate * decay * (1 + momentum * gain), -rate * momentum * keep, gain * decay, keep),
            // A momentum of none leaves what is remembered alone.
            RmsProp when momentum != 0 => new Carry(1, -rate * momentum, 0, momentum),
            _ => new Carry(1, 0, 0, 1),
        };
    }
}
