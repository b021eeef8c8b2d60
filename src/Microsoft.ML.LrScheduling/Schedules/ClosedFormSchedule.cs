namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// A schedule whose rates are a function of the step alone. Its whole state is the number of steps. What is the same for all parameter groups is
/// computed once a step (<see cref="ShapeAt"/>), the rest once a group (<see cref="RateOf"/>).
/// </summary>
public abstract record ClosedFormSchedule : LrSchedule
{
    private protected ClosedFormSchedule()
    {
    }

    /// <summary>Whether the rates after <paramref name="step"/> steps may differ from those after one less.</summary>
    internal virtual bool ChangesAt(long step) => true;

    /// <summary>What all groups share after <paramref name="step"/> steps; step 0 is before the first.</summary>
    internal abstract StepShape ShapeAt(long step);

    /// <summary>The rate of a group.</summary>
    internal abstract double RateOf(in StepShape shape, double initial, int group);

    /// <summary>The momentum of a group; only for schedules that cycle it.</summary>
    internal virtual double MomentumOf(in StepShape shape, int group) => throw new NotSupportedException();

    internal sealed override double InitialMomentum(int group) => MomentumOf(ShapeAt(0), group);

    internal sealed override ScheduleRun Begin(ParameterGroups groups)
    {
        var run = new Run(this);
        run.Set(0, groups);
        return run;
    }

    private sealed class Run(ClosedFormSchedule schedule) : ScheduleRun(schedule.GetType().Name)
    {
        private readonly ScheduleInterval _interval = schedule.Interval;
        private readonly bool _cyclesMomentum = schedule.CyclesMomentum;
        private long _step;

        public override void Step(in StepSignal signal, ParameterGroups groups)
        {
            if (!signal.Concerns(_interval)) return;
            if (schedule.ChangesAt(_step + 1)) Set(_step + 1, groups);
            _step++;
        }

        public void Set(long step, ParameterGroups groups)
        {
            var shape = schedule.ShapeAt(step);
            var (initial, rates) = (groups.InitialLearningRates, groups.LearningRates);
            for (var group = 0; group < rates.Length; group++) rates[group] = schedule.RateOf(shape, initial[group], group);
            if (!_cyclesMomentum) return;
            for (var group = 0; group < rates.Length; group++) groups.Momenta[group] = schedule.MomentumOf(shape, group);
        }

        private protected override ScheduleState SaveCore() => new() { Step = _step };

        private protected override bool RestoreCore(ScheduleState state)
        {
            _step = state.Step;
            return state is { Values: [], Parts: [] };
        }
    }
}

/// <summary>What all parameter groups share at a step.</summary>
/// <param name="Weight">A factor, or how far along a way the step is; the schedule's own to say.</param>
/// <param name="Phase">Which way it is on, where there are several.</param>
internal readonly record struct StepShape(double Weight, int Phase = 0);
