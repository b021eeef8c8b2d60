namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>The interpolation of a <see cref="PiecewiseLR"/> between two points.</summary>
public enum Interpolation
{
    /// <summary>The factor of the first point.</summary>
    Constant,

    /// <summary>A straight line from the first point to the second.</summary>
    Linear,

    /// <summary>Half a period of a cosine from the first point to the second.</summary>
    Cosine,
}
