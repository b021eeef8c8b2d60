namespace Microsoft.ML.LrScheduling.Sweeps;

/// <summary>After which epochs one in so many trials goes on.</summary>
/// <param name="First">The epochs that all trials have; 0 where none is left.</param>
/// <param name="Reduction">One in how many goes on.</param>
internal sealed record Rungs(int First, int Reduction)
{
    /// <summary>All trials are trained to their end.</summary>
    public static Rungs None { get; } = new(0, 1);

    /// <summary>Whether trials are compared after so many epochs.</summary>
    public bool Contains(int epochs) => After(epochs - 1) == epochs;

    /// <summary>The first rung after so many epochs; null where there is none.</summary>
    public int? After(int epochs)
    {
        if (First == 0) return null;
        long rung = First;
        while (rung <= epochs) rung *= Reduction;
        return rung > int.MaxValue ? null : (int)rung;
    }
}
