using System.Collections.ObjectModel;
using System.Globalization;
using Microsoft.ML.LrScheduling.Arguments;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Steps through a <see cref="LrSchedule"/>: holds the learning rate of each parameter group and updates it at each step. It never reads a
/// rate back from an optimizer. It is not thread-safe.
/// </summary>
/// <example>
/// <code>
/// var scheduler = LrSchedule.StepLR(stepSize: 30, gamma: 0.1).Start(0.05);
/// for (var epoch = 0; epoch &lt; 90; epoch++)
/// {
///     Train(scheduler.LearningRates[0]);
///     scheduler.Step();
/// }
/// </code>
/// </example>
public sealed class LrScheduler
{
    private static readonly StepSignal AnyStep = new(Ended: null);

    private readonly ParameterGroups _groups;
    private ScheduleRun _run;
    private readonly bool _needsMetric;
    private readonly ScheduleInterval _interval;
    private readonly bool _mayFail;
    private readonly double[] _ratesBefore;
    private readonly double[] _momentaBefore;
    private bool _failed;
    private string? _scheduleText;

    internal LrScheduler(LrSchedule schedule, double[] learningRates)
    {
        Schedule = schedule;
        (_needsMetric, _interval) = (schedule.NeedsMetric, schedule.Interval);
        _mayFail = schedule.MayFail;
        schedule.CheckStart(learningRates.Length);
        _groups = new ParameterGroups(schedule, learningRates);
        _ratesBefore = new double[_groups.LearningRates.Length];
        _momentaBefore = new double[_groups.Momenta.Length];
        _run = schedule.BeginAtStart(_groups);
        LearningRates = new ReadOnlyCollection<double>(_groups.LearningRates);
        Momenta = new ReadOnlyCollection<double>(_groups.Momenta);
        _groups.KeepInRange();
    }

    /// <summary>The schedule that this scheduler steps through.</summary>
    public LrSchedule Schedule { get; }

    /// <summary>
    /// The current learning rate of each parameter group, each in [0, ∞). The list is a live view that each step changes: copy it to keep
    /// the values.
    /// </summary>
    public IReadOnlyList<double> LearningRates { get; }

    /// <summary>
    /// The current momentum of each parameter group (SGD's momentum, Adam's beta1), each in [0, 1); empty if the schedule does not change
    /// the momentum. The list is a live view that each step changes.
    /// </summary>
    public IReadOnlyList<double> Momenta { get; }

    /// <summary>The number of steps taken so far.</summary>
    public long StepCount { get; private set; }

    /// <summary>Takes one step of the schedule and its parts, whatever their intervals.</summary>
    /// <exception cref="InvalidOperationException">The schedule needs a metric, or an earlier step failed.</exception>
    /// <exception cref="ScheduleException">A function of the schedule returned a factor that is negative, infinite or NaN.</exception>
    public void Step() => Step(AnyStep);

    /// <summary>
    /// Takes one step with the value of the metric that the schedule watches. A schedule that does not watch a metric ignores it.
    /// </summary>
    /// <param name="metric">The value of the metric. NaN is handled as the schedule's <see cref="NanPolicy"/> says.</param>
    /// <exception cref="InvalidOperationException">
    /// The metric is NaN or infinite and the schedule does not allow that; or an earlier step failed.
    /// </exception>
    /// <exception cref="ScheduleException">A function of the schedule returned a factor that is negative, infinite or NaN.</exception>
    public void Step(double metric) => Step(new StepSignal(Ended: null, metric));

    /// <summary>
    /// Tells the scheduler that an epoch or a minibatch of training has ended. The schedule takes a step if its
    /// <see cref="LrSchedule.Interval"/> is the one that has ended; so does each part of a composite schedule.
    /// </summary>
    /// <param name="ended">An epoch or a minibatch.</param>
    /// <param name="metrics">
    /// A function that returns the value of a metric after an epoch, or null for a metric that was not measured; null if there are no
    /// metrics.
    /// </param>
    /// <exception cref="InvalidOperationException">
    /// An epoch has ended and a metric that the schedule needs is missing; or an earlier step failed.
    /// </exception>
    /// <exception cref="ScheduleException">A function of the schedule returned a factor that is negative, infinite or NaN.</exception>
    public void Advance(ScheduleInterval ended, Func<Metric, double?>? metrics = null) => Step(new StepSignal(ended, Metrics: metrics));

