using System.Runtime.Intrinsics;

namespace Microsoft.ML.LrScheduling.Losses;

/// <summary>
/// Applies a formula to scores on a <see cref="LabelScale"/>. It converts the labels to this scale. Value and slope are those on this
/// scale.
/// </summary>
/// <param name="formula">The formula.</param>
/// <param name="scale">The scale of the scores.</param>
internal readonly struct OnScale<TFormula>(TFormula formula, LabelScale scale) : ILossFormula
    where TFormula : struct, ILossFormula
{
    private readonly float _inverse = 1 / scale.Scale;

    public (Vector512<float> Value, Vector512<float> Slope) At(Vector512<float> scores, Vector512<float> labels) =>
        formula.At(scores, (labels - Vector512.Create(scale.Center)) * _inverse);
}
