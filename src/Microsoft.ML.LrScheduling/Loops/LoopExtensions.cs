using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Schedules;
using TorchSharp;
using TorchSharp.Modules;

namespace Microsoft.ML.LrScheduling.Loops;

/// <summary>Extension methods for schedules and optimizers in your own training loops with TorchSharp.</summary>
public static class LoopExtensions
{
    /// <summary>Attaches a schedule to a TorchSharp optimizer.</summary>
    /// <param name="schedule">
    /// The schedule. If it takes its length from a training run, call <see cref="LrSchedule.ForRun"/> first.
    /// </param>
    /// <param name="optimizer">
    /// The optimizer. The rates of its parameter groups are the initial rates of the schedule. The method sets them to the first rates of
    /// the schedule.
    /// </param>
    /// <param name="state">
    /// The state from which to resume, from <see cref="DrivenScheduler.Save"/>; null to start at the beginning.
    /// </param>
    /// <returns>The scheduler. Call its Step method in your loop.</returns>
    /// <exception cref="ArgumentException">
    /// The optimizer has no parameter groups; the optimizer is LBFGS or Rprop, whose steps do not use the rate of a group; the schedule
    /// cycles the momentum and the optimizer has neither a momentum (SGD, RMSProp) nor a beta1 (Adam and its variants); or the state is
    /// for a different schedule or a different number of groups.
    /// </exception>
    /// <exception cref="InvalidOperationException">The schedule takes its length from a training run.</exception>
    /// <example>
    /// <code>
    /// var optimizer = torch.optim.SGD(model.parameters(), learningRate: 0.05);
    /// var scheduler = LrSchedule.StepLR(stepSize: 30, gamma: 0.1).Drive(optimizer);
    /// for (var epoch = 0; epoch &lt; 90; epoch++)
    /// {
    ///     Train(model, optimizer);
    ///     scheduler.Step();
    /// }
    /// </code>
    /// </example>
    public static DrivenScheduler Drive(this LrSchedule schedule, torch.optim.Optimizer optimizer, LrSchedulerState? state = null)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        ArgumentNullException.ThrowIfNull(optimizer);
        torch.optim.ILearningRateController[] groups = [.. optimizer.ParamGroups ?? []];
        if (groups.Length == 0)
            throw new ArgumentException("optimizer must have at least one parameter group. Received: none", nameof(optimizer));
        if (optimizer is LBFGS or Rprop)
            throw new ArgumentException(
                $"optimizer must use the learning rate of its groups at each step. Received: {optimizer.GetType().Name}, which does not.",
                nameof(optimizer));
        if (schedule.CyclesMomentum && !Array.TrueForAll(groups, HasMomentum))
            throw new ArgumentException(
                $"optimizer must have a momentum, or a beta1, which {schedule.GetType().Name} cycles. Received: "
                + $"{optimizer.GetType().Name}. "
                + "Set cycleMomentum to false, or use SGD, RMSProp or Adam.", nameof(optimizer));
        if (state is null) return new DrivenScheduler(schedule.Start([.. groups.Select(group => group.LearningRate)]), groups);
        if (state.LearningRates.Count != groups.Length)
            throw new ArgumentException(
                $"state must hold a learning rate for each of the {groups.Length} parameter groups of the optimizer. Received: "
                + $"{state.LearningRates.Count}", nameof(state));
        return new DrivenScheduler(schedule.Resume(state), groups);
    }

    /// <summary>
    /// Creates an optimizer for your own training loop. Its steps are the same as those of PyTorch. Use it instead of the optimizers of
    /// TorchSharp 0.107, whose step occasionally throws an exception: they create a temporary object for each number, and the garbage
    /// collector can free it while native code reads it.
    /// </summary>
    /// <param name="optimizer">The settings of the optimizer.</param>
    /// <param name="parameters">The parameters of the model, which must be 32-bit floats.</param>
    /// <param name="learningRate">The learning rate, in [0, ∞).</param>
    /// <returns>The optimizer. <c>add_param_group</c> adds parameter groups with their own learning rates.</returns>
    /// <exception cref="ArgumentException">There are no parameters, or a parameter is not a 32-bit float.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The learning rate is outside its range.</exception>
    public static LoopOptimizer ToTorch(this Optimizer optimizer, IEnumerable<Parameter> parameters, double learningRate)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(parameters);
        var made = new LoopOptimizer(optimizer, Arguments.Argument.NonNegative(learningRate, nameof(learningRate)));
        try
        {
            made.add_param_group(new ParamGroup { Parameters = parameters });
            return made;
        }
        catch
        {
            made.Dispose();
            throw;
        }
    }

    private static bool HasMomentum(torch.optim.ILearningRateController group) => group switch
    {
        UpdatedGroup own => own.CyclesMomentum,
        torch.optim.IMomentum or torch.optim.IBetas => true,
        _ => false,
    };
}
