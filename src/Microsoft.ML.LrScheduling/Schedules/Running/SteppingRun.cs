namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>A run whose only state, except for the rates, is the number of steps.</summary>
internal abstract class SteppingRun(LrSchedule schedule) : ScheduleRun(schedule.GetType().Name)
{
    private readonly ScheduleInterval _interval = schedule.Interval;
    private readonly bool _followsFromStep = !schedule.WalksStepByStep;
    private long _step;

    /// <summary>Sets the rates of the groups to those after <paramref name="step"/> steps.</summary>
    public abstract void Set(long step, ParameterGroups groups);

    /// <summary>Sets the rates before the first step, and returns this run.</summary>
    public SteppingRun Begun(ParameterGroups groups)
    {
        Set(0, groups);
        return this;
    }

    public sealed override void Step(in StepSignal signal, ParameterGroups groups)
    {
        if (!signal.Concerns(_interval)) return;
        // The step counts only if it succeeds: a function of the user can throw.
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

    /// <summary>Sets the rates to those after a number of steps, whatever the current rates are.</summary>
    private protected virtual void Jump(long step, ParameterGroups groups) => Set(step, groups);

    private protected sealed override ScheduleState SaveCore() => new() { Step = _step };

    private protected sealed override bool RestoreCore(ScheduleState state)
    {
        _step = state.Step;
        return state is { Values: [], Parts: [] };
    }
}
