using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>
/// The current learning rates and momenta of all parameter groups in training. They come from one schedule for all groups, or from one
/// schedule per group.
/// </summary>
internal sealed class ScheduledRates
{
    private readonly LrScheduler[] _schedulers;
    private readonly int[] _firstGroups;
    private readonly double[] _rates;
    private readonly double[] _momenta;
    private readonly bool _isOneForAll;

    /// <param name="schedules">Empty for constant rates; one for all groups; or one per group, where null means a constant rate.</param>
    /// <param name="initialRates">The initial rate of each group.</param>
    /// <param name="initialMomentum">The momentum of the optimizer, for groups whose schedule does not change it.</param>
    public ScheduledRates(IReadOnlyList<LrSchedule?> schedules, double[] initialRates, double initialMomentum)
    {
        _rates = [.. initialRates];
        _isOneForAll = schedules.Count == 1;
        _momenta = new double[schedules.Any(schedule => schedule is { CyclesMomentum: true }) ? _rates.Length : 0];
        Array.Fill(_momenta, initialMomentum);
        StepsByBatch = schedules.Any(schedule => schedule is { StepsByBatch: true });
        _schedulers = schedules.Count == 1
            ? [schedules[0]!.Start(initialRates)]
            : [.. schedules.Zip(initialRates).Where(pair => pair.First is not null).Select(pair => pair.First!.Start(pair.Second))];
        _firstGroups = schedules.Count == 1 ? [0] : [.. Enumerable.Range(0, schedules.Count).Where(group => schedules[group] is not null)];
        Read();
    }

    /// <summary>Whether the rates can change after a minibatch.</summary>
    public bool StepsByBatch { get; }

    /// <summary>The current rate of each parameter group.</summary>
    public ReadOnlySpan<double> Rates => _rates;

    /// <summary>The current momentum of each parameter group; empty if no schedule changes it.</summary>
    public ReadOnlySpan<double> Momenta => _momenta;

    /// <summary>Tells the schedules what has just ended in training: see <see cref="LrScheduler.Advance"/>.</summary>
    /// <param name="ended">An epoch or a minibatch.</param>
    /// <param name="metrics">Returns the value of a metric after an epoch.</param>
    /// <param name="epoch">The epoch of the next minibatch, from 1.</param>
    /// <param name="minibatch">The number of the next minibatch in its epoch, from 1.</param>
    /// <param name="isFailure">Whether an exception is a failure of the schedule, not a cancellation.</param>
    /// <exception cref="ScheduleException">A step has failed.</exception>
    public void Advance(
        ScheduleInterval ended, Func<Metric, double?>? metrics, int epoch, int minibatch, Func<Exception, bool> isFailure)
    {
        for (var i = 0; i < _schedulers.Length; i++)
            try
            {
                _schedulers[i].Advance(ended, metrics);
            }
            catch (Exception e) when (isFailure(e))
            {
                var schedule = _schedulers[i].Schedule;
                throw new ScheduleException(
                    _isOneForAll || _firstGroups[i] == ILinearEngine.WeightGroup
                        ? "LearningRateSchedule" : "BiasLearningRateSchedule",
                    schedule, epoch, schedule.StepsByBatch ? minibatch : null, e);
            }

        Read();
    }

    /// <summary>Returns the states of the schedules.</summary>
    public ValueList<LrSchedulerState> Save() => [.. _schedulers.Select(scheduler => scheduler.Save())];

    /// <summary>
    /// Whether a number of steps can be computed again: it takes only a fraction of a second, and calls no delegate a second time.
    /// </summary>
    public bool CanBeWalkedAgain(long steps) => _schedulers.All(scheduler => RunAhead.LongestWalk(scheduler.Schedule) >= steps
        && ScheduleKind.FunctionsOf(scheduler.Schedule).All(function => function.Expression is not null));

    /// <summary>The number of minibatches that have ended, according to the states; null if no schedule counts them.</summary>
    public long? MinibatchesOf(ValueList<LrSchedulerState> states) =>
        _schedulers.Zip(states).Where(pair => pair.First.Schedule.Interval == ScheduleInterval.Batch)
            .Select(pair => (long?)pair.Second.StepCount).FirstOrDefault();

    /// <summary>
    /// Describes states that are not possible after these numbers of epochs and minibatches; null if they are possible. It must be called
    /// before the first step.
    /// </summary>
    public string? Misfit(ValueList<LrSchedulerState> states, long epochs, long minibatches)
    {
        foreach (var (scheduler, state) in _schedulers.Zip(states))
        {
            var begun = scheduler.Save();
            if (!LrSchedulerState.AreNear(begun.InitialLearningRates, state.InitialLearningRates, scale: 0))
                return "its schedules began with other rates than training does.";
            var steps = scheduler.Schedule.Interval == ScheduleInterval.Batch ? minibatches : epochs;
            if (state.StepCount != steps)
                return $"its schedules have taken {Quantity.Of(state.StepCount, "step")}, and training {Quantity.Of(steps, "step")}.";
        }

        return null;
    }

    /// <summary>Whether these rates equal the current ones, except for rounding.</summary>
    public bool Are(IReadOnlyList<double> rates) => LrSchedulerState.AreNear(_rates, rates, scale: 0);

    /// <summary>Whether these states equal the current ones, except for rounding.</summary>
    public bool Are(ValueList<LrSchedulerState> states) =>
        _schedulers.Length == states.Count && _schedulers.Zip(states).All(pair => pair.First.Save().IsNear(pair.Second));

    /// <summary>Restores the states of the schedules.</summary>
    /// <exception cref="ArgumentException">The states do not belong to these schedules.</exception>
    public void Restore(ValueList<LrSchedulerState> states)
    {
        if (states.Count != _schedulers.Length)
        {
            throw new ArgumentException($"There must be {Quantity.Of(_schedulers.Length, "state")} of schedules. Received: {states.Count}",
                nameof(states));
        }
        for (var i = 0; i < states.Count; i++) _schedulers[i] = _schedulers[i].Schedule.Resume(states[i]);
        Read();
    }

    private void Read()
    {
        for (var i = 0; i < _schedulers.Length; i++)
        {
            var (rates, momenta, first) = (_schedulers[i].LearningRates, _schedulers[i].Momenta, _firstGroups[i]);
            for (var group = 0; group < rates.Count; group++) _rates[first + group] = rates[group];
            for (var group = 0; group < momenta.Count; group++) _momenta[first + group] = momenta[group];
        }
    }
}
