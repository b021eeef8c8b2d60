namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>A schedule that multiplies the initial rates by a factor of the step: <c>rate(t) = initial · factor(t)</c>.</summary>
public abstract record FactorSchedule : ClosedFormSchedule
{
    private protected FactorSchedule()
    {
    }

    /// <summary>The factor after <paramref name="step"/> steps; step 0 is before the first.</summary>
    internal abstract double FactorAt(long step);

    internal sealed override StepShape ShapeAt(long step) => new(FactorAt(step));

    internal sealed override double RateOf(in StepShape shape, double initial, int group) => initial * shape.Weight;
}
