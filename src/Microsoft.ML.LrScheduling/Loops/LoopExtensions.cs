using Microsoft.ML.LrScheduling.Optimizers;
using Microsoft.ML.LrScheduling.Schedules;
using TorchSharp;
using TorchSharp.Modules;

namespace Microsoft.ML.LrScheduling.Loops;

/// <summary>Schedules and optimizers in training loops of one's own, with TorchSharp.</summary>
public static class LoopExtensions
{
    /// <summary>Attaches a schedule to an optimizer of TorchSharp.</summary>
    /// <param name="schedule">
    /// The schedule. One that takes its length from a training run is given it first: see <see cref="LrSchedule.ForRun"/>.
    /// </param>
    /// <param name="optimizer">
    /// The optimizer. The rates of its parameter groups are the initial ones; they are set to those of the schedule at once.
    /// </param>
    /// <param name="state">Where a scheduler before stood, from its <see cref="DrivenScheduler.Save"/>; null to begin.</param>
    /// <returns>What takes the steps.</returns>
    /// <exception cref="ArgumentException">
    /// The optimizer has no parameter groups, or is LBFGS or Rprop, whose steps do not go by the rate of a group; or has none with a
    /// momentum (SGD, RMSProp) or a beta1 (Adam and its kin) where the schedule cycles it; or the state is of another schedule or of
    /// another number of groups.
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
                $"optimizer must go by the rate of its groups at each step. Received: {optimizer.GetType().Name}, which does not.",
                nameof(optimizer));
        if (schedule.CyclesMomentum && !Array.TrueForAll(groups, HasMomentum))
            throw new ArgumentException(
                $"optimizer must have a momentum, or a beta1, which {schedule.GetType().Name} cycles. Received: "
                + $"{optimizer.GetType().Name}. "
                + "Set cycleMomentum to false, or take SGD, RMSProp or Adam.", nameof(optimizer));
        if (state is null) return new DrivenScheduler(schedule.Start([.. groups.Select(group => group.LearningRate)]), groups);
        if (state.LearningRates.Count != groups.Length)
            throw new ArgumentException(
                $"state must hold a learning rate for each of the {groups.Length} parameter groups of the optimizer. Received: "
                + $"{state.LearningRates.Count}", nameof(state));
        return new DrivenScheduler(schedule.Resume(state), groups);
    }

    /// <summary>
    /// An optimizer for a training loop of one's own, whose step does the same as that of PyTorch. Those of TorchSharp 0.107 make a
    /// temporary object of each number, which the garbage collector may free while native code reads it, so that their step throws now
    /// and then: this one does not.
    /// </summary>
    /// <param name="optimizer">Its settings.</param>
    /// <param name="parameters">The parameters of the model, 32-bit floats.</param>
    /// <param name="learningRate">The learning rate, in [0, ∞).</param>
    /// <returns>The optimizer. <c>add_param_group</c> adds groups with rates of their own.</returns>
    /// <exception cref="ArgumentException">There are no parameters, or some are not 32-bit floats.</exception>
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
