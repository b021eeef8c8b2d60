namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// The parameter groups of a running schedule: the initial rate, the current rate and the current momentum of each group.
/// </summary>
internal sealed class ParameterGroups
{
    // The largest number below 1, since an optimizer with the momentum 1 would never forget a gradient.
    private static readonly double LargestMomentum = Math.BitDecrement(1.0);

    /// <param name="schedule">The schedule that will run on the groups.</param>
    /// <param name="initialLearningRates">The initial rate of each group. The array is not changed.</param>
    public ParameterGroups(LrSchedule schedule, double[] initialLearningRates)
    {
        InitialLearningRates = initialLearningRates;
        LearningRates = [.. initialLearningRates];
        Momenta = schedule.CyclesMomentum ? [.. initialLearningRates.Select((_, group) => schedule.InitialMomentum(group))] : [];
    }

    /// <summary>The number of groups.</summary>
    public int Count => InitialLearningRates.Length;

    /// <summary>The initial rates; they never change.</summary>
    public double[] InitialLearningRates { get; }

    /// <summary>The current rates. Each step changes the array in place.</summary>
    public double[] LearningRates { get; }

    /// <summary>The current momenta; empty if the schedule does not change the momentum.</summary>
    public double[] Momenta { get; }

    /// <summary>Sets each rate to <c>initial · factor</c>.</summary>
    public void SetFactor(double factor)
    {
        var (initial, rates) = (InitialLearningRates, LearningRates);
        for (var group = 0; group < rates.Length; group++) rates[group] = initial[group] * factor;
        if (factor <= double.MaxValue) return;
        // An infinite factor: 0 · ∞ would be NaN, so an initial rate of 0 stays 0, and other rates become the largest finite number.
        for (var group = 0; group < rates.Length; group++) rates[group] = initial[group] == 0 ? 0 : double.MaxValue;
    }

    /// <summary>Sets each rate to a weighted mean of its initial rate and another rate.</summary>
    public void SetBetween(double other, double weightOfInitial)
    {
        var (initial, rates) = (InitialLearningRates, LearningRates);
        for (var group = 0; group < rates.Length; group++) rates[group] = Curves.Between(initial[group], other, weightOfInitial);
    }

    /// <summary>Sets each rate to a weighted mean of a fraction of its initial rate and another rate.</summary>
    public void SetBetween(double other, double weightOfInitial, double partOfInitial)
    {
        var (initial, rates) = (InitialLearningRates, LearningRates);
        for (var group = 0; group < rates.Length; group++)
            rates[group] = Curves.Between(initial[group] * partOfInitial, other, weightOfInitial);
    }

    /// <summary>
    /// Limits infinite rates to the largest finite number, and the momenta to [0, 1). No rate is negative or NaN, because the settings and
    /// the factors of functions have been checked.
    /// </summary>
    public void KeepInRange()
    {
        for (var group = 0; group < LearningRates.Length; group++)
            if (LearningRates[group] > double.MaxValue)
                LearningRates[group] = double.MaxValue;
        for (var group = 0; group < Momenta.Length; group++)
            if (Momenta[group] is not (>= 0 and < 1))
                Momenta[group] = Math.Clamp(Momenta[group], 0, LargestMomentum);
    }

    /// <summary>Returns new groups with the same initial rates, for a part that runs on its own copy.</summary>
    public ParameterGroups Fresh(LrSchedule part) => new(part, InitialLearningRates);
}
