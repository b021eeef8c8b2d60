namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>A schedule whose rates are a function of the step alone. Its whole state is the number of steps.</summary>
public abstract record ClosedFormSchedule : LrSchedule
{
    private protected ClosedFormSchedule()
    {
    }

    /// <summary>Changes the rates, and the momenta where it cycles them, to those after <paramref name="step"/> steps; 0 is before the first.</summary>
    internal abstract void Set(long step, ParameterGroups groups);

    internal sealed override ScheduleRun Begin(ParameterGroups groups)
    {
        Set(0, groups);
        return new Run(this);
    }

    private sealed class Run(ClosedFormSchedule schedule) : SteppingRun(schedule)
    {
        public override void Set(long step, ParameterGroups groups) => schedule.Set(step, groups);
    }
}
