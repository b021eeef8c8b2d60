using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// A learning rate schedule: the learning rate of each parameter group at each step. A schedule is an immutable value that compares by
/// content, so that you can share it. <see cref="Start"/> creates the <see cref="LrScheduler"/> that steps through it.
/// </summary>
/// <remarks>
/// Each type of schedule has a factory method of the same name, such as <c>LrSchedule.StepLR(stepSize: 30, gamma: 0.1)</c>. All schedules
/// of PyTorch's <c>torch.optim.lr_scheduler</c> are there, with the same definitions, and some that PyTorch does not have. Any schedule
/// can be part of a composite schedule.
/// </remarks>
public abstract partial record LrSchedule
{
    /// <summary>The maximum jump of a schedule that must compute every step on the way.</summary>
    private const int LongestWalk = 100_000;

    private protected LrSchedule()
    {
    }

    /// <summary>
    /// When the schedule takes a step: after each epoch (the default of most types) or after each minibatch. A schedule that watches a
    /// metric always steps after each epoch. The interval of a <see cref="ChainedScheduler"/> follows from its parts.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The value is not a member of <see cref="ScheduleInterval"/>, or this type of schedule does not support it.
    /// </exception>
    /// <exception cref="NotSupportedException">The interval follows from the parts.</exception>
    public virtual ScheduleInterval Interval { get; init => field = Argument.Defined(value, "interval"); }

    /// <summary>
    /// The step at which the schedule starts, at least 0. With <c>startStep</c> s, the rate after t steps is the rate that the schedule
    /// would otherwise have after t + s steps. Default: 0.
    /// </summary>
    /// <remarks>
    /// Use it to start a later part of a <see cref="Schedules.SequentialLR"/> in the middle of its curve. A composite schedule starts as
    /// if each of its parts had already taken this number of steps, whatever their intervals. The value corresponds to PyTorch's
    /// <c>last_epoch</c> + 1. If the schedule takes its length from the run, it ends with the run.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public int StartStep { get; init => field = Argument.AtLeast(value, 0, "startStep"); }

    /// <summary>
    /// Whether the schedule needs the value of a metric at each step after an epoch, as <see cref="ReduceLROnPlateau"/> does.
    /// </summary>
    public virtual bool NeedsMetric => Parts.Any(static part => part.NeedsMetric);

    /// <summary>Whether the schedule also changes the momentum, as <see cref="OneCycleLR"/> does.</summary>
    public virtual bool CyclesMomentum => Parts.Any(static part => part.CyclesMomentum);

    /// <summary>Whether a step can fail, because of a function of the user or the value of a metric.</summary>
    internal virtual bool MayFail => Parts.Any(static part => part.MayFail);

    /// <summary>
    /// Whether the schedule has a minimum rate that also limits the rate of a <see cref="Schedules.ChainedScheduler"/> around it.
    /// </summary>
    internal virtual bool HasFloor => Parts.Any(static part => part.HasFloor);

    /// <summary>
    /// The settings that set the rates of all steps where the initial rate has no effect, such as <c>maxLr of OneCycleLR</c>; null where it
    /// has one.
    /// </summary>
    internal virtual string? OwnRates => OwnRatesOf(Parts);

    /// <summary>The schedules directly within this one.</summary>
    internal virtual IEnumerable<LrSchedule> Parts => [];

    /// <summary>The number of nested levels: 1 for a schedule without parts.</summary>
    internal virtual int Depth => 1;

    /// <summary>The number of schedules on all levels, this one included.</summary>
    internal virtual int Size => 1;

    /// <summary>Whether the rates can change after a minibatch.</summary>
    internal virtual bool StepsByBatch => Interval == ScheduleInterval.Batch || Parts.Any(static part => part.StepsByBatch);

    /// <summary>The schedules that watch a metric, each with its metric; null if it names none.</summary>
    internal virtual IEnumerable<(LrSchedule Watcher, Metric? Metric)> WatchedMetrics =>
        Parts.SelectMany(static part => part.WatchedMetrics);

