using Microsoft.ML.LrScheduling.Optimizers;
using TorchSharp;
using TorchSharp.Modules;
using Modules = TorchSharp.Modules;

namespace Microsoft.ML.LrScheduling.Engines.Torch;

/// <summary>TorchSharp's optimizers for the configurations of ours: two parameter groups, the weights and the bias, which no decay concerns.</summary>
internal static class TorchOptimizers
{
    // The rates are set before each step.
    private const double AnyRate = 1e-3;

    /// <summary>The optimizer of a model.</summary>
    /// <param name="optimizer">The configuration.</param>
    /// <param name="weights">The parameter of the first group.</param>
    /// <param name="bias">The parameter of the second group.</param>
    /// <param name="l2">λ of the penalty λ/2 · ‖weights‖², which the optimizer is to add to the gradient.</param>
    public static torch.optim.Optimizer Create(Optimizer optimizer, Parameter weights, Parameter bias, double l2) => optimizer switch
    {
        // The penalty's gradient is λ · weights, which is what torch.optim calls weight decay.
        Sgd sgd => torch.optim.SGD([Group(sgd, weights, sgd.WeightDecay + l2), Group(sgd, bias, 0)], AnyRate, sgd.Momentum),
        var other => throw new NotSupportedException($"The Torch engine has no optimizer for {other} with an L2 penalty of {l2}."),
    };

    /// <summary>Sets the momentum of a group, of Adam its beta1.</summary>
    public static void SetMomentum(torch.optim.ILearningRateController group, double momentum)
    {
        ((torch.optim.IMomentum)group).Momentum = momentum;
    }

    private static Modules.SGD.ParamGroup Group(Sgd sgd, Parameter parameter, double decay) => new([parameter], new Modules.SGD.Options
    {
        LearningRate = AnyRate,
        momentum = sgd.Momentum,
        dampening = sgd.Dampening,
        nesterov = sgd.Nesterov,
        weight_decay = decay,
        maximize = false,
    });
}
