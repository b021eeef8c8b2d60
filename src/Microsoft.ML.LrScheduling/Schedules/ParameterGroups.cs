namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>What a running schedule works on: for each parameter group the rate it began with and the rate it has.</summary>
internal sealed class ParameterGroups(double[] initialLearningRates)
{
    /// <summary>The number of groups.</summary>
    public int Count => InitialLearningRates.Length;

    /// <summary>The rates the run began with; never changed.</summary>
    public double[] InitialLearningRates { get; } = initialLearningRates;

    /// <summary>The rates at this moment; changed in place by each step.</summary>
    public double[] LearningRates { get; } = [.. initialLearningRates];
}
