namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>How a schedule handles a metric that is NaN or infinite, or that is not defined for the validation rows.</summary>
public enum NanPolicy
{
    /// <summary>The epoch counts as a bad epoch.</summary>
    Bad,

    /// <summary>The schedule ignores the epoch and takes no step.</summary>
    Ignore,

    /// <summary>The step throws an <see cref="InvalidOperationException"/>, and the scheduler cannot take any more steps.</summary>
    Throw,
}
