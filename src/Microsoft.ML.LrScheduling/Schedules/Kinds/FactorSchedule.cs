namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// A schedule that multiplies the initial rates by a factor that depends on the step: <c>rate(t) = initial · factor(t)</c>.
/// </summary>
public abstract record FactorSchedule : LrSchedule
{
    private protected FactorSchedule()
    {
    }

    /// <summary>Whether the factor after <paramref name="step"/> steps can differ from the factor one step earlier.</summary>
    internal virtual bool ChangesAt(long step) => true;

    /// <summary>Returns the factor after <paramref name="step"/> steps; 0 is before the first step.</summary>
    internal abstract double FactorAt(long step);

    /// <summary>Computes the factors of consecutive steps.</summary>
    /// <param name="first">The number of steps before the first factor.</param>
    /// <param name="factors">The array to fill. Its length is a multiple of eight, so that a vector formula can fill it.</param>
    internal virtual void FactorsFrom(long first, Span<double> factors)
    {
        for (var i = 0; i < factors.Length; i++)
            factors[i] = i > 0 && !ChangesAt(first + i) ? factors[i - 1] : FactorAt(first + i);
    }

    private protected override ScheduleRun Begin(ParameterGroups groups) => new Run(this).Begun(groups);

    private sealed class Run(FactorSchedule schedule) : SteppingRun(schedule)
    {
        // A step takes only a few nanoseconds. Computing many factors in one call is faster than one virtual call per step.
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
