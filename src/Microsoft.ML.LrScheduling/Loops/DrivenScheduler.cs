using Microsoft.ML.LrScheduling.Schedules;
using TorchSharp;

namespace Microsoft.ML.LrScheduling.Loops;

/// <summary>
/// Walks along a schedule in a training loop of one's own, and sets the learning rate, and where the schedule cycles it the momentum, of
/// each parameter group of an optimizer of TorchSharp. <see cref="LoopExtensions.Drive"/> makes it. Not safe for use by several threads
/// at once.
/// </summary>
/// <remarks>
/// The initial rate of each group is read once, when it is made. After that rates are set and never read back, so that what anybody else
/// sets is written over by the next step. Parameter groups must not be added afterwards.
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

    /// <summary>The schedule that this walks along.</summary>
    public LrSchedule Schedule => _scheduler.Schedule;

    /// <inheritdoc cref="LrScheduler.LearningRates"/>
    public IReadOnlyList<double> LearningRates => _scheduler.LearningRates;

    /// <inheritdoc cref="LrScheduler.Momenta"/>
    public IReadOnlyList<double> Momenta => _scheduler.Momenta;

    /// <summary>The steps taken so far.</summary>
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
    /// Says what has just ended in training: the schedule, or those of its parts, take a step whose <see cref="LrSchedule.Interval"/> is
    /// that one. Sets the rates of the optimizer.
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
