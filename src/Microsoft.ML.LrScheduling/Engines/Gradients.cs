using Microsoft.ML.LrScheduling.Optimizers;

namespace Microsoft.ML.LrScheduling.Engines;

/// <summary>Clips gradients before the optimizer uses them.</summary>
internal static class Gradients
{
    // The same constant as in PyTorch. It avoids a division by zero.
    private const double SmallestNorm = 1e-6;

    /// <summary>Clips the gradients of a model, as <see cref="GradientClipping"/> says. NaN stays NaN.</summary>
    public static void Clip(Span<float> weights, Span<float> biases, GradientClipping clipping)
    {
        if (clipping.MaximumValue is { } value)
        {
            Clamp(weights, (float)value);
            Clamp(biases, (float)value);
        }

        if (clipping.MaximumNorm is null) return;
        var factor = NormFactor(SumOfSquares(weights) + SumOfSquares(biases), clipping);
        if (factor >= 1) return;
        foreach (ref var gradient in weights) gradient *= (float)factor;
        foreach (ref var gradient in biases) gradient *= (float)factor;
    }

    /// <summary>Returns the factor that limits the norm of a gradient, at most 1.</summary>
    /// <param name="squares">The sum of the squares of the gradient's values.</param>
    /// <param name="clipping">The limits; null for none.</param>
    public static double NormFactor(double squares, GradientClipping? clipping)
    {
        if (clipping?.MaximumNorm is not { } norm) return 1;
        var factor = norm / (Math.Sqrt(squares) + SmallestNorm);
        return factor >= 1 ? 1 : factor;
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
