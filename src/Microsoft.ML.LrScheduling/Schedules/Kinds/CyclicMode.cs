namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>How the height of the cycles of a <see cref="CyclicLR"/> changes.</summary>
public enum CyclicMode
{
    /// <summary>All cycles have the same height.</summary>
    Triangular,

    /// <summary>Each cycle is half as high as the previous one.</summary>
    Triangular2,

    /// <summary>The height is multiplied by gamma at each step.</summary>
    ExpRange,
}
