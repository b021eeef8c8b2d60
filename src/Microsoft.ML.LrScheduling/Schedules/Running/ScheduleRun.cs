namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>The running form of one schedule: the only mutable part, private to one <see cref="LrScheduler"/>.</summary>
/// <param name="kind">The name of the kind, which a state carries.</param>
internal abstract class ScheduleRun(string kind)
{
    /// <summary>The steps that a state may have taken: more than any run takes, and each still exact as a double.</summary>
    public const long MaximumSteps = 1L << 53;

    /// <summary>
    /// Takes the step that <paramref name="signal"/> asks for, if it concerns this schedule, and changes the rates of the groups.
    /// </summary>
    public abstract void Step(in StepSignal signal, ParameterGroups groups);

    /// <summary>Takes many steps, as that many signals for a step whatever the interval would.</summary>
    public virtual void Skip(long steps, ParameterGroups groups)
    {
        for (; steps > 0; steps--)
        {
            Step(new StepSignal(Ended: null), groups);
            groups.KeepInRange();
        }
    }

    /// <summary>
    /// The rate that a schedule made of this one and others may not go below now, whatever they do: the least rate of a floor or a plateau
    /// that is active; 0 for none.
    /// </summary>
    public virtual double FloorOf(int group, ParameterGroups groups) => 0;

    /// <summary>All that a new run needs to go on from here, but for the rates and momenta of the groups.</summary>
    public ScheduleState Save() => SaveCore() with { Kind = kind };

    /// <summary>Takes over what <see cref="Save"/> gave. The rates and momenta are restored by whoever owns the groups.</summary>
    /// <exception cref="ArgumentException">The state is not one of this kind of schedule.</exception>
    public void Restore(ScheduleState state)
    {
        if (state is null || state.Kind != kind
            || state.Step is < 0 or > MaximumSteps || !RestoreCore(state))
        {
            throw new ArgumentException($"state is not the saved state of a {kind}.", nameof(state));
        }
    }

    private protected abstract ScheduleState SaveCore();

    /// <summary>Returns false for a state that is not one of this kind of schedule.</summary>
    private protected abstract bool RestoreCore(ScheduleState state);
}

/// <summary>What has just ended in training, as a running schedule hears of it.</summary>
/// <param name="Ended">An epoch or a minibatch; null when a step is asked for whatever the interval.</param>
/// <param name="Metric">
/// The value of the watched metric, whichever that is; null where <paramref name="Metrics"/> tells, or nothing was measured.
/// </param>
/// <param name="Metrics">The value of each metric; null where there are none.</param>
internal readonly record struct StepSignal(ScheduleInterval? Ended, double? Metric = null, Func<Metric, double?>? Metrics = null)
{
    /// <summary>Whether a schedule of this interval takes a step.</summary>
    public bool Concerns(ScheduleInterval interval) => Ended is null || Ended == interval;
}
