namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>The running form of one schedule: the only mutable part, private to one <see cref="LrScheduler"/>.</summary>
internal abstract class ScheduleRun
{
    /// <summary>
    /// Takes the step that <paramref name="signal"/> asks for, if it concerns this schedule, and changes the rates of the groups.
    /// </summary>
    public abstract void Step(in StepSignal signal, ParameterGroups groups);

    /// <summary>All that a new run needs to go on from here.</summary>
    public abstract ScheduleState Save();

    /// <summary>Takes over what <see cref="Save"/> gave. The rates themselves are restored by the scheduler.</summary>
    /// <exception cref="ArgumentException">The state is not one of this kind of schedule.</exception>
    public abstract void Restore(ScheduleState state);

    /// <summary>The error for a state that a schedule of another kind, or a damaged file, gave.</summary>
    protected static ArgumentException NotAState(string kind) => new($"state is not one that a running {kind} saved.", "state");
}

/// <summary>What has just ended in training, as a running schedule hears of it.</summary>
/// <param name="Ended">An epoch or a minibatch; null when a step is asked for whatever the interval.</param>
/// <param name="Metric">The value of the watched metric, where there is one.</param>
internal readonly record struct StepSignal(ScheduleInterval? Ended, double? Metric)
{
    /// <summary>Whether a schedule of this interval takes a step.</summary>
    public bool Concerns(ScheduleInterval interval) => Ended is null || Ended == interval;
}
