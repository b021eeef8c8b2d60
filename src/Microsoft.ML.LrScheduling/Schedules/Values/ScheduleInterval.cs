namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>When a schedule takes a step.</summary>
public enum ScheduleInterval
{
    /// <summary>After each pass over the training rows.</summary>
    Epoch,

    /// <summary>After each minibatch, that is, after each update by the optimizer.</summary>
    Batch,
}
