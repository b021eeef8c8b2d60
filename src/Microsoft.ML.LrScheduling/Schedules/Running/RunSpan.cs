namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>A training run, or the part of one in which a schedule is active.</summary>
/// <param name="Start">The number of minibatches before it.</param>
/// <param name="Batches">The number of its minibatches.</param>
/// <param name="StepsPerEpoch">The minibatches of an epoch.</param>
/// <param name="Taken">The number of steps that the schedule counts as taken before it, because of a start step.</param>
internal readonly record struct RunSpan(long Start, long Batches, int StepsPerEpoch, long Taken = 0)
{
    private long End => Start + Batches;

    /// <summary>The number of minibatches in the span, or the number of epochs that it touches, also in part.</summary>
    public long Steps(ScheduleInterval interval) =>
        interval == ScheduleInterval.Batch || Batches == 0 ? Batches : (End + StepsPerEpoch - 1) / StepsPerEpoch - Start / StepsPerEpoch;

    /// <summary>The rest of the span after a number of steps; empty if it has fewer.</summary>
    public RunSpan After(long steps, ScheduleInterval interval)
    {
        var start = Math.Min(End, Reach(steps, interval));
        return this with { Start = start, Batches = End - start };
    }

    /// <summary>The first steps of the span; the whole span if it has fewer.</summary>
    public RunSpan First(long steps, ScheduleInterval interval) =>
        this with { Batches = Math.Min(Batches, Reach(steps, interval) - Start) };

    /// <summary>
    /// The number of minibatches before the end of these steps. If the span starts within an epoch, the rest of that epoch is one step.
    /// </summary>
    private long Reach(long steps, ScheduleInterval interval) =>
        interval == ScheduleInterval.Batch || steps == 0 ? Start + steps : (Start / StepsPerEpoch + steps) * StepsPerEpoch;
}
