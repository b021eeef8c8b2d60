namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>A run whose whole state, but for the rates, is the number of its steps.</summary>
internal abstract class SteppingRun(LrSchedule schedule) : ScheduleRun(schedule.GetType().Name)
{
    private readonly ScheduleInterval _interval = schedule.Interval;
    private readonly bool _followsFromStep = !schedule.WalksStepByStep;
    private long _step;

    /// <summary>Changes the rates of the groups to those after <paramref name="step"/> steps.</summary>
    public abstract void Set(long step, ParameterGroups groups);

    /// <summary>This run, with the groups at the rates before the first step.</summary>
    public SteppingRun Begun(ParameterGroups groups)
    {
        Set(0, groups);
        return this;
    }

    public sealed override void Step(in StepSignal signal, ParameterGroups groups)
    {
        if (!signal.Concerns(_interval)) return;
        // Counted once it has succeeded: a function of the user's may throw.
        Set(_step + 1, groups);
        _step++;
    }

    public sealed override void Skip(long steps, ParameterGroups groups)
    {
        if (!_followsFromStep)
        {
            base.Skip(steps, groups);
            return;
        }

        if (steps > 0) Jump(_step + steps, groups);
        _step += steps;
    }

    /// <summary>Changes the rates to those after some steps, whatever they were.</summary>
    private protected virtual void Jump(long step, ParameterGroups groups) => Set(step, groups);

    private protected sealed override ScheduleState SaveCore() => new() { Step = _step };

    private protected sealed override bool RestoreCore(ScheduleState state)
    {
        _step = state.Step;
        return state is { Values: [], Parts: [] };
    }
}
