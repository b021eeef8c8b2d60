using Microsoft.ML.LrScheduling.Schedules;
using TorchSharp;

namespace Microsoft.ML.LrScheduling.Loops;

/// <summary>
/// Steps through a schedule in your own training loop. At each step it sets the learning rate of each parameter group of a TorchSharp
/// optimizer, and the momentum if the schedule cycles it. <see cref="LoopExtensions.Drive"/> creates it. It is not thread-safe.
/// </summary>
/// <remarks>
/// The scheduler reads the initial rate of each group once, when you create it. After that it only sets rates: the next step overwrites
/// any rate that other code sets. Do not add parameter groups to the optimizer afterwards.
/// </remarks>
public sealed class DrivenScheduler
{
    private readonly LrScheduler _scheduler;
    private readonly torch.optim.ILearningRateController[] _groups;

    internal DrivenScheduler(LrScheduler scheduler, torch.optim.ILearningRateController[] groups)
    {
        (_scheduler, _groups) = (scheduler, groups);
        Apply();
    }

    /// <summary>The schedule that this scheduler steps through.</summary>
    public LrSchedule Schedule => _scheduler.Schedule;

    /// <inheritdoc cref="LrScheduler.LearningRates"/>
    public IReadOnlyList<double> LearningRates => _scheduler.LearningRates;

    /// <inheritdoc cref="LrScheduler.Momenta"/>
    public IReadOnlyList<double> Momenta => _scheduler.Momenta;

    /// <summary>The number of steps taken so far.</summary>
    public long StepCount => _scheduler.StepCount;

    /// <summary>Takes one step, after an epoch or a minibatch of the loop, and sets the rates of the optimizer.</summary>
    /// <inheritdoc cref="LrScheduler.Step()"/>
    public void Step()
    {
        _scheduler.Step();
        Apply();
    }

    /// <summary>Takes one step with the value of the metric that the schedule watches, and sets the rates of the optimizer.</summary>
    /// <inheritdoc cref="LrScheduler.Step(double)"/>
    public void Step(double metric)
    {
        _scheduler.Step(metric);
        Apply();
    }

    /// <summary>
    /// Tells the scheduler that an epoch or a minibatch of training has ended, and sets the rates of the optimizer. The schedule takes a
    /// step if its <see cref="LrSchedule.Interval"/> is the one that has ended; so does each part of a composite schedule.
    /// </summary>
    /// <inheritdoc cref="LrScheduler.Advance"/>
    public void Advance(ScheduleInterval ended, Func<Metric, double?>? metrics = null)
    {
        _scheduler.Advance(ended, metrics);
        Apply();
    }

    /// <inheritdoc cref="LrScheduler.Save"/>
    public LrSchedulerState Save() => _scheduler.Save();

    /// <inheritdoc/>
    public override string ToString() => $"{_scheduler}";

    private void Apply()
    {
        for (var i = 0; i < _groups.Length; i++)
        {
            _groups[i].LearningRate = LearningRates[i];
            if (Momenta.Count == 0) continue;
            if (_groups[i] is torch.optim.IMomentum momentum) momentum.Momentum = Momenta[i];
            else if (_groups[i] is torch.optim.IBetas adam) adam.Betas = (Momenta[i], adam.Betas.Item2);
        }
    }
}
