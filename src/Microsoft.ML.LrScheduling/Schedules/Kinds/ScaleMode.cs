namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>The argument of the scale function of a <see cref="CyclicLR"/>.</summary>
public enum ScaleMode
{
    /// <summary>The number of the cycle, from 1.</summary>
    Cycle,

    /// <summary>The number of steps taken, from 0.</summary>
    Iterations,
}
