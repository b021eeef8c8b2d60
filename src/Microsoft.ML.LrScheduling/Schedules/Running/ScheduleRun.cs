namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// The mutable state of a running schedule, and the code that steps it. It belongs to one <see cref="LrScheduler"/>.
/// </summary>
/// <param name="kind">The name of the type of schedule, which its saved states contain.</param>
internal abstract class ScheduleRun(string kind)
{
    /// <summary>The maximum number of steps in a state: more than any run takes, and still exact as a double.</summary>
    public const long MaximumSteps = 1L << 53;

    /// <summary>
    /// Takes a step and changes the rates of the groups, if <paramref name="signal"/> concerns the interval of this schedule.
    /// </summary>
    public abstract void Step(in StepSignal signal, ParameterGroups groups);

    /// <summary>Takes many steps, whatever the interval.</summary>
    public virtual void Skip(long steps, ParameterGroups groups)
    {
        for (; steps > 0; steps--)
        {
            Step(new StepSignal(Ended: null), groups);
            groups.KeepInRange();
        }
    }

    /// <summary>
    /// The current minimum rate, which a schedule around this one must not go below: the minimum of an active floor or plateau, or 0 if
    /// there is none.
    /// </summary>
    public virtual double FloorOf(int group, ParameterGroups groups) => 0;

    /// <summary>Returns the state from which a new run can continue, without the rates and momenta of the groups.</summary>
    public ScheduleState Save() => SaveCore() with { Kind = kind };

    /// <summary>Restores a state from <see cref="Save"/>. The owner of the groups restores their rates and momenta.</summary>
    /// <exception cref="ArgumentException">The state does not belong to this type of schedule.</exception>
    public void Restore(ScheduleState state)
    {
        if (state is null || state.Kind != kind
            || state.Step is < 0 or > MaximumSteps || !RestoreCore(state))
        {
            throw new ArgumentException($"state is not the saved state of a {kind}.", nameof(state));
        }
    }

    private protected abstract ScheduleState SaveCore();

    /// <summary>Restores the state. Returns false if it does not belong to this type of schedule.</summary>
    private protected abstract bool RestoreCore(ScheduleState state);
}

/// <summary>Tells a running schedule what has just ended in training.</summary>
/// <param name="Ended">An epoch or a minibatch; null for a step of all schedules, whatever their intervals.</param>
/// <param name="Metric">
/// The value of the watched metric, whichever it is; null if <paramref name="Metrics"/> has the values, or if nothing was measured.
/// </param>
/// <param name="Metrics">Returns the value of each metric; null if there are no metrics.</param>
internal readonly record struct StepSignal(ScheduleInterval? Ended, double? Metric = null, Func<Metric, double?>? Metrics = null)
{
    /// <summary>Whether a schedule of this interval takes a step.</summary>
    public bool Concerns(ScheduleInterval interval) => Ended is null || Ended == interval;
}
