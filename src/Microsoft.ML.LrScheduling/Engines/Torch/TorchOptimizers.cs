using Microsoft.ML.LrScheduling.Optimizers;
using TorchSharp;
using TorchSharp.Modules;
using Adagrad = Microsoft.ML.LrScheduling.Optimizers.Adagrad;
using Adam = Microsoft.ML.LrScheduling.Optimizers.Adam;
using AdamW = Microsoft.ML.LrScheduling.Optimizers.AdamW;
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
        Adam adam => torch.optim.Adam([Group(adam, weights, adam.WeightDecay + l2), Group(adam, bias, 0)], AnyRate),
        AdamW adamW when l2 == 0 => torch.optim.AdamW([Group(adamW, weights, adamW.WeightDecay), Group(adamW, bias, 0)], AnyRate),
        RmsProp rms => torch.optim.RMSProp([Group(rms, weights, rms.WeightDecay + l2), Group(rms, bias, 0)], AnyRate),
        Adagrad adagrad => torch.optim.Adagrad([Group(adagrad, weights, adagrad.WeightDecay + l2), Group(adagrad, bias, 0)], AnyRate),
        var other => throw new NotSupportedException($"The Torch engine has no optimizer for {other} with an L2 penalty of {l2}."),
    };

    /// <summary>Sets the momentum of a group, of Adam its beta1.</summary>
    public static void SetMomentum(torch.optim.ILearningRateController group, double momentum)
    {
        if (group is torch.optim.IBetas betas) betas.Betas = (momentum, betas.Betas.Item2);
        else ((torch.optim.IMomentum)group).Momentum = momentum;
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

    private static Modules.Adam.ParamGroup Group(Adam adam, Parameter parameter, double decay) => new([parameter], new Modules.Adam.Options
    {
        LearningRate = AnyRate,
        beta1 = adam.Beta1,
        beta2 = adam.Beta2,
        eps = adam.Epsilon,
        amsgrad = adam.AmsGrad,
        weight_decay = decay,
        maximize = false,
    });

    private static Modules.AdamW.ParamGroup Group(AdamW adam, Parameter parameter, double decay) => new([parameter], new Modules.AdamW.Options
    {
        LearningRate = AnyRate,
        beta1 = adam.Beta1,
        beta2 = adam.Beta2,
        eps = adam.Epsilon,
        amsgrad = adam.AmsGrad,
        weight_decay = decay,
        maximize = false,
    });

    private static Modules.RMSProp.ParamGroup Group(RmsProp rms, Parameter parameter, double decay) => new([parameter], new Modules.RMSProp.Options
    {
        LearningRate = AnyRate,
        alpha = rms.Alpha,
        eps = rms.Epsilon,
        momentum = rms.Momentum,
        centered = rms.Centered,
        weight_decay = decay,
        maximize = false,
    });

    private static Modules.Adagrad.ParamGroup Group(Adagrad adagrad, Parameter parameter, double decay) => new([parameter], new Modules.Adagrad.Options
    {
        LearningRate = AnyRate,
        lr_decay = adagrad.LrDecay,
        initial_accumulator_value = adagrad.InitialAccumulatorValue,
        eps = adagrad.Epsilon,
        weight_decay = decay,
    });
}
