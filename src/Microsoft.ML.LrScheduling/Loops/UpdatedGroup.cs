using Microsoft.ML.LrScheduling.Engines.Torch;
using Microsoft.ML.LrScheduling.Optimizers;
using TorchSharp;
using TorchSharp.Modules;

namespace Microsoft.ML.LrScheduling.Loops;

/// <summary>A parameter group of a <see cref="LoopOptimizer"/>. It updates each of its parameters separately.</summary>
internal sealed class UpdatedGroup : ParamGroup, torch.optim.IMomentum, IDisposable
{
    private readonly (Parameter Parameter, torch.Tensor Gradient, TorchUpdate Update)[] _updates;
    private double? _momentum;

    public UpdatedGroup(Optimizer optimizer, Parameter[] parameters, double learningRate)
    {
        Parameters = parameters;
        Options = new OptimizerOptions { LearningRate = learningRate, InitialLearningRate = learningRate };
        CyclesMomentum = optimizer.CycledMomentum is not null;
        Momentum = optimizer.CycledMomentum ?? 0;
        _momentum = null;
        _updates = [.. parameters.Select(parameter =>
        {
            var device = parameter.device;
            var place = device.type == DeviceType.CPU ? TorchPlace.Cpu : new TorchPlace(device, HasCopies: true);
            var gradient = Tensors.Zeros(place, parameter.shape);
            return (parameter, gradient, TorchUpdate.Of(optimizer, place, parameter, gradient, l2: 0, decays: true));
        })];
    }

    /// <summary>Whether the optimizer has a momentum, or a beta1, that a schedule can cycle.</summary>
    public bool CyclesMomentum { get; }

    /// <summary>The momentum of SGD or RMSprop; for Adam, beta1. Until it is set, updates use the setting of the optimizer.</summary>
    public double Momentum
    {
        get;
        set => (field, _momentum) = (value, value);
    }

    /// <summary>Takes a step with the current gradients. A parameter without a gradient does not change.</summary>
    public void Step()
    {
        foreach (var (parameter, gradient, update) in _updates)
        {
            using var own = parameter.grad;
            if (own is null) continue;
            if (own.is_sparse)
                throw new InvalidOperationException(
                    "Gradients must be dense. Received: a sparse one. Leave sparse: true out, or use an optimizer of TorchSharp.");
            // The update can overwrite the gradient, so it works on a copy.
            gradient.copy_(own);
            update.Step(LearningRate, CyclesMomentum ? _momentum : null);
        }
    }

    public void Save(BinaryWriter writer)
    {
        foreach (var (_, _, update) in _updates) update.Save(writer);
    }

    public void Load(BinaryReader reader)
    {
        foreach (var (_, _, update) in _updates) update.Load(reader);
    }

    public void Dispose()
    {
        foreach (var (_, gradient, update) in _updates)
        {
            gradient.Dispose();
            update.Dispose();
        }
    }
}
