namespace SpamFilter;

/// <summary>What the filter makes of a message.</summary>
internal sealed class Verdict
{
    public bool PredictedLabel { get; set; }

    public float Probability { get; set; }
}
