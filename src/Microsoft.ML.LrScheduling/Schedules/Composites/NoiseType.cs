namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>The distribution of noise.</summary>
public enum NoiseType
{
    /// <summary>A normal distribution with mean 0 and standard deviation 1, truncated at the limit of the noise.</summary>
    Normal,

    /// <summary>A uniform distribution.</summary>
    Uniform,
}
