namespace Microsoft.ML.LrScheduling.Losses;

/// <summary>What training makes small: a function of the score and the label of one row; an immutable configuration.</summary>
/// <remarks>The loss of a minibatch is the mean of <see cref="Value"/> over its rows, each multiplied by its example weight.</remarks>
internal abstract record Loss
{
    private protected Loss()
    {
    }

    /// <summary>The loss of one row.</summary>
    public abstract double Value(double score, double label);
}