    /// <summary>Starts the schedule. Returns a scheduler that has not taken a step yet.</summary>
    /// <param name="learningRates">
    /// The initial learning rate of each parameter group, in [0, ∞); at least one. A group with the initial rate 0 keeps it, except if the
    /// schedule sets rates of its own: a cycle, a minimum or a floor.
    /// </param>
    /// <returns>A new scheduler. You can run any number of schedulers of the same schedule at the same time.</returns>
    /// <exception cref="ArgumentException">
    /// There is no rate, or a setting with one value per group is for a different number of groups.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">A rate is negative, NaN or infinite.</exception>
    /// <exception cref="InvalidOperationException">The schedule takes its length from a training run: see <see cref="ForRun"/>.</exception>
    /// <exception cref="ScheduleException">A function of the schedule returns a factor that is negative, infinite or NaN.</exception>
    public LrScheduler Start(params double[] learningRates)
    {
        ArgumentNullException.ThrowIfNull(learningRates);
        if (learningRates.Length == 0)
            throw new ArgumentException("learningRates must hold one rate per parameter group. Received: none", nameof(learningRates));
        return new LrScheduler(this, [.. learningRates.Select(static rate => Argument.NonNegative(rate, nameof(learningRates)))]);
    }

    /// <summary>
    /// Creates a scheduler that continues from a state that <see cref="LrScheduler.Save"/> returned for an equal schedule.
    /// </summary>
    /// <param name="state">The state that <see cref="LrScheduler.Save"/> returned.</param>
    /// <returns>A scheduler with the same rates from here on, bit for bit, as the scheduler that was saved.</returns>
    /// <remarks>
    /// The state contains the schedule as text. Resume compares this text with the current schedule; it cannot tell one delegate from
    /// another. To continue with different settings of the same types of schedules, remove <see cref="LrSchedulerState.ScheduleText"/>
    /// from the state: <c>state with { ScheduleText = null }</c>.
    /// </remarks>
    /// <exception cref="ArgumentException">
    /// The state belongs to a different schedule, and the message names the first difference; or the state is damaged.
    /// </exception>
    public LrScheduler Resume(LrSchedulerState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.InitialLearningRates.Count == 0 || state.Schedule is null)
            throw new ArgumentException("state is incomplete.", nameof(state));
        if (ScheduleDifference.Between(state.ScheduleText, this) is { } difference)
            throw new ArgumentException(
                $"state belongs to another schedule: {difference}. Resume the schedule that it was saved with, or start this one.",
                nameof(state));
        var scheduler = Start([.. state.InitialLearningRates]);
        scheduler.Restore(state);
        return scheduler;
    }

    /// <summary>
    /// Fits the schedule to a training run: fills in each length that the schedule takes from the run, and checks that the schedule is not
    /// too short for the run.
    /// </summary>
    /// <param name="epochs">The epochs of the run, at least 1.</param>
    /// <param name="stepsPerEpoch">The minibatches of an epoch, at least 1.</param>
    /// <returns>The schedule with its lengths filled in; an equal schedule if there was nothing to fill in.</returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// An argument is less than 1, or the run is longer than a schedule that has an end, such as <see cref="OneCycleLR"/>.
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

    /// <summary>The number of steps at the end of a run, including those before the run (see <see cref="TakenAt"/>).</summary>
    private protected long StepsAtEndOf(RunSpan run) => run.Steps(Interval) + TakenAt(run);

    /// <summary>Returns a function with the length of the run filled in.</summary>
    private protected ScheduleFunction FunctionFor(ScheduleFunction function, RunSpan run)
    {
        var steps = Math.Max(1, StepsAtEndOf(run));
        return function.For(steps, Interval == ScheduleInterval.Epoch ? steps : Math.Max(1, run.Steps(ScheduleInterval.Epoch)));
    }

    /// <summary>The number of steps that count as taken before a run begins.</summary>
    private protected long TakenAt(RunSpan run) => run.Taken + StartStep;

    /// <summary>
    /// Returns this schedule with another interval, which all of its parts take over. Schedules that watch a metric keep their interval,
    /// since metrics are measured once per epoch.
    /// </summary>
    /// <param name="interval">When the schedules take a step.</param>
    /// <exception cref="ArgumentOutOfRangeException">The argument is not a member of <see cref="ScheduleInterval"/>.</exception>
    public virtual LrSchedule WithInterval(ScheduleInterval interval) => this with { Interval = interval };

    /// <summary>Returns the schedule with this metric in each part that watches a metric but names none.</summary>
    internal virtual LrSchedule Watching(Metric metric) => this;

    /// <summary>
    /// The schedule as it can be computed before training, for a forecast of the rates. Plateaus take no step, since their metric is NaN.
    /// Delegates return 1, since only training may call them. A custom schedule that needs a metric keeps its rate. Noise is omitted.
    /// </summary>
    internal virtual LrSchedule Foretold => this;

    /// <summary>
    /// Whether the schedule, as a part of a <see cref="Schedules.SequentialLR"/>, continues from the final rates of the previous part. To
    /// get these, the previous part takes one more step before the change.
    /// </summary>
    internal virtual bool TakesOverEnd => false;

    /// <summary>The <see cref="OwnRates"/> of schedules together; null where one has none, or there is none.</summary>
    internal static string? OwnRatesOf(IEnumerable<LrSchedule?> schedules)
    {
        string?[] own = [.. schedules.Select(static schedule => schedule?.OwnRates).Distinct()];
        return own.Length == 0 || own.Contains(null) ? null : string.Join(" and ", own);
    }

    /// <summary>Checks that the settings do not contradict each other. Factory methods and readers call it.</summary>
    internal virtual void CheckSettings()
    {
    }

    /// <summary>Returns the schedule after <see cref="CheckSettings"/> has accepted it.</summary>
    private protected static T Checked<T>(T schedule) where T : LrSchedule
    {
        schedule.CheckSettings();
        return schedule;
    }

    /// <summary>Checks that the settings fit the number of parameter groups, and that all lengths are filled in.</summary>
    internal virtual void CheckStart(int groupCount)
    {
        CheckSettings();
        if (ScheduleKind.Of(this).Lengths.FirstOrDefault(length => length.IsOpen(this)) is { } open)
            throw new InvalidOperationException(
                $"{open.Name} of {GetType().Name} is a fraction of a training run: give steps, or call ForRun(epochs, stepsPerEpoch).");
        if (StartStep > 0) CheckJump("startStep", StartStep);
        foreach (var part in Parts) part.CheckStart(groupCount);
    }

    /// <summary>Whether each rate depends on the previous one, so that a jump must compute every step on the way.</summary>
    internal virtual bool WalksStepByStep => Parts.Any(static part => part.WalksStepByStep);

    /// <summary>Checks that the schedule can jump over a number of steps, in reasonable time.</summary>
    internal void CheckJump(string name, long steps)
    {
        if (NeedsMetric) throw Argument.OutOfRange(name, "0 for a schedule that needs a metric at each step", steps);
        if (WalksStepByStep && steps > LongestWalk)
            throw Argument.OutOfRange(name, $"at most {LongestWalk} if each rate follows from the previous one", steps);
    }

    /// <summary>
    /// Begins a run at the start step, and sets the rates of the groups to those at that step. <see cref="CheckStart"/> must have been
    /// called.
    /// </summary>
    internal ScheduleRun BeginAtStart(ParameterGroups groups)
    {
        var run = Begin(groups);
        if (StartStep > 0) run.Skip(StartStep, groups);
        groups.KeepInRange();
        return run;
    }

    /// <summary>Begins a run at step 0 of the schedule.</summary>
    private protected abstract ScheduleRun Begin(ParameterGroups groups);

    /// <summary>The momentum of a group before the first step; only for schedules that cycle it.</summary>
    internal virtual double InitialMomentum(int group) => Parts.First(static part => part.CyclesMomentum).InitialMomentum(group);
}
