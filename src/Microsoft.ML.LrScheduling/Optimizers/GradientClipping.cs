using System.ComponentModel;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Optimizers;

/// <summary>
/// Limits the gradients of a minibatch, before the optimizer and the penalties use them. It limits first each value, then the norm of all
/// gradients, weights and biases together. An immutable configuration. Source: Pascanu, Mikolov and Bengio, "On the difficulty of training
/// recurrent neural networks", 2013; PyTorch's <c>clip_grad_value_</c> and <c>clip_grad_norm_</c>.
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
    /// The maximum Euclidean norm m, in (0, ∞): <c>g ← g · min(1, m / (‖g‖ + 1e-6))</c>; null (the default) for no limit.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is zero, negative, NaN or infinite.</exception>
    public double? MaximumNorm { get; init => field = value is { } norm ? Argument.Positive(norm, "maximumNorm") : null; }

    /// <summary>
    /// The maximum absolute value v of each gradient, in (0, ∞): <c>g ← max(−v, min(v, g))</c>; null (the default) for no limit.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is zero, negative, NaN or infinite.</exception>
    public double? MaximumValue { get; init => field = value is { } size ? Argument.Positive(size, "maximumValue") : null; }

    /// <summary>Returns the type and the settings that differ from their defaults, on one line.</summary>
    public override string ToString() => PropertyText.Of(this);
}
