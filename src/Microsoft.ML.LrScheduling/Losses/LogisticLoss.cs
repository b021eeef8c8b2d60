namespace Microsoft.ML.LrScheduling.Losses;

/// <summary><c>log(1 + exp(−m))</c>, with the slope <c>−1 / (1 + exp(m))</c>. Source: PyTorch's <c>BCEWithLogitsLoss</c>.</summary>
public sealed record LogisticLoss : BinaryLoss
{
    internal override bool GivesProbability => true;

    internal override (double Value, double Slope) AtMargin(double margin)
    {
        // Of the two exponentials the one that cannot overflow.
        var decay = Math.Exp(-Math.Abs(margin));
        var softplus = Math.Log(1 + decay);
        return margin >= 0 ? (softplus, -decay / (1 + decay)) : (softplus - margin, -1 / (1 + decay));
    }
}
