using Microsoft.ML.LrScheduling.Arguments;
using System.Collections.ObjectModel;

namespace Microsoft.ML.LrScheduling.Schedules;

/// <summary>
/// Walks along a <see cref="LrSchedule"/>: holds the learning rate of each parameter group, and changes it at each step.
/// It never reads a rate back from an optimizer. Not safe for use by several threads at once.
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
    private readonly ParameterGroups _groups;
    private readonly ScheduleRun _run;

    internal LrScheduler(LrSchedule schedule, double[] learningRates)
    {
        Schedule = schedule;
        _groups = new ParameterGroups(learningRates);
        _run = schedule.Begin(_groups);
        LearningRates = new ReadOnlyCollection<double>(_groups.LearningRates);
        KeepFinite();
    }

    /// <summary>The schedule that this scheduler walks along.</summary>
    public LrSchedule Schedule { get; }

    /// <summary>
    /// The learning rate of each parameter group now, each in [0, ∞). A live view, changed by each step: copy it to keep it.
    /// </summary>
    public IReadOnlyList<double> LearningRates { get; }

    /// <summary>The steps taken so far.</summary>
    public long StepCount { get; private set; }

    /// <summary>Takes one step.</summary>
    /// <exception cref="InvalidOperationException">
    /// The schedule needs a metric; or a function of the user's gave a factor that is NaN or negative.
    /// </exception>
    public void Step() => Step(new StepSignal(Ended: null, Metric: null));

    /// <summary>Takes one step, with the value of the metric that the schedule watches. Schedules that watch none ignore it.</summary>
    /// <param name="metric">The metric; NaN counts as no improvement.</param>
    /// <exception cref="InvalidOperationException">A function of the user's gave a factor that is NaN or negative.</exception>
    public void Step(double metric) => Step(new StepSignal(Ended: null, metric));

    /// <summary>
    /// Says what has just ended in training. The schedule takes a step if its <see cref="LrSchedule.Interval"/> is that one.
    /// </summary>
    /// <param name="ended">An epoch or a minibatch.</param>
    /// <param name="metric">The value of the metric that the schedule watches; null where none was measured.</param>
    /// <exception cref="InvalidOperationException">
    /// The schedule needs a metric and there is none; or a function of the user's gave a factor that is NaN or negative.
    /// </exception>
    public void Advance(ScheduleInterval ended, double? metric = null) => Step(new StepSignal(ended, metric));

    /// <summary>Where the scheduler stands, as a value of its own. <see cref="LrSchedule.Resume"/> goes on from it.</summary>
    public LrSchedulerState Save() => new()
    {
        StepCount = StepCount,
        InitialLearningRates = [.. _groups.InitialLearningRates],
        LearningRates = [.. _groups.LearningRates],
        Schedule = _run.Save(),
    };

    internal void Restore(LrSchedulerState state)
    {
        Argument.AtLeast(state.StepCount, 0, "state.StepCount");
        if (state.LearningRates.Length != _groups.Count)
            throw new ArgumentException(
                $"state must hold one learning rate for each of its {_groups.Count} initial ones. Received: {state.LearningRates.Length}", nameof(state));
        foreach (var rate in state.LearningRates) Argument.NonNegative(rate, "state.LearningRates");
        _run.Restore(state.Schedule);
        state.LearningRates.CopyTo(_groups.LearningRates);
        StepCount = state.StepCount;
    }

    private void Step(in StepSignal signal)
    {
        _run.Step(signal, _groups);
        if (signal.Concerns(Schedule.Interval)) StepCount++;
        KeepFinite();
    }

    /// <summary>Growth without end stops at the largest finite rate; what is no rate at all is refused.</summary>
    private void KeepFinite()
    {
        var rates = _groups.LearningRates;
        for (var group = 0; group < rates.Length; group++)
        {
            if (!(rates[group] >= 0))
                throw new InvalidOperationException(FormattableString.Invariant(
                    $"The learning rate of group {group} became {rates[group]} at step {StepCount} of {Schedule.GetType().Name}: a factor must be in [0, ∞)."));
            rates[group] = Math.Min(rates[group], double.MaxValue);
        }
    }
}
