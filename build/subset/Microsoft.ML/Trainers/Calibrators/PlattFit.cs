namespace Microsoft.ML.Calibrators;

/// <summary>
/// Fits 1 / (1 + exp(slope · score + offset)) to labels: minimises the cross-entropy, with targets a little inside of 0 and 1, by Newton's
/// steps, which are damped until they lead downhill.
/// </summary>
/// <remarks>The probabilities are kept in single precision, and the steps and limits are ML.NET's, so that the result is as well.</remarks>
internal sealed class PlattFit
{
    private const int MaximumSteps = 100;
    private const int StepsWithoutProgress = 3;
    private const double FlatGradient = 1e-9;
    private const double LargestDamping = 1e6;
    // What the logarithm of a probability that rounds to zero counts as.
    private const double LowestLogarithm = -200;

    private readonly ScoredExample[] _examples;
    private readonly float[] _probabilities;
    private readonly double _positiveTarget, _negativeTarget;
    private double _error = double.MaxValue / 2;
    private double _damping = 0.001;

    internal PlattFit(ScoredExample[] examples)
    {
        _examples = examples;
        double positives = 0, negatives = 0;
        foreach (var example in examples)
            if (example.IsPositive) positives += example.Weight;
            else negatives += example.Weight;
        _positiveTarget = (positives + 1) / (positives + 2);
        _negativeTarget = 1 / (negatives + 2);
        // The best constant: every row has the share of positives as its probability.
        Offset = Math.Log((negatives + 1) / (positives + 1));
        _probabilities = new float[examples.Length];
        Array.Fill(_probabilities, (float)((positives + 1) / (positives + negatives + 2)));
    }

    internal double Slope { get; private set; }

    internal double Offset { get; private set; }

    internal void Run()
    {
        var withoutProgress = 0;
        for (var step = 0; step < MaximumSteps && withoutProgress < StepsWithoutProgress; step++)
        {
            var slopes = Derivatives();
            if (slopes.IsFlat) return;
            var before = _error;
            Descend(slopes);
            var change = _error - before;
            var scale = 0.5 * (_error + before + 1);
            withoutProgress = change > -1e-3 * scale && change < 1e-7 * scale ? withoutProgress + 1 : 0;
        }
    }

    private void Descend(Slopes slopes)
    {
        var (slope, offset, error) = (Slope, Offset, _error);
        while (true)
        {
            var determinant = (slopes.SlopeSlope + _damping) * (slopes.OffsetOffset + _damping) - slopes.SlopeOffset * slopes.SlopeOffset;
            if (determinant == 0)
            {
                _damping *= 10;
                continue;
            }
            Slope = slope + ((slopes.OffsetOffset + _damping) * slopes.Slope - slopes.SlopeOffset * slopes.Offset) / determinant;
            Offset = offset + ((slopes.SlopeSlope + _damping) * slopes.Offset - slopes.SlopeOffset * slopes.Slope) / determinant;
            _error = Predict();
            if (_error < error * (1 + 1e-7))
            {
                _damping *= 0.1;
                return;
            }
            _damping *= 10;
            if (_damping >= LargestDamping) return;
        }
    }

    // Predicts every row anew and gives the cross-entropy.
    private double Predict()
    {
        var error = 0.0;
        for (var i = 0; i < _examples.Length; i++)
        {
            var probability = PlattCalibrator.Probability(_examples[i].Score, Slope, Offset);
            var target = TargetOf(_examples[i]);
            var positive = probability > 0 ? Math.Log(probability) : LowestLogarithm;
            var negative = probability < 1 ? Math.Log(1 - probability) : LowestLogarithm;
            error -= (target * positive + (1 - target) * negative) * _examples[i].Weight;
            _probabilities[i] = probability;
        }
        return error;
    }

    private Slopes Derivatives()
    {
        var sums = new Slopes();
        for (var i = 0; i < _examples.Length; i++)
        {
            var (score, _, weight) = _examples[i];
            var probability = _probabilities[i];
            double curvature = probability * (1 - probability) * weight;
            var residual = (probability - TargetOf(_examples[i])) * weight;
            sums.SlopeSlope += score * score * curvature;
            sums.OffsetOffset += curvature;
            sums.SlopeOffset += score * curvature;
            sums.Slope += score * residual;
            sums.Offset += residual;
        }
        return sums;
    }

    private double TargetOf(ScoredExample example) => example.IsPositive ? _positiveTarget : _negativeTarget;

    /// <summary>First and second derivatives by slope and offset; the first ones with the sign of descent.</summary>
    private struct Slopes
    {
        internal double Slope, Offset, SlopeSlope, OffsetOffset, SlopeOffset;

        internal readonly bool IsFlat => Math.Abs(Slope) < FlatGradient && Math.Abs(Offset) < FlatGradient;
    }
}
