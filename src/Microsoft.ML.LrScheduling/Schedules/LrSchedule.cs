using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// A learning-rate schedule as a value: which rate each parameter group has at each step. It is immutable, compares by content and
/// may be shared; <see cref="Start"/> gives the <see cref="LrScheduler"/> that walks along it.
/// </summary>
/// <remarks>
/// Each kind has a factory of its name: <c>LrSchedule.StepLR(stepSize: 30, gamma: 0.1)</c>. The kinds and their definitions are those of
/// PyTorch's <c>torch.optim.lr_scheduler</c>, and some that it lacks. Any kind may be part of a composite one.
/// </remarks>
public abstract partial record LrSchedule
{
    /// <summary>The most steps that are taken at once one by one.</summary>
    private const int LongestWalk = 100_000;

    private protected LrSchedule()
    {
    }

    /// <summary>
    /// When the schedule takes a step: after each epoch (the default of most kinds) or after each minibatch. A plateau always steps by
    /// epoch; that of a <see cref="ChainedScheduler"/> follows from its parts.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The value is not a member of <see cref="ScheduleInterval"/>, or not one that the kind can have.
    /// </exception>
    /// <exception cref="NotSupportedException">The interval follows from the parts.</exception>
    public virtual ScheduleInterval Interval { get; init => field = Argument.Defined(value, "interval"); }

    /// <summary>
    /// The step of its own at which the schedule begins, at least 0: with <c>startStep</c> s the rate after t steps is that which it
    /// would have after t + s. Default: 0.
    /// </summary>
    /// <remarks>
    /// As a later part of a <see cref="Schedules.SequentialLR"/> a schedule may so begin in its middle. A composite begins as if all its
    /// parts had taken as many steps, whatever their intervals. It is PyTorch's <c>last_epoch</c> + 1. Where a length is taken from the
    /// run, the schedule reaches its end with the run.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public int StartStep { get; init => field = Argument.AtLeast(value, 0, "startStep"); }

    /// <summary>Whether each step after an epoch needs the value of a metric, as <see cref="ReduceLROnPlateau"/> does.</summary>
    public virtual bool NeedsMetric => Parts.Any(static part => part.NeedsMetric);

    /// <summary>Whether the schedule changes the momentum too, as <see cref="OneCycleLR"/> does.</summary>
    public virtual bool CyclesMomentum => Parts.Any(static part => part.CyclesMomentum);

    /// <summary>Whether a step may fail: for a function of the user's, or for what a metric is.</summary>
    internal virtual bool MayFail => Parts.Any(static part => part.MayFail);

    /// <summary>Whether a least rate in it bounds that of a <see cref="Schedules.ChainedScheduler"/> around it.</summary>
    internal virtual bool HasFloor => Parts.Any(static part => part.HasFloor);

    /// <summary>The schedules that this one is made of.</summary>
    internal virtual IEnumerable<LrSchedule> Parts => [];

    /// <summary>How deep it is nested: 1 for a schedule that is not made of others.</summary>
    internal virtual int Depth => 1;

    /// <summary>The schedules in it, itself included.</summary>
    internal virtual int Size => 1;

    /// <summary>Whether the rates may change after a minibatch.</summary>
    internal virtual bool StepsByBatch => Interval == ScheduleInterval.Batch || Parts.Any(static part => part.StepsByBatch);

    /// <summary>The metrics that the schedule watches; null for one that names none.</summary>
    internal virtual IEnumerable<(LrSchedule Watcher, Metric? Metric)> WatchedMetrics =>
        Parts.SelectMany(static part => part.WatchedMetrics);

    /// <summary>Starts the schedule: a scheduler that stands before the first step.</summary>
    /// <param name="learningRates">
    /// The initial learning rate of each parameter group, in [0, ∞); at least one. A group that begins at 0 stays there, but for
    /// schedules that have rates of their own: a cycle, a minimum, a floor.
    /// </param>
    /// <returns>A scheduler of its own: any number may run along one schedule at the same time.</returns>
    /// <exception cref="ArgumentException">There is no rate, or a setting given by group has another number of groups.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A rate is negative, NaN or infinite.</exception>
    /// <exception cref="InvalidOperationException">The schedule takes its length from a training run: see <see cref="ForRun"/>.</exception>
    /// <exception cref="ScheduleException">A function of the user's gives a factor that is negative, infinite or NaN.</exception>
    public LrScheduler Start(params double[] learningRates)
    {
        ArgumentNullException.ThrowIfNull(learningRates);
        if (learningRates.Length == 0)
            throw new ArgumentException("learningRates must hold one rate a parameter group. Received: none", nameof(learningRates));
        return new LrScheduler(this, [.. learningRates.Select(static rate => Argument.NonNegative(rate, nameof(learningRates)))]);
    }

