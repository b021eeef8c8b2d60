namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>What a running schedule works on: for each parameter group the rate it began with, the rate and the momentum it has.</summary>
internal sealed class ParameterGroups
{
    // The largest number below 1: a momentum of 1 would never forget.
    private static readonly double LargestMomentum = Math.BitDecrement(1.0);

    /// <param name="schedule">The schedule that will run on the groups.</param>
    /// <param name="initialLearningRates">The rates to begin with, one a group; not changed.</param>
    public ParameterGroups(LrSchedule schedule, double[] initialLearningRates)
    {
        InitialLearningRates = initialLearningRates;
        LearningRates = [.. initialLearningRates];
        Momenta = schedule.CyclesMomentum ? [.. initialLearningRates.Select((_, group) => schedule.InitialMomentum(group))] : [];
    }

    /// <summary>The number of groups.</summary>
    public int Count => InitialLearningRates.Length;

    /// <summary>The rates the run began with; never changed.</summary>
    public double[] InitialLearningRates { get; }

    /// <summary>The rates at this moment; changed in place by each step.</summary>
    public double[] LearningRates { get; }

    /// <summary>The momenta at this moment; empty where the schedule leaves them alone.</summary>
    public double[] Momenta { get; }

    /// <summary>Each rate becomes that of its factor: <c>initial · factor</c>.</summary>
    public void SetFactor(double factor)
    {
        var (initial, rates) = (InitialLearningRates, LearningRates);
        for (var group = 0; group < rates.Length; group++) rates[group] = initial[group] * factor;
        if (factor <= double.MaxValue) return;
        // Growth without end leaves a rate of 0 what it is.
        for (var group = 0; group < rates.Length; group++) rates[group] = initial[group] == 0 ? 0 : double.MaxValue;
    }

    /// <summary>Each rate becomes one between its initial one and another.</summary>
    public void SetBetween(double other, double weightOfInitial)
    {
        var (initial, rates) = (InitialLearningRates, LearningRates);
        for (var group = 0; group < rates.Length; group++) rates[group] = Curves.Between(initial[group], other, weightOfInitial);
    }

    /// <summary>Each rate becomes one between a part of its initial one and another.</summary>
    public void SetBetween(double other, double weightOfInitial, double partOfInitial)
    {
        var (initial, rates) = (InitialLearningRates, LearningRates);
        for (var group = 0; group < rates.Length; group++)
            rates[group] = Curves.Between(initial[group] * partOfInitial, other, weightOfInitial);
    }

    /// <summary>
    /// Growth without end stops at the largest finite rate, a momentum within [0, 1). No rate is negative or NaN: settings and the factors
    /// of functions are checked before.
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

    /// <summary>Groups for a part that is to run on its own, from the same initial rates.</summary>
    public ParameterGroups Fresh(LrSchedule part) => new(part, InitialLearningRates);
}
