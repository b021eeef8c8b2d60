using System.Runtime.Intrinsics;

namespace Microsoft.ML.LrScheduling.Losses;

/// <summary>
/// A formula of scores on a <see cref="LabelScale"/>: the slope is that of the loss on this scale, the value is multiplied back to the
/// label's own units.
/// </summary>
/// <param name="formula">The formula.</param>
/// <param name="scale">The scale of the scores.</param>
/// <param name="factor">What a value on that scale is multiplied with to be one of the label's own.</param>
internal readonly struct OnScale<TFormula>(TFormula formula, LabelScale scale, float factor) : ILossFormula
    where TFormula : struct, ILossFormula
{
    private readonly float _inverse = 1 / scale.Scale;

    public (Vector512<float> Value, Vector512<float> Slope) At(Vector512<float> scores, Vector512<float> labels)
    {
        var (value, slope) = formula.At(scores, (labels - Vector512.Create(scale.Center)) * _inverse);
        return (value * factor, slope);
    }
}
