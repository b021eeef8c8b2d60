namespace Microsoft.ML.LrScheduling.Losses;

/// <summary><c>(score − label)²</c>, whose gradient is <c>2 · (score − label)</c>; as PyTorch's <c>MSELoss</c>.</summary>
internal sealed record SquaredLoss : Loss
{
    /// <inheritdoc/>
    public override double Value(double score, double label) => (score - label) * (score - label);
}
