namespace Microsoft.ML.LrScheduling.Training;

/// <summary>
/// Fits probabilities to scores: <c>P(true) = 1 / (1 + exp(slope · score + offset))</c> with the highest likelihood, by Newton's method
/// with backtracking. The targets are <c>(true rows + 1) / (true rows + 2)</c> and <c>1 / (false rows + 2)</c>, so that the slope stays
/// finite even if a score separates the classes perfectly. Source: Platt, 1999; Lin, Lin and Weng, "A note on Platt's probabilistic outputs
/// for support vector machines", 2007.
/// </summary>
internal static class PlattScaling
{
    private const int MaximumIterations = 100;
    private const double SmallestStep = 1e-10;
    private const double SmallestGradient = 1e-7;
    // Added to the diagonal of the Hessian matrix, so that it is not singular.
    private const double Ridge = 1e-12;

    /// <summary>Returns the slope and the offset.</summary>
    /// <param name="scores">The scores, one per row, at least one.</param>
    /// <param name="isTrue">Whether the row is true.</param>
    public static (double Slope, double Offset) Fit(ReadOnlySpan<float> scores, ReadOnlySpan<bool> isTrue)
    {
        double positives = 0;
        foreach (var label in isTrue)
            if (label) positives++;
        var negatives = isTrue.Length - positives;
        var (high, low) = ((positives + 1) / (positives + 2), 1 / (negatives + 2));
        // Scores are divided by the largest one, because the sum of squares of very large scores would overflow.
        var scale = 1.0;
        foreach (var score in scores) scale = Math.Max(scale, Math.Abs(score));

        var (slope, offset) = (0.0, Math.Log((negatives + 1) / (positives + 1)));
        var loss = Loss(scores, isTrue, slope / scale, offset, high, low);
        for (var iteration = 0; iteration < MaximumIterations; iteration++)
        {
            var (g1, g2, h11, h22, h21) = Derivatives(scores, isTrue, slope / scale, offset, high, low, scale);
            if (Math.Abs(g1) < SmallestGradient && Math.Abs(g2) < SmallestGradient) break;
            var determinant = h11 * h22 - h21 * h21;
            var (slopeStep, offsetStep) = (-(h22 * g1 - h21 * g2) / determinant, -(h11 * g2 - h21 * g1) / determinant);
            var descent = g1 * slopeStep + g2 * offsetStep;
            var step = 1.0;
            for (; step >= SmallestStep; step /= 2)
            {
                var next = Loss(scores, isTrue, (slope + step * slopeStep) / scale, offset + step * offsetStep, high, low);
                if (!(next < loss + 1e-4 * step * descent)) continue;
                (slope, offset, loss) = (slope + step * slopeStep, offset + step * offsetStep, next);
                break;
            }

            if (step < SmallestStep) break;
        }

        return (slope / scale, offset);
    }

    private static double Loss(ReadOnlySpan<float> scores, ReadOnlySpan<bool> isTrue, double slope, double offset, double high, double low)
    {
        var sum = 0.0;
        for (var row = 0; row < scores.Length; row++)
        {
            var (x, target) = (scores[row] * slope + offset, isTrue[row] ? high : low);
            sum += x >= 0 ? target * x + Math.Log(1 + Math.Exp(-x)) : (target - 1) * x + Math.Log(1 + Math.Exp(x));
        }

        return sum;
    }

    private static (double G1, double G2, double H11, double H22, double H21) Derivatives(
        ReadOnlySpan<float> scores, ReadOnlySpan<bool> isTrue, double slope, double offset, double high, double low, double scale)
    {
        double g1 = 0, g2 = 0, h11 = Ridge, h22 = Ridge, h21 = 0;
        for (var row = 0; row < scores.Length; row++)
        {
            var (score, x, target) = (scores[row] / scale, scores[row] * slope + offset, isTrue[row] ? high : low);
            var decay = Math.Exp(-Math.Abs(x));
            var (p, q) = x >= 0 ? (decay / (1 + decay), 1 / (1 + decay)) : (1 / (1 + decay), decay / (1 + decay));
            h11 += score * score * p * q;
            h22 += p * q;
            h21 += score * p * q;
            g1 += score * (target - p);
            g2 += target - p;
        }

        return (g1, g2, h11, h22, h21);
    }
}
