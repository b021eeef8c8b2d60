namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>The shape of a change from one rate to another.</summary>
public enum AnnealStrategy
{
    /// <summary>Half a period of a cosine.</summary>
    Cos,

    /// <summary>A straight line.</summary>
    Linear,
}
