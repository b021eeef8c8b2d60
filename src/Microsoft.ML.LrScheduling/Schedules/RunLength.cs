namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>The length of a training run, or of the part of one in which a schedule is active.</summary>
/// <param name="Batches">Its minibatches.</param>
/// <param name="StepsPerEpoch">The minibatches of an epoch.</param>
internal readonly record struct RunLength(long Batches, int StepsPerEpoch)
{
    /// <summary>The steps that a schedule of an interval takes in it; the last epoch may be a part of one.</summary>
    public long Steps(ScheduleInterval interval) =>
        interval == ScheduleInterval.Batch ? Batches : (Batches + StepsPerEpoch - 1) / StepsPerEpoch;

    /// <summary>What is left of it after some steps of an interval; nothing if there are fewer.</summary>
    public RunLength After(long steps, ScheduleInterval interval) =>
        this with { Batches = Math.Max(0, Batches - Minibatches(steps, interval)) };

    /// <summary>Its first steps of an interval; all of it if there are fewer.</summary>
    public RunLength First(long steps, ScheduleInterval interval) =>
        this with { Batches = Math.Min(Batches, Minibatches(steps, interval)) };

    private long Minibatches(long steps, ScheduleInterval interval) => interval == ScheduleInterval.Batch ? steps : steps * StepsPerEpoch;
}
