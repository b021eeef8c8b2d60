namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// A schedule that multiplies the initial rates by a factor that depends on the step: <c>rate(t) = initial · factor(t)</c>.
/// </summary>
public abstract record FactorSchedule : LrSchedule
{
    private protected FactorSchedule()
    {
    }

    /// <summary>Whether the factor after <paramref name="step"/> steps may differ from that after one less.</summary>
    internal virtual bool ChangesAt(long step) => true;

    /// <summary>The factor after <paramref name="step"/> steps; step 0 is before the first.</summary>
    internal abstract double FactorAt(long step);

    /// <summary>The factors after <paramref name="first"/> steps and those that follow: as many as fit, a multiple of eight.</summary>
    internal virtual void FactorsFrom(long first, Span<double> factors)
    {
        for (var i = 0; i < factors.Length; i++)
            factors[i] = i > 0 && !ChangesAt(first + i) ? factors[i - 1] : FactorAt(first + i);
    }

    private protected override ScheduleRun Begin(ParameterGroups groups) => new Run(this).Begun(groups);

    private sealed class Run(FactorSchedule schedule) : SteppingRun(schedule)
    {
        // A step takes few nanoseconds, so factors are asked for many at a time.
        private const int BlockSize = 64;

        private readonly double[] _factors = new double[BlockSize];
        private long _first = -1;

        public override void Set(long step, ParameterGroups groups)
        {
            var first = step & -BlockSize;
            if (first != _first) schedule.FactorsFrom(_first = first, _factors);
            groups.SetFactor(_factors[step & (BlockSize - 1)]);
        }
    }
}
