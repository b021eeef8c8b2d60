namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>A training run, or the part of one in which a schedule is active.</summary>
/// <param name="Start">The minibatches before it.</param>
/// <param name="Batches">Its minibatches.</param>
/// <param name="StepsPerEpoch">The minibatches of an epoch.</param>
/// <param name="Taken">The steps that the schedule has taken before it, since it or one around it begins at a later step.</param>
internal readonly record struct RunSpan(long Start, long Batches, int StepsPerEpoch, long Taken = 0)
{
    private long End => Start + Batches;

    /// <summary>In how many minibatches, or in how many epochs or parts of them, rates of a schedule of an interval are used.</summary>
    public long Steps(ScheduleInterval interval) =>
        interval == ScheduleInterval.Batch || Batches == 0 ? Batches : (End + StepsPerEpoch - 1) / StepsPerEpoch - Start / StepsPerEpoch;

    /// <summary>What is left of it after some steps of an interval; nothing if there are fewer.</summary>
    public RunSpan After(long steps, ScheduleInterval interval)
    {
        var start = Math.Min(End, Reach(steps, interval));
        return this with { Start = start, Batches = End - start };
    }

    /// <summary>Its first steps of an interval; all of it if there are fewer.</summary>
    public RunSpan First(long steps, ScheduleInterval interval) =>
        this with { Batches = Math.Min(Batches, Reach(steps, interval) - Start) };

    /// <summary>The minibatches before the end of some steps: an epoch that it begins within ends with the others.</summary>
    private long Reach(long steps, ScheduleInterval interval) =>
        interval == ScheduleInterval.Batch || steps == 0 ? Start + steps : (Start / StepsPerEpoch + steps) * StepsPerEpoch;
}
