using Microsoft.ML.LrScheduling.Engines.Sparse;
using Microsoft.ML.LrScheduling.Optimizers;
using TorchSharp;

namespace Microsoft.ML.LrScheduling.Engines.Torch;

/// <summary>The step of <see cref="RmsProp"/>.</summary>
internal sealed class RmsPropUpdate : TorchUpdate
{
    private readonly RmsProp _rms;
    private readonly torch.Tensor _squares;
    private readonly torch.Tensor? _mean;
    private readonly torch.Tensor _momentum;
    private readonly torch.Tensor _divisor;
    private readonly HeldScalar _one = new();
    private readonly HeldScalar _minusOne = new();
    private readonly HeldScalar _epsilon = new();
    private readonly HeldScalar _keep = new();
    private readonly HeldScalar _gain = new();
    private readonly HeldScalar _momentumScalar = new();
    private readonly HeldScalar _rate = new();

    public RmsPropUpdate(RmsProp rms, TorchPlace place, torch.Tensor values, torch.Tensor gradient, double decay)
        : base(place, values, gradient, decay)
    {
        (_rms, _squares, _momentum) = (rms, Remember(0), Remember(2));
        _mean = rms.Centered ? Remember(1) : null;
        _divisor = Tensors.Zeros(place, values.shape);
    }

    public override void Dispose()
    {
        base.Dispose();
        _divisor.Dispose();
        foreach (var scalar in new[] { _one, _minusOne, _epsilon, _keep, _gain, _momentumScalar, _rate }) scalar.Dispose();
    }

    protected override void Update(double rate, double? momentum)
    {
        var (keep, gain) = (_keep.Of(_rms.Alpha), _gain.Of(1 - _rms.Alpha));
        _squares.mul_(keep).addcmul_(Gradient, Gradient, gain);
        _divisor.copy_(_squares);
        if (_mean is not null)
        {
            _mean.mul_(keep).add_(Gradient, gain);
            // The variance of equal gradients is zero, and rounding can make it negative.
            _divisor.addcmul_(_mean, _mean, _minusOne.Of(-1)).relu_();
        }

        _divisor.sqrt_().add_(_epsilon.Of(_rms.Epsilon), _one.Of(1));
        if ((momentum ?? _rms.Momentum) is var kept and > 0)
        {
            Numbers = new StepNumbers(rate, kept, 0, 0);
            _momentum.mul_(_momentumScalar.Of(kept)).addcdiv_(Gradient, _divisor, _one.Of(1));
            Values.add_(_momentum, _rate.Of(-rate));
        }
        else
        {
            Values.addcdiv_(Gradient, _divisor, _rate.Of(-rate));
        }
    }
}
