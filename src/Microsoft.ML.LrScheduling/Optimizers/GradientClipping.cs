using System.ComponentModel;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Optimizers;

/// <summary>
/// Keeps gradients of a minibatch from being too large, before the optimizer and its penalties see them: first each value, then the norm
/// of all of them, weights and biases together. An immutable configuration. Source: Pascanu, Mikolov and Bengio, "On the difficulty of
/// training recurrent neural networks", 2013; PyTorch's <c>clip_grad_value_</c> and <c>clip_grad_norm_</c>.
/// </summary>
/// <example>
/// <code>
/// var options = new TorchLinearRegressionTrainer.Options { GradientClipping = new GradientClipping { MaximumNorm = 1 } };
/// </code>
/// </example>
[TypeConverter(typeof(SettingsConverter))]
public sealed record GradientClipping
{
    /// <summary>
    /// The largest Euclidean norm m, in (0, ∞): <c>g ← g · min(1, m / (‖g‖ + 1e-6))</c>; null (the default) for no limit.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is zero, negative, NaN or infinite.</exception>
    public double? MaximumNorm { get; init => field = value is { } norm ? Argument.Positive(norm, "maximumNorm") : null; }

    /// <summary>
    /// The largest size v of each value, in (0, ∞): <c>g ← max(−v, min(v, g))</c>; null (the default) for no limit.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is zero, negative, NaN or infinite.</exception>
    public double? MaximumValue { get; init => field = value is { } size ? Argument.Positive(size, "maximumValue") : null; }

    /// <summary>The type, and the settings that are not at their defaults, in a line.</summary>
    public override string ToString() => PropertyText.Of(this);
}
