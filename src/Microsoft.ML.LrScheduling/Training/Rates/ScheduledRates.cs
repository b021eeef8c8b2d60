using Microsoft.ML.LrScheduling.Arguments;
using Microsoft.ML.LrScheduling.Engines;
using Microsoft.ML.LrScheduling.Schedules;

namespace Microsoft.ML.LrScheduling.Training;

/// <summary>
/// The learning rates and momenta of all parameter groups at each moment of training: those of one schedule, or of one schedule for each
/// group.
/// </summary>
internal sealed class ScheduledRates
{
    private readonly LrScheduler[] _schedulers;
    private readonly int[] _firstGroups;
    private readonly double[] _rates;
    private readonly double[] _momenta;
    private readonly bool _isOneForAll;

    /// <param name="schedules">None for constant rates; one for all groups; or one a group, null for a constant one.</param>
    /// <param name="initialRates">The initial rate of each group.</param>
    /// <param name="initialMomentum">The momentum that the optimizer has where no schedule cycles it.</param>
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

    /// <summary>Whether the rates may change after a minibatch.</summary>
    public bool StepsByBatch { get; }

    /// <summary>The rate of each group now.</summary>
    public ReadOnlySpan<double> Rates => _rates;

    /// <summary>The momentum of each group now; empty where no schedule changes it.</summary>
    public ReadOnlySpan<double> Momenta => _momenta;

    /// <summary>Says what has just ended in training; see <see cref="LrScheduler.Advance"/>.</summary>
    /// <param name="ended">An epoch or a minibatch.</param>
    /// <param name="metrics">The value of each metric after an epoch.</param>
    /// <param name="epoch">The epoch of the minibatch that comes, from 1.</param>
    /// <param name="minibatch">The place in its epoch of the minibatch that comes, from 1.</param>
    /// <param name="isFailure">Whether what a step throws is its own fault.</param>
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

    /// <summary>Where the schedules stand.</summary>
    public ValueList<LrSchedulerState> Save() => [.. _schedulers.Select(scheduler => scheduler.Save())];

    /// <summary>
    /// Whether so many steps can be walked along once more: it takes a part of a second, and asks no function of the user's twice.
    /// </summary>
    public bool CanBeWalkedAgain(long steps) => _schedulers.All(scheduler => RunAhead.LongestWalk(scheduler.Schedule) >= steps
        && ScheduleKind.FunctionsOf(scheduler.Schedule).All(function => function.Expression is not null));

    /// <summary>The minibatches that have ended, as states tell; null where they do not.</summary>
    public long? MinibatchesOf(ValueList<LrSchedulerState> states) =>
        _schedulers.Zip(states).Where(pair => pair.First.Schedule.Interval == ScheduleInterval.Batch)
            .Select(pair => (long?)pair.Second.StepCount).FirstOrDefault();

    /// <summary>What of states cannot be after so many epochs and minibatches, before any has ended here; null where all can.</summary>
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

    /// <summary>Whether rates are those of each group now, but for the last digits.</summary>
    public bool Are(IReadOnlyList<double> rates) => LrSchedulerState.AreNear(_rates, rates, scale: 0);

    /// <summary>Whether the schedules stand where states say, but for the last digits.</summary>
    public bool Are(ValueList<LrSchedulerState> states) =>
        _schedulers.Length == states.Count && _schedulers.Zip(states).All(pair => pair.First.Save().IsNear(pair.Second));

    /// <summary>Goes on where the schedules stood.</summary>
    /// <exception cref="ArgumentException">The states are not of these schedules.</exception>
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
