namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// A schedule whose rate is a function of the step alone: <c>rate(initial, t, group)</c>. Its whole state is <c>t</c>.
/// </summary>
public abstract record ClosedFormSchedule : LrSchedule
{
    private protected ClosedFormSchedule()
    {
    }

    /// <summary>The rate of a group after <paramref name="step"/> steps; step 0 is before the first.</summary>
    internal abstract double RateAt(double initial, long step, int group);

    /// <summary>Refuses a number of groups that a setting given by group does not fit.</summary>
    internal virtual void CheckGroupCount(int count)
    {
    }

    internal sealed override ScheduleRun Begin(ParameterGroups groups)
    {
        CheckGroupCount(groups.Count);
        var run = new Run(this);
        run.SetRates(groups);
        return run;
    }

    private sealed class Run(ClosedFormSchedule schedule) : ScheduleRun
    {
        private long _step;

        public override void Step(in StepSignal signal, ParameterGroups groups)
        {
            if (!signal.Concerns(schedule.Interval)) return;
            _step++;
            SetRates(groups);
        }

        public void SetRates(ParameterGroups groups)
        {
            for (var group = 0; group < groups.Count; group++)
                groups.LearningRates[group] = schedule.RateAt(groups.InitialLearningRates[group], _step, group);
        }

        public override ScheduleState Save() => new() { Step = _step };

        public override void Restore(ScheduleState state)
        {
            if (state is not { Step: >= 0, Values: [], Parts: [] }) throw NotAState(schedule.GetType().Name);
            _step = state.Step;
        }
    }
}
