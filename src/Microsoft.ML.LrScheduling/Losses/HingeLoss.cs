namespace Microsoft.ML.LrScheduling.Losses;

/// <summary><c>max(0, 1 − m)</c>, with the slope −1 where m &lt; 1, else 0. Source: Cortes and Vapnik, "Support-vector networks", 1995.</summary>
public sealed record HingeLoss : BinaryLoss
{
    internal override (double Value, double Slope) AtMargin(double margin) => margin >= 1 ? (0, 0) : (1 - margin, -1);
}