    /// <summary>Moves to a number of steps since the start, forwards or backwards, as PyTorch's <c>step(epoch)</c> does.</summary>
    /// <param name="steps">The number of steps since the start, at least 0, counted as <see cref="Step()"/> takes them.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The argument is negative; or it is not 0 and the schedule needs a metric at each step; or each rate follows from the previous one,
    /// as in <see cref="MultiplicativeLR"/>, and there are more than 100,000 steps.
    /// </exception>
    /// <exception cref="InvalidOperationException">An earlier step failed.</exception>
    /// <exception cref="ScheduleException">A function of the schedule returned a factor that is negative, infinite or NaN.</exception>
    public void StepTo(long steps)
    {
        if (steps is < 0 or > ScheduleRun.MaximumSteps)
            throw Argument.OutOfRange(nameof(steps), $"in [0, {ScheduleRun.MaximumSteps}]", steps);
        if (steps > 0) Schedule.CheckJump(nameof(steps), steps);
        CheckNotFailed();
        // A separate run: if a function fails, the scheduler keeps its state.
        var groups = new ParameterGroups(Schedule, _groups.InitialLearningRates);
        var run = Schedule.BeginAtStart(groups);
        run.Skip(steps, groups);
        groups.KeepInRange();
        groups.LearningRates.CopyTo(_groups.LearningRates, 0);
        groups.Momenta.CopyTo(_groups.Momenta, 0);
        (_run, StepCount) = (run, steps);
    }

    /// <summary>Returns the state of the scheduler as a separate value. <see cref="LrSchedule.Resume"/> continues from it.</summary>
    /// <exception cref="InvalidOperationException">An earlier step failed.</exception>
    public LrSchedulerState Save()
    {
        CheckNotFailed();
        return new()
        {
            StepCount = StepCount,
            InitialLearningRates = [.. _groups.InitialLearningRates],
            LearningRates = [.. _groups.LearningRates],
            Momenta = [.. _groups.Momenta],
            ScheduleText = _scheduleText ??= ScheduleDifference.TextOf(Schedule),
            Schedule = _run.Save(),
        };
    }

    /// <summary>Returns the schedule, the step and the rates as text.</summary>
    public override string ToString() => $"{Schedule} at step {StepCount}: rates [{string.Join(", ", LearningRates.Select(Text))}]";

    private static string Text(double rate) => rate.ToString("G4", CultureInfo.InvariantCulture);

    internal void Restore(LrSchedulerState state)
    {
        if (state.StepCount is < 0 or > ScheduleRun.MaximumSteps)
            throw Argument.OutOfRange("state.StepCount", $"in [0, {ScheduleRun.MaximumSteps}]", state.StepCount);
        if (state.LearningRates.Count != _groups.Count)
            throw new ArgumentException($"state must hold one learning rate for each of its {_groups.Count} initial ones.", nameof(state));
        if (state.Momenta.Count != _groups.Momenta.Length)
            throw new ArgumentException($"state must hold {_groups.Momenta.Length} momenta.", nameof(state));
        foreach (var rate in state.LearningRates) Argument.NonNegative(rate, "state.LearningRates");
        foreach (var momentum in state.Momenta) Argument.FractionOrZero(momentum, "state.Momenta");
        _run.Restore(state.Schedule);
        _scheduleText = state.ScheduleText;
        state.LearningRates.AsSpan().CopyTo(_groups.LearningRates);
        state.Momenta.AsSpan().CopyTo(_groups.Momenta);
        StepCount = state.StepCount;
    }

    private void Step(in StepSignal signal)
    {
        if (_needsMetric && signal is { Metric: null, Metrics: null } && signal.Concerns(ScheduleInterval.Epoch))
            throw new InvalidOperationException(
                $"{Schedule.GetType().Name} needs the value of the metric it watches at each step. Call "
                + (signal.Ended is null ? "Step(metric)." : "Advance(ScheduleInterval.Epoch, metrics)."));
        CheckNotFailed();
        if (_mayFail) StepOrRestore(signal);
        else
        {
            _run.Step(signal, _groups);
            _groups.KeepInRange();
        }

        if (signal.Concerns(_interval)) StepCount++;
    }

    /// <summary>
    /// Takes a step that can fail. If it fails, the rates are restored, and the scheduler takes no further step.
    /// </summary>
    private void StepOrRestore(in StepSignal signal)
    {
        _failed = true;
        var (rates, momenta) = (_groups.LearningRates, _groups.Momenta);
        // There are usually few groups, and for few values a loop is faster than a call of CopyTo.
        for (var group = 0; group < rates.Length; group++) _ratesBefore[group] = rates[group];
        for (var group = 0; group < momenta.Length; group++) _momentaBefore[group] = momenta[group];
        try
        {
            _run.Step(signal, _groups);
            _groups.KeepInRange();
            _failed = false;
        }
        finally
        {
            if (_failed)
            {
                _ratesBefore.CopyTo(rates, 0);
                _momentaBefore.CopyTo(momenta, 0);
            }
        }
    }

    private void CheckNotFailed()
    {
        if (_failed)
            throw new InvalidOperationException(
                $"The scheduler of {Schedule.GetType().Name} has failed at step {StepCount + 1}. "
                + "Resume the schedule from a state saved before.");
    }
}
