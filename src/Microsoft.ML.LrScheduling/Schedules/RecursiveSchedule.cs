namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// A schedule that multiplies the rates it finds at each step: <c>rate(t) = rate(t − 1) · factor(t)</c>, from <c>t</c> = 1 on.
/// </summary>
public abstract record RecursiveSchedule : LrSchedule
{
    private protected RecursiveSchedule()
    {
    }

    /// <summary>Whether it begins at the initial rates, or goes on from those it finds.</summary>
    internal abstract bool BeginsAtInitialRates { get; }

    /// <summary>Whether all groups have the same factor, which then is asked for once.</summary>
    internal virtual bool SharesFactor => true;

    /// <summary>The factor of a step, 1 for the first, of a group.</summary>
    internal abstract double FactorOf(long step, int group);

    internal sealed override ScheduleRun Begin(ParameterGroups groups)
    {
        if (BeginsAtInitialRates) groups.InitialLearningRates.CopyTo(groups.LearningRates, 0);
        return new Run(this);
    }

    private sealed class Run(RecursiveSchedule schedule) : SteppingRun(schedule)
    {
        private readonly bool _sharesFactor = schedule.SharesFactor;

        public override void Set(long step, ParameterGroups groups)
        {
            var rates = groups.LearningRates;
            var factor = schedule.FactorOf(step, 0);
            for (var group = 0; group < rates.Length; group++)
            {
                if (group > 0 && !_sharesFactor) factor = schedule.FactorOf(step, group);
                rates[group] *= factor;
            }
        }
    }
}
