using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// A learning-rate schedule as a value: which rate each parameter group has at each step. It is immutable, compares by content and
/// may be shared; <see cref="Start"/> gives the <see cref="LrScheduler"/> that walks along it.
/// </summary>
/// <remarks>
/// Each kind has a factory of its name: <c>LrSchedule.StepLR(stepSize: 30, gamma: 0.1)</c>. The kinds and their definitions are those of
/// PyTorch's <c>torch.optim.lr_scheduler</c>, where every page gives the same rates.
/// </remarks>
public abstract partial record LrSchedule
{
    private protected LrSchedule()
    {
    }

    /// <summary>When the schedule takes a step: after each epoch (the default) or after each minibatch.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a member of <see cref="ScheduleInterval"/>.</exception>
    public virtual ScheduleInterval Interval { get; init => field = Argument.Defined(value, "interval"); }

    /// <summary>Whether each step needs the value of a metric, as <see cref="ReduceLROnPlateau"/> does.</summary>
    public virtual bool NeedsMetric => false;

    /// <summary>Starts the schedule: a scheduler that stands before the first step.</summary>
    /// <param name="learningRates">The initial learning rate of each parameter group, in (0, ∞); at least one.</param>
    /// <returns>A scheduler of its own: any number may run along one schedule at the same time.</returns>
    /// <exception cref="ArgumentException">There is no rate, or a setting given by group has another number of groups.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A rate is zero, negative, NaN or infinite.</exception>
    public LrScheduler Start(params double[] learningRates)
    {
        ArgumentNullException.ThrowIfNull(learningRates);
        if (learningRates.Length == 0)
            throw new ArgumentException("learningRates must hold one rate a parameter group. Received: none", nameof(learningRates));
        foreach (var rate in learningRates) Argument.Positive(rate, nameof(learningRates));
        return new LrScheduler(this, [.. learningRates]);
    }

    /// <summary>Goes on where a scheduler of an equal schedule stood when <see cref="LrScheduler.Save"/> was called.</summary>
    /// <param name="state">What <see cref="LrScheduler.Save"/> returned.</param>
    /// <returns>A scheduler whose rates are, from here on, those of the uninterrupted one, bit for bit.</returns>
    /// <exception cref="ArgumentException">The state is not one of this kind of schedule.</exception>
    public LrScheduler Resume(LrSchedulerState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var scheduler = Start([.. state.InitialLearningRates]);
        scheduler.Restore(state);
        return scheduler;
    }

    /// <summary>Begins a run: sets the rates before the first step in <paramref name="groups"/>, which the run owns the changing of.</summary>
    internal abstract ScheduleRun Begin(ParameterGroups groups);

    /// <summary>Refuses a metric whose better direction is not the one that the schedule watches for.</summary>
    /// <exception cref="ArgumentException">The directions differ.</exception>
    internal virtual void CheckMonitors(Metric metric)
    {
    }
}