    /// <summary>Goes on where a scheduler of an equal schedule stood when <see cref="LrScheduler.Save"/> was called.</summary>
    /// <param name="state">What <see cref="LrScheduler.Save"/> returned.</param>
    /// <returns>A scheduler whose rates are, from here on, those of the uninterrupted one, bit for bit.</returns>
    /// <remarks>
    /// The state holds the schedule as text, by which it is known whether this is an equal one; delegates are all alike in it. To go on
    /// with other settings of the same kinds on purpose, take <see cref="LrSchedulerState.ScheduleText"/> out of the state:
    /// <c>state with { ScheduleText = null }</c>.
    /// </remarks>
    /// <exception cref="ArgumentException">
    /// The state is one of another schedule, and the message names the first difference; or it is damaged.
    /// </exception>
    public LrScheduler Resume(LrSchedulerState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.InitialLearningRates.Count == 0 || state.Schedule is null)
            throw new ArgumentException("state is incomplete.", nameof(state));
        if (ScheduleDifference.Between(state.ScheduleText, this) is { } difference)
            throw new ArgumentException(
                $"state is one of another schedule: {difference}. Go on with the schedule that it was saved with, or start this one.",
                nameof(state));
        var scheduler = Start([.. state.InitialLearningRates]);
        scheduler.Restore(state);
        return scheduler;
    }

    /// <summary>
    /// The schedule for a training run: kinds that take their length from the run have it, those that are too short for it refuse.
    /// </summary>
    /// <param name="epochs">The epochs of the run, at least 1.</param>
    /// <param name="stepsPerEpoch">The minibatches of an epoch, at least 1.</param>
    /// <returns>An equal schedule where nothing had to be filled in.</returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// An argument is less than 1; or the run is longer than a schedule with an end, such as <see cref="OneCycleLR"/>.
    /// </exception>
    public LrSchedule ForRun(int epochs, int stepsPerEpoch) => For(new RunSpan(
        Start: 0, (long)Argument.AtLeast(epochs, 1, nameof(epochs)) * Argument.AtLeast(stepsPerEpoch, 1, nameof(stepsPerEpoch)),
        stepsPerEpoch));

    internal virtual LrSchedule For(RunSpan run)
    {
        var open = ScheduleKind.Of(this).Lengths.Where(length => length.IsOpen(this)).ToArray();
        if (open.Length == 0) return this;
        var schedule = this with { };
        foreach (var length in open) length.SetFor(schedule, StepsAtEndOf(run));
        return schedule;
    }

    /// <summary>The steps that it has taken when a run ends in which it begins at its start step.</summary>
    private protected long StepsAtEndOf(RunSpan run) => run.Steps(Interval) + TakenAt(run);

    /// <summary>The functions of a setting for a run.</summary>
    private protected ScheduleFunction FunctionFor(ScheduleFunction function, RunSpan run)
    {
        var steps = Math.Max(1, StepsAtEndOf(run));
        return function.For(steps, Interval == ScheduleInterval.Epoch ? steps : Math.Max(1, run.Steps(ScheduleInterval.Epoch)));
    }

    /// <summary>The steps that it has taken when a run begins.</summary>
    private protected long TakenAt(RunSpan run) => run.Taken + StartStep;

    /// <summary>
    /// This schedule and all that it is made of with an interval. Plateaus, whose metric is measured once an epoch, keep theirs.
    /// </summary>
    /// <param name="interval">What a step is.</param>
    /// <exception cref="ArgumentOutOfRangeException">The argument is not a member of <see cref="ScheduleInterval"/>.</exception>
    public virtual LrSchedule WithInterval(ScheduleInterval interval) => this with { Interval = interval };

    /// <summary>The schedule with a metric for each part that watches one and names none.</summary>
    internal virtual LrSchedule Watching(Metric metric) => this;

    /// <summary>
    /// The schedule as far as it can be foretold: for metrics of NaN its plateaus take no step, and functions in memory, which training
    /// alone calls, give 1.
    /// </summary>
    internal virtual LrSchedule Foretold => this;

    /// <summary>
    /// Whether it goes on from the rates that the schedule before it ends with, and not from those it had last: see
    /// <see cref="Schedules.SequentialLR"/>.
    /// </summary>
    internal virtual bool TakesOverEnd => false;

    /// <summary>Refuses settings that do not go together, as the factories and the written forms do.</summary>
    internal virtual void CheckSettings()
    {
    }

    /// <summary>Returns a schedule whose settings go together.</summary>
    private protected static T Checked<T>(T schedule) where T : LrSchedule
    {
        schedule.CheckSettings();
        return schedule;
    }

    /// <summary>Refuses a number of groups that a setting given by group does not fit, and a schedule that lacks its length.</summary>
    internal virtual void CheckStart(int groupCount)
    {
        CheckSettings();
        if (ScheduleKind.Of(this).Lengths.FirstOrDefault(length => length.IsOpen(this)) is { } open)
            throw new InvalidOperationException(
                $"{open.Name} of {GetType().Name} is a part of a training run: give steps, or call ForRun(epochs, stepsPerEpoch).");
        if (StartStep > 0) CheckJump("startStep", StartStep);
        foreach (var part in Parts) part.CheckStart(groupCount);
    }

    /// <summary>Whether many steps at once take as long as one by one, since each needs the rate before it.</summary>
    internal virtual bool WalksStepByStep => Parts.Any(static part => part.WalksStepByStep);

    /// <summary>Refuses a number of steps to take at once that the schedule cannot take, or not in good time.</summary>
    internal void CheckJump(string name, long steps)
    {
        if (NeedsMetric) throw Argument.OutOfRange(name, "0 for a schedule that needs a metric at each step", steps);
        if (WalksStepByStep && steps > LongestWalk)
            throw Argument.OutOfRange(name, $"at most {LongestWalk} where each rate follows from the one before", steps);
    }

    /// <summary>
    /// Begins a run, which <see cref="CheckStart"/> allows: changes the rates that the groups have to those at its start.
    /// </summary>
    internal ScheduleRun BeginAtStart(ParameterGroups groups)
    {
        var run = Begin(groups);
        if (StartStep > 0) run.Skip(StartStep, groups);
        groups.KeepInRange();
        return run;
    }

    /// <summary>Begins a run at step 0 of its own.</summary>
    private protected abstract ScheduleRun Begin(ParameterGroups groups);

    /// <summary>The momentum of a group before the first step; only for schedules that cycle it.</summary>
    internal virtual double InitialMomentum(int group) => Parts.First(static part => part.CyclesMomentum).InitialMomentum(group);
}
