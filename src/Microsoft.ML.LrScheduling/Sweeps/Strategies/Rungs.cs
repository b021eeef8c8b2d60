namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>The rungs of successive halving: the numbers of epochs after which only some of the trials continue.</summary>
/// <param name="First">The number of epochs at the first rung; 0 if no trial is stopped.</param>
/// <param name="Reduction">One in this number of trials continues. It is also the ratio between the epochs of two rungs.</param>
internal sealed record Rungs(int First, int Reduction)
{
    /// <summary>No rungs: all trials are trained to their end.</summary>
    public static Rungs None { get; } = new(0, 1);

    /// <summary>Whether trials are compared after a number of epochs.</summary>
    public bool Contains(int epochs) => After(epochs - 1) == epochs;

    /// <summary>Returns the first rung after a number of epochs; null if there is none.</summary>
    public int? After(int epochs)
    {
        if (First == 0) return null;
        long rung = First;
        while (rung <= epochs) rung *= Reduction;
        return rung > int.MaxValue ? null : (int)rung;
    }
}
