using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Optimizers;

/// <summary>
/// <c>g ← g + weightDecay · w</c>, <c>m ← beta1 · m + (1 − beta1) · g</c>, <c>v ← beta2 · v + (1 − beta2) · g²</c>,
/// <c>w ← w − rate · (m / (1 − beta1^t)) / (√(v / (1 − beta2^t)) + epsilon)</c>. Source: Kingma and Ba, "Adam", 2015;
/// PyTorch's <c>torch.optim.Adam</c>.
/// </summary>
public sealed record Adam : AdamBase
{
    /// <summary>λ in [0, 3.4e38]: <c>g ← g + λ · w</c>; adds to the trainer's own L2Regularization. Default: 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative, NaN or beyond a float.</exception>
    public double WeightDecay { get; init => field = Argument.NonNegativeSingle(value, "weightDecay"); }

    internal override double GradientDecay => WeightDecay;
}
