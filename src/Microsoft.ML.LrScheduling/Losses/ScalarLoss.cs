namespace Microsoft.ML.LrScheduling.Losses;

/// <summary>A loss for models with one score per row.</summary>
public abstract record ScalarLoss : Loss
{
    private protected ScalarLoss()
    {
    }

    /// <summary>Returns the loss of one row, and its slope: the derivative with respect to the score.</summary>
    /// <remarks>
    /// This is the definition, in double precision. Validation uses it. An <see cref="ILossFormula"/> computes the same for training.
    /// </remarks>
    internal abstract (double Value, double Slope) At(double score, double label);

    internal sealed override double Value(ReadOnlySpan<float> scores, float label) =>
        At(TrainingScale.PredictionOf(scores[0]), label).Value;

    internal override double UntrainedLoss(float label) => At(TrainingScale.Center, label).Value;
}
