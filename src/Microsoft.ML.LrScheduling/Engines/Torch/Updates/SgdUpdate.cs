using Microsoft.ML.LrScheduling.Engines.Sparse;
using Microsoft.ML.LrScheduling.Optimizers;
using TorchSharp;

namespace Microsoft.ML.LrScheduling.Engines.Torch;

/// <summary>The step of <see cref="Sgd"/>.</summary>
internal sealed class SgdUpdate : TorchUpdate
{
    private readonly Sgd _sgd;
    private readonly torch.Tensor _momentum;
    private readonly HeldScalar _rateScalar = new();
    private readonly HeldScalar _keepScalar = new();
    private readonly HeldScalar _gainScalar = new();
    private bool _hasMomentum;

    public SgdUpdate(Sgd sgd, TorchPlace place, torch.Tensor values, torch.Tensor gradient, double decay)
        : base(place, values, gradient, decay) =>
        (_sgd, _momentum) = (sgd, Remember(0));

    public override void GoOnFrom(TorchUpdate other)
    {
        base.GoOnFrom(other);
        _hasMomentum = ((SgdUpdate)other)._hasMomentum;
    }

    public override void SaveSteps(BinaryWriter writer)
    {
        base.SaveSteps(writer);
        writer.Write(_hasMomentum);
    }

    public override void LoadSteps(BinaryReader reader)
    {
        base.LoadSteps(reader);
        _hasMomentum = reader.ReadBoolean();
    }

    public override void Dispose()
    {
        base.Dispose();
        foreach (var scalar in new[] { _rateScalar, _keepScalar, _gainScalar }) scalar.Dispose();
    }

    protected override void Update(double rate, double? momentum)
    {
        var direction = Gradient;
        // A schedule can set the momentum to 0. The momentum buffer then does not change.
        if ((momentum ?? _sgd.Momentum) is var keep and not 0)
        {
            Numbers = _hasMomentum ? new StepNumbers(rate, keep, keep, 1 - _sgd.Dampening) : new StepNumbers(rate, keep, 0, 1);
            // As in PyTorch, the momentum buffer starts with the first gradient.
            if (_hasMomentum) _momentum.mul_(_keepScalar.Of(keep)).add_(Gradient, _gainScalar.Of(1 - _sgd.Dampening));
            else _momentum.copy_(Gradient);
            _hasMomentum = true;
            direction = _sgd.Nesterov ? Gradient.add_(_momentum, _keepScalar.Of(keep)) : _momentum;
        }

        Values.add_(direction, _rateScalar.Of(-rate));
    }
}
