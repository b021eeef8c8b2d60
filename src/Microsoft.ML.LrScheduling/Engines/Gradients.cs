using Microsoft.ML.LrScheduling.Optimizers;

namespace Microsoft.ML.LrScheduling.Engines;

/// <summary>What is done to gradients before an optimizer sees them.</summary>
internal static class Gradients
{
    // As PyTorch has it, so that a norm of zero does not divide.
    private const double SmallestNorm = 1e-6;

    /// <summary>Clips the gradients of a model, as <see cref="GradientClipping"/> says. NaN stays NaN.</summary>
    public static void Clip(Span<float> weights, Span<float> biases, GradientClipping clipping)
    {
        if (clipping.MaximumValue is { } value)
        {
            Clamp(weights, (float)value);
            Clamp(biases, (float)value);
        }

        if (clipping.MaximumNorm is not { } norm) return;
        var factor = norm / (Math.Sqrt(SumOfSquares(weights) + SumOfSquares(biases)) + SmallestNorm);
        if (factor >= 1) return;
        foreach (ref var gradient in weights) gradient *= (float)factor;
        foreach (ref var gradient in biases) gradient *= (float)factor;
    }

    private static void Clamp(Span<float> gradients, float size)
    {
        foreach (ref var gradient in gradients) gradient = Math.Clamp(gradient, -size, size);
    }

    private static double SumOfSquares(ReadOnlySpan<float> gradients)
    {
        var sum = 0.0;
        foreach (var gradient in gradients) sum += (double)gradient * gradient;
        return sum;
    }
}
