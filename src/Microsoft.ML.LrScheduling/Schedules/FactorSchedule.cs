namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>A schedule that multiplies the initial rates by a factor of the step: <c>rate(t) = initial · factor(t)</c>.</summary>
public abstract record FactorSchedule : LrSchedule
{
    private protected FactorSchedule()
    {
    }

    /// <summary>Whether the factor is the same for many steps, so that asking <see cref="ChangesAt"/> first pays.</summary>
    internal virtual bool ChangesSeldom => false;

    /// <summary>Whether the factor after <paramref name="step"/> steps may differ from that after one less.</summary>
    internal virtual bool ChangesAt(long step) => true;

    /// <summary>The factor after <paramref name="step"/> steps; step 0 is before the first.</summary>
    internal abstract double FactorAt(long step);

    internal sealed override ScheduleRun Begin(ParameterGroups groups)
    {
        groups.SetFactor(FactorAt(0));
        return new Run(this);
    }

    private sealed class Run(FactorSchedule schedule) : SteppingRun(schedule)
    {
        private readonly bool _changesSeldom = schedule.ChangesSeldom;

        public override void Set(long step, ParameterGroups groups)
        {
            if (!_changesSeldom || schedule.ChangesAt(step)) groups.SetFactor(schedule.FactorAt(step));
        }
    }
}
