namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>Whether a threshold is relative or absolute.</summary>
public enum ThresholdMode
{
    /// <summary>Relative to the best metric.</summary>
    Rel,

    /// <summary>An absolute amount.</summary>
    Abs,
}
